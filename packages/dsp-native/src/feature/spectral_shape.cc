#include "feature/descriptors.h"

namespace undertone {
namespace {

// Of pyAudioAnalysis.
constexpr float kEpsilon = 1e-7f;
// Smallest normal float32: below it a spectrum counts as empty (librosa.util.tiny).
constexpr float kTiny = 1.17549435e-38f;

int FftSize(const FrontEndSpec& spec) {
  return spec.spectrum.descriptor_fft_size.value_or(spec.frame.fft_size);
}

double BinHz(const FrontEndSpec& spec) { return static_cast<double>(spec.sample_rate_hz) / FftSize(spec); }

// librosa: every bin, magnitudes as they are. pyAudioAnalysis: bins below the Nyquist frequency, magnitudes
// divided by the frame length.
int BinsOf(Convention convention, const FrontEndSpec& spec) {
  return convention == Convention::kLibrosa ? FftSize(spec) / 2 + 1 : FftSize(spec) / 2;
}

float ScaleOf(Convention convention, const FrontEndSpec& spec) {
  return convention == Convention::kLibrosa ? 1.0f : 1.0f / static_cast<float>(spec.frame.length_samples);
}

Descriptor Spectral(int bins, DescriptorTable table) {
  return {DescriptorDomain::kSpectrum, bins, kAbsent, std::move(table)};
}

// pyAudioAnalysis counts bins from 1, spaces them by Nyquist / bins and gives shares of the Nyquist
// frequency.
Descriptor Moment(SpectralMoment moment, Convention convention, const FrontEndSpec& spec) {
  const int bins = BinsOf(convention, spec);
  if (convention == Convention::kLibrosa) {
    const auto step = static_cast<float>(BinHz(spec));
    return Spectral(bins, SpectralMomentTable{moment, 0, step, kTiny, 1, false, 1});
  }
  const double nyquist = spec.sample_rate_hz / 2.0;
  const auto step = static_cast<float>(nyquist / bins);
  return Spectral(bins, SpectralMomentTable{moment, step, step, kEpsilon, ScaleOf(convention, spec), true,
                                            static_cast<float>(1 / nyquist)});
}

}  // namespace

Descriptor MakeDescriptor(const CentroidFeature& feature, const FrontEndSpec& spec) {
  return Moment(SpectralMoment::kCentroid, feature.convention, spec);
}

Descriptor MakeDescriptor(const BandwidthFeature& feature, const FrontEndSpec& spec) {
  return Moment(SpectralMoment::kBandwidth, feature.convention, spec);
}

Descriptor MakeDescriptor(const SkewnessFeature&, const FrontEndSpec& spec) {
  return Moment(SpectralMoment::kSkewness, Convention::kLibrosa, spec);
}

Descriptor MakeDescriptor(const KurtosisFeature&, const FrontEndSpec& spec) {
  return Moment(SpectralMoment::kKurtosis, Convention::kLibrosa, spec);
}

Descriptor MakeDescriptor(const SpectralEntropyFeature& feature, const FrontEndSpec& spec) {
  const int bins = BinsOf(Convention::kPyAudioAnalysis, spec);
  return Spectral(bins, BlockEntropyTable{feature.blocks, bins / feature.blocks, kEpsilon,
                                          ScaleOf(Convention::kPyAudioAnalysis, spec)});
}

Descriptor MakeDescriptor(const FluxFeature&, const FrontEndSpec& spec) {
  return Spectral(BinsOf(Convention::kPyAudioAnalysis, spec),
                  FluxTable{kEpsilon, ScaleOf(Convention::kPyAudioAnalysis, spec)});
}

Descriptor MakeDescriptor(const FlatnessFeature&, const FrontEndSpec& spec) {
  return Spectral(BinsOf(Convention::kLibrosa, spec), FlatnessTable{1e-10f});
}

Descriptor MakeDescriptor(const RollOffFeature& feature, const FrontEndSpec& spec) {
  const int bins = BinsOf(feature.convention, spec);
  const bool librosa = feature.convention == Convention::kLibrosa;
  return Spectral(bins,
                  RollOffTable{!librosa, static_cast<float>(feature.share), librosa ? 0 : kEpsilon,
                               ScaleOf(feature.convention, spec),
                               librosa ? static_cast<float>(BinHz(spec)) : 1.0f / static_cast<float>(bins)});
}

Descriptor MakeDescriptor(const SlopeFeature&, const FrontEndSpec& spec) {
  return Spectral(BinsOf(Convention::kLibrosa, spec), SlopeTable{static_cast<float>(BinHz(spec))});
}

}  // namespace undertone
