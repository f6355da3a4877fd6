#include "plan/chroma_track.h"

#include "feature/feature.h"
#include "plan/per_tuning.h"
#include "signal/chroma.h"

namespace undertone {
namespace {

// Settings of rows that are the spectrum.
FrontEndSpec SpectrumOnly(FrontEndSpec spec, SpectrumKind kind) {
  spec.spectrum = {kind, std::nullopt};
  spec.mel.reset();
  spec.log.reset();
  spec.cepstrum.reset();
  spec.features = {SpectrumFeature{}};
  return spec;
}

class ChromaTrack : public Track {
 public:
  ChromaTrack(const ChromaFeature& feature, const FrontEndSpec& spec, const Backend& backend)
      : rate_hz_(spec.sample_rate_hz),
        recipe_(MakeRecipe(SpectrumOnly(spec, feature.spectrum))),
        backend_(backend) {}

  void Run(const Utterance& utterance, float* rows, size_t stride) const override {
    const int index = utterance.tunings.chroma_index();
    const FrameProgram& program = programs_.Get(index, [&] { return MakeProgram(index); });
    const auto total = static_cast<int64_t>(utterance.samples.size());
    const FrameRun run{{utterance.samples.data(), 0, total, total, 0, 1}, 0, utterance.frames};
    program.Frames({&run, 1}, rows, stride);
    for (int64_t t = 0; t < utterance.frames; ++t) {
      signal::NormaliseChroma(rows + static_cast<size_t>(t) * stride);
    }
  }

 private:
  std::unique_ptr<const FrameProgram> MakeProgram(int index) const {
    auto recipe = std::make_shared<FrameRecipe>(*recipe_);
    recipe->chroma_weights =
        signal::MakeChromaFilters(rate_hz_, recipe->frame.fft_size, signal::TuningOf(index));
    recipe->spectrum_column = kAbsent;
    recipe->raw_columns = recipe->columns = signal::kChroma;
    return backend_.Prepare(std::move(recipe));
  }

  const int rate_hz_;
  const std::shared_ptr<const FrameRecipe> recipe_;
  const Backend& backend_;
  const PerTuning<FrameProgram> programs_;
};

}  // namespace

std::unique_ptr<Track> MakeChromaTrack(const ChromaFeature& feature, const FrontEndSpec& spec,
                                       const Backend& backend) {
  return std::make_unique<ChromaTrack>(feature, spec, backend);
}

}  // namespace undertone
