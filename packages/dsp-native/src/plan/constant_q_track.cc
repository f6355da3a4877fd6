#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "core/samples.h"
#include "core/status.h"
#include "feature/feature.h"
#include "plan/chroma_track.h"
#include "plan/per_tuning.h"
#include "signal/chroma.h"
#include "signal/constant_q.h"
#include "signal/grid.h"
#include "signal/halve.h"

namespace undertone {
namespace {

// Frames of which all octaves are in memory at once.
constexpr int64_t kBlockFrames = 1024;
constexpr size_t kColumns = signal::kChroma;

// Frames of which nothing but the peaks is wanted.
std::shared_ptr<const FrameRecipe> MakeTuningRecipe(int sample_rate_hz) {
  FrontEndSpec spec{};
  spec.sample_rate_hz = sample_rate_hz;
  spec.frame = kConstantQTuningFrame;
  spec.features = {SpectrumFeature{}};
  auto recipe = std::make_shared<FrameRecipe>(*MakeRecipe(spec));
  recipe->peaks = signal::TuningPeakRange(sample_rate_hz, spec.frame.fft_size);
  recipe->spectrum_column = kAbsent;
  recipe->raw_columns = recipe->columns = 0;
  return recipe;
}

ConstantQTable MakeTable(const signal::ConstantQBank& bank) {
  ConstantQTable table{bank.fft_size, 0, {}, {0}, {}, {}, signal::kChroma};
  int end = 0;
  for (const signal::ConstantQFilter& filter : bank.filters) {
    table.first_spectrum_bin = std::min(table.first_spectrum_bin, filter.first_bin);
    end = std::max(end, filter.first_bin + static_cast<int>(filter.weights.size()));
  }
  table.spectrum_bins = end - table.first_spectrum_bin;
  for (size_t bin = 0; bin < bank.filters.size(); ++bin) {
    const signal::ConstantQFilter& filter = bank.filters[bin];
    table.first_bin.push_back(filter.first_bin - table.first_spectrum_bin);
    for (const auto& weight : filter.weights) table.weights.push_back({weight.real(), weight.imag()});
    table.weight_offset.push_back(static_cast<int>(table.weights.size()));
    table.column.push_back(signal::PitchClassOfBin(static_cast<int>(bin)));
  }
  return table;
}

std::shared_ptr<const FrameRecipe> MakeOctaveRecipe(const signal::ConstantQOctave& octave) {
  const signal::ConstantQBank& bank = *octave.bank;
  auto recipe = std::make_shared<FrameRecipe>();
  recipe->frame = kConstantQTuningFrame;
  recipe->frame.length_samples = recipe->frame.fft_size = bank.fft_size;
  recipe->frame.hop_samples = octave.hop_samples;
  recipe->frame.window = WindowShape::kRectangular;
  recipe->window.assign(static_cast<size_t>(bank.fft_size), 1.0f);
  recipe->descriptor_fft_size = bank.fft_size;
  recipe->constant_q = MakeTable(bank);
  recipe->raw_columns = recipe->columns = recipe->constant_q->columns;
  return recipe;
}

struct Octave {
  int halvings;
  int hop_samples;
  int fft_size;
  float gain;
  std::unique_ptr<const FrameProgram> program;
};

using Transform = std::vector<Octave>;

std::unique_ptr<const Transform> MakeTransform(int rate_hz, int hop_samples, double tuning,
                                               const Backend& backend) {
  auto octaves = std::make_unique<Transform>();
  for (const signal::ConstantQOctave& octave : signal::MakeConstantQ(rate_hz, hop_samples, tuning)) {
    octaves->push_back({octave.halvings, octave.hop_samples, octave.bank->fft_size,
                        static_cast<float>(octave.gain), backend.Prepare(MakeOctaveRecipe(octave))});
  }
  return octaves;
}

// The part of a recording that some frames need, at its own rate and at rates halved again and again.
class Levels {
 public:
  Levels(const Transform& transform, std::span<const float> samples, int64_t first_frame, int64_t frames) {
    Level level;
    level.part = {samples.data(), 0, static_cast<int64_t>(samples.size()),
                  static_cast<int64_t>(samples.size())};
    levels_.push_back(std::move(level));
    PlanRanges(transform, first_frame, frames);
    for (size_t i = 1; i < levels_.size(); ++i) {
      signal::SignalPart& part = levels_[i].part;
      levels_[i].samples.resize(static_cast<size_t>(part.end - part.begin));
      part.samples = levels_[i].samples.data();
      signal::Halve(levels_[i - 1].part, part.begin, part.end, levels_[i].samples.data());
    }
  }

  SignalView View(int halvings) const {
    const signal::SignalPart& part = levels_[static_cast<size_t>(halvings)].part;
    return {part.samples, part.begin, part.end, part.total, 0, 1};
  }

 private:
  struct Level {
    signal::SignalPart part;
    Samples samples;
  };

