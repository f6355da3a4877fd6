#include "feature/descriptors.h"

namespace undertone {
namespace {

int FftSize(const FrontEndSpec& spec) {
  return spec.spectrum.descriptor_fft_size.value_or(spec.frame.fft_size);
}

double BinHz(const FrontEndSpec& spec) { return static_cast<double>(spec.sample_rate_hz) / FftSize(spec); }

// librosa: every bin. pyAudioAnalysis: the bins below the Nyquist frequency.
int BinsOf(Convention convention, const FrontEndSpec& spec) {
  return convention == Convention::kLibrosa ? FftSize(spec) / 2 + 1 : FftSize(spec) / 2;
}

// Magnitudes are those of the samples times the frame's length, which the SVM system divides them by.
float SilentMagnitude(const FrontEndSpec& spec) {
  return static_cast<float>(SilentAmplitude(spec) * spec.frame.length_samples);
}
float SilentPower(const FrontEndSpec& spec) {
  const double length = spec.frame.length_samples;
  return static_cast<float>(SilentEnergy(spec) * length * length);
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
    return Spectral(bins, SpectralMomentTable{moment, 0, step, 1});
  }
  const double nyquist = spec.sample_rate_hz / 2.0;
  const auto step = static_cast<float>(nyquist / bins);
  return Spectral(bins, SpectralMomentTable{moment, step, step, static_cast<float>(1 / nyquist)});
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
  return Spectral(bins, BlockEntropyTable{feature.blocks, bins / feature.blocks, SilentPower(spec)});
}

Descriptor MakeDescriptor(const FluxFeature&, const FrontEndSpec& spec) {
  const int bins = BinsOf(Convention::kPyAudioAnalysis, spec);
  return Spectral(bins, FluxTable{static_cast<float>(bins) * SilentMagnitude(spec)});
}

Descriptor MakeDescriptor(const FlatnessFeature&, const FrontEndSpec& spec) {
  return Spectral(BinsOf(Convention::kLibrosa, spec), FlatnessTable{1e-10f});
}

Descriptor MakeDescriptor(const RollOffFeature& feature, const FrontEndSpec& spec) {
  const int bins = BinsOf(feature.convention, spec);
  const bool librosa = feature.convention == Convention::kLibrosa;
  return Spectral(bins,
                  RollOffTable{!librosa, static_cast<float>(feature.share), librosa ? 0 : SilentPower(spec),
                               librosa ? static_cast<float>(BinHz(spec)) : 1.0f / static_cast<float>(bins)});
}

Descriptor MakeDescriptor(const SlopeFeature&, const FrontEndSpec& spec) {
  return Spectral(BinsOf(Convention::kLibrosa, spec), SlopeTable{static_cast<float>(BinHz(spec))});
}

}  // namespace undertone
