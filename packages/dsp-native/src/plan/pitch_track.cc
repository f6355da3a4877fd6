#include "plan/pitch_track.h"

#include "signal/grid.h"
#include "signal/pitch.h"

namespace undertone {
namespace {

class PitchTrack : public Track {
 public:
  PitchTrack(const signal::PitchSettings& settings, const FrameSpec& frame)
      : tracker_(settings), frame_(frame) {}

  void Run(const Utterance& utterance, float* rows, size_t stride) const override {
    const int64_t first_centre = FrameStart(0, frame_) + frame_.length_samples / 2;
    const auto total = static_cast<int64_t>(utterance.samples.size());
    tracker_.Run(utterance.samples.data(), total, first_centre, frame_.hop_samples, utterance.frames, rows,
                 stride);
  }

 private:
  const signal::PitchTracker tracker_;
  const FrameSpec frame_;
};

}  // namespace

std::unique_ptr<Track> MakePitchTrack(const PitchFeature& feature, const FrontEndSpec& spec) {
  const signal::PitchSettings settings = {spec.sample_rate_hz,      feature.f_min_hz,
                                          feature.f_max_hz,         feature.frame_samples,
                                          feature.trough_threshold, feature.voiced_threshold};
  return std::make_unique<PitchTrack>(settings, spec.frame);
}

}  // namespace undertone