  // What the frames read of each level, and what the next level is made of.
  void PlanRanges(const Transform& transform, int64_t first_frame, int64_t frames) {
    const int64_t reach = static_cast<int64_t>(signal::HalveReach());
    for (const Octave& octave : transform) {
      while (levels_.size() <= static_cast<size_t>(octave.halvings)) {
        const int64_t total = (levels_.back().part.total + 1) / 2;
        levels_.push_back({{nullptr, total, 0, total}, {}});
      }
      Need(static_cast<size_t>(octave.halvings), first_frame * octave.hop_samples - octave.fft_size / 2,
           (first_frame + frames - 1) * octave.hop_samples + octave.fft_size / 2);
    }
    for (size_t i = levels_.size() - 1; i > 1; --i) {
      const signal::SignalPart& part = levels_[i].part;
      Need(i - 1, 2 * part.begin - reach, 2 * part.end + reach);
    }
  }

  void Need(size_t level, int64_t begin, int64_t end) {
    if (level == 0) return;  // is there as a whole
    signal::SignalPart& part = levels_[level].part;
    part.begin = std::min(part.begin, std::clamp<int64_t>(begin, 0, part.total));
    part.end = std::max({part.begin, part.end, std::clamp<int64_t>(end, 0, part.total)});
  }

  std::vector<Level> levels_;
};

class ConstantQTrack : public Track {
 public:
  ConstantQTrack(ConstantQOutput output, const FrontEndSpec& spec, const Backend& backend)
      : output_(output),
        rate_hz_(spec.sample_rate_hz),
        hop_samples_(spec.frame.hop_samples),
        backend_(backend),
        tuning_program_(backend.Prepare(MakeTuningRecipe(rate_hz_))) {}

  void Run(const Utterance& utterance, float* rows, size_t stride) const override {
    const std::span<const float> samples = utterance.samples;
    const int64_t frames = utterance.frames;
    const std::optional<int> known = utterance.tunings.constant_q_index();
    const int index = known ? *known : TuningIndex(samples);
    const Transform& transform = transforms_.Get(
        index, [&] { return MakeTransform(rate_hz_, hop_samples_, signal::TuningOf(index), backend_); });
    for (int64_t first = 0; first < frames; first += kBlockFrames) {
      const int64_t count = std::min(kBlockFrames, frames - first);
      const std::vector<float> chroma = ChromaOf(transform, samples, first, count);
      for (int64_t t = 0; t < count; ++t) {
        const float* from = chroma.data() + static_cast<size_t>(t) * kColumns;
        float* row = rows + static_cast<size_t>(first + t) * stride;
        if (output_ == ConstantQOutput::kTonnetz) {
          signal::Tonnetz(from, row);
        } else {
          std::copy_n(from, kColumns, row);
        }
      }
    }
  }

 private:
  int TuningIndex(std::span<const float> samples) const {
    Tunings tunings = Tunings::OfConstantQ(rate_hz_);
    const auto total = static_cast<int64_t>(samples.size());
    const FrameRun run{
        {samples.data(), 0, total, total, 0, 1}, 0, FrameCount(total, kConstantQTuningFrame), &tunings};
    tuning_program_->Frames({&run, 1}, nullptr, 0);
    return *tunings.constant_q_index();
  }

  // -> [count][12]
  static std::vector<float> ChromaOf(const Transform& transform, std::span<const float> samples,
                                     int64_t first, int64_t count) {
    const Levels levels(transform, samples, first, count);
    const size_t values = static_cast<size_t>(count) * kColumns;
    std::vector<float> chroma(values);
    Samples octave_rows(values);
    for (const Octave& octave : transform) {
      const FrameRun run{levels.View(octave.halvings), first, count};
      octave.program->Frames({&run, 1}, octave_rows.data(), kColumns);
      for (size_t i = 0; i < values; ++i) chroma[i] += octave.gain * octave_rows[i];
    }
    for (int64_t t = 0; t < count; ++t) {
      signal::NormaliseChroma(chroma.data() + static_cast<size_t>(t) * kColumns);
    }
    return chroma;
  }

  const ConstantQOutput output_;
  const int rate_hz_;
  const int hop_samples_;
  const Backend& backend_;
  const std::unique_ptr<const FrameProgram> tuning_program_;
  const PerTuning<Transform> transforms_;
};

// As settings spell it.
const char* NameOf(Placement placement) {
  switch (placement) {
    case Placement::kSnip:
      return "snip";
    case Placement::kCentre:
      return "centre";
    case Placement::kWhisperCentre:
      return "whisper-centre";
    case Placement::kKaldiCentre:
      return "kaldi-centre";
  }
  return "";
}

}  // namespace

std::unique_ptr<Track> MakeConstantQTrack(ConstantQOutput output, const FrontEndSpec& spec,
                                          const Backend& backend) {
  const std::string name = output == ConstantQOutput::kChroma ? "chroma-cqt" : "tonnetz";
  if (spec.frame.placement != Placement::kCentre) {
    throw Error(StatusCode::kUsage, "Expected \"centre\" for frame.placement, around which " + name +
                                        " is defined, but received \"" + NameOf(spec.frame.placement) +
                                        "\" of type string");
  }
  if (spec.sample_rate_hz < signal::ConstantQLowestRateHz()) {
    throw Error(StatusCode::kUsage, "Expected at least " + std::to_string(signal::ConstantQLowestRateHz()) +
                                        " for sampleRateHz, which the highest bin of " + name +
                                        " needs, but received " + std::to_string(spec.sample_rate_hz) +
                                        " of type number");
  }
  return std::make_unique<ConstantQTrack>(output, spec, backend);
}

}  // namespace undertone
