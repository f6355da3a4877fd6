#include "plan/tunings.h"

#include <cmath>

#include "signal/chroma.h"
#include "signal/constant_q.h"

namespace undertone {

const FrameSpec kConstantQTuningFrame{.length_samples = 2048,
                                      .hop_samples = 512,
                                      .fft_size = 2048,
                                      .placement = Placement::kCentre,
                                      .padding = Padding::kZero,
                                      .window = WindowShape::kHann,
                                      .window_symmetry = WindowSymmetry::kPeriodic,
                                      .remove_dc = false,
                                      .pre_emphasis = 0,
                                      .pre_emphasis_scope = PreEmphasisScope::kFrame};

namespace {

bool TellsConstantQ(const FrameSpec& frame) {
  const FrameSpec& wanted = kConstantQTuningFrame;
  return frame.length_samples == wanted.length_samples && frame.hop_samples == wanted.hop_samples &&
         frame.fft_size == wanted.fft_size && frame.placement == wanted.placement &&
         frame.padding == wanted.padding && frame.window == wanted.window &&
         frame.window_symmetry == wanted.window_symmetry && !frame.remove_dc && frame.pre_emphasis == 0;
}

}  // namespace

Tunings::Tunings(const FrontEndSpec& spec)
    : hz_per_bin_(static_cast<double>(spec.sample_rate_hz) / spec.frame.fft_size) {
  for (const FeatureSpec& feature : spec.features) {
    if (const auto* chroma = std::get_if<ChromaFeature>(&feature)) {
      chroma_spectrum_ = chroma->spectrum;
      chroma_.emplace(signal::kChroma);
    }
    const bool constant_q =
        std::holds_alternative<ChromaCqtFeature>(feature) || std::holds_alternative<TonnetzFeature>(feature);
    if (constant_q && TellsConstantQ(spec.frame)) constant_q_.emplace(signal::kBinsPerOctave);
  }
}

Tunings Tunings::OfConstantQ(int sample_rate_hz) {
  Tunings tunings(static_cast<double>(sample_rate_hz) / kConstantQTuningFrame.fft_size);
  tunings.constant_q_.emplace(signal::kBinsPerOctave);
  return tunings;
}

// A tenth of the largest value is the threshold of powers and of magnitudes alike: the sink's is the lower
// one, of magnitudes.
void Tunings::Add(const signal::SpectralPeak& peak, float largest) {
  const bool of_power = chroma_ && chroma_spectrum_ == SpectrumKind::kPower;
  if (of_power && peak.here > 0.1f * largest) chroma_->Add(signal::Interpolate(peak, hz_per_bin_));
  if (of_power && !constant_q_) return;
  const signal::Pitch pitch = signal::Interpolate(
      {peak.bin, std::sqrt(peak.below), std::sqrt(peak.here), std::sqrt(peak.above)}, hz_per_bin_);
  if (chroma_ && !of_power) chroma_->Add(pitch);
  if (constant_q_) constant_q_->Add(pitch);
}

std::optional<int> Tunings::constant_q_index() const {
  if (!constant_q_) return std::nullopt;
  return constant_q_->Index();
}

}  // namespace undertone
