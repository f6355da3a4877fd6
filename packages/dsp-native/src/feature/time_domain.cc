#include "feature/descriptors.h"

namespace undertone {
namespace {

DescriptorDomain SampleDomain(bool windowed) {
  return windowed ? DescriptorDomain::kWindowed : DescriptorDomain::kSamples;
}

}  // namespace

// librosa takes up to 1e-10 of the full scale for 0 and divides by the frame length, pyAudioAnalysis by the
// pairs of samples in it.
Descriptor MakeDescriptor(const ZeroCrossingRateFeature& feature, const FrontEndSpec& spec) {
  const auto length = static_cast<float>(spec.frame.length_samples);
  const bool librosa = feature.convention == Convention::kLibrosa;
  const float threshold = librosa ? static_cast<float>(1e-10 * spec.samples.full_scale) : 0.0f;
  return {DescriptorDomain::kSamples, 0, kAbsent,
          ZeroCrossingTable{!librosa, threshold, librosa ? 1 / length : 1 / (length - 1)}};
}

Descriptor MakeDescriptor(const EnergyFeature& feature, const FrontEndSpec&) {
  return {SampleDomain(feature.windowed), 0, kAbsent, MeanSquareTable{false}};
}

Descriptor MakeDescriptor(const RmsFeature& feature, const FrontEndSpec&) {
  return {SampleDomain(feature.windowed), 0, kAbsent, MeanSquareTable{true}};
}

Descriptor MakeDescriptor(const EnergyEntropyFeature& feature, const FrontEndSpec& spec) {
  return {SampleDomain(feature.windowed), 0, kAbsent,
          BlockEntropyTable{feature.blocks, spec.frame.length_samples / feature.blocks,
                            static_cast<float>(SilentEnergy(spec))}};
}

}  // namespace undertone
