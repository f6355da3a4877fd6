// The descriptors of a frame: settings in, tables for the kernels out. `raw_column` is left to the caller.
#pragma once

#include "feature/recipe.h"

namespace undertone {

// What counts as silence in descriptors that follow pyAudioAnalysis, in amplitudes of 16 bits: the SVM
// reference system (a copy of its formulas) adds 1e-7 to energies and magnitudes. pyAudioAnalysis itself adds
// float64's epsilon at a full scale of 1; samples of 16 bits do not tell the two apart.
constexpr double kSilence = 1e-7;
inline double SilentAmplitude(const FrontEndSpec& spec) { return kSilence * spec.samples.full_scale / 32768; }
inline double SilentEnergy(const FrontEndSpec& spec) {
  return SilentAmplitude(spec) * spec.samples.full_scale / 32768;
}

// time_domain.cc
Descriptor MakeDescriptor(const ZeroCrossingRateFeature& feature, const FrontEndSpec& spec);
Descriptor MakeDescriptor(const EnergyFeature& feature, const FrontEndSpec& spec);
Descriptor MakeDescriptor(const RmsFeature& feature, const FrontEndSpec& spec);
Descriptor MakeDescriptor(const EnergyEntropyFeature& feature, const FrontEndSpec& spec);

// spectral_shape.cc
Descriptor MakeDescriptor(const CentroidFeature& feature, const FrontEndSpec& spec);
Descriptor MakeDescriptor(const BandwidthFeature& feature, const FrontEndSpec& spec);
Descriptor MakeDescriptor(const SkewnessFeature& feature, const FrontEndSpec& spec);
Descriptor MakeDescriptor(const KurtosisFeature& feature, const FrontEndSpec& spec);
Descriptor MakeDescriptor(const SpectralEntropyFeature& feature, const FrontEndSpec& spec);
Descriptor MakeDescriptor(const FluxFeature& feature, const FrontEndSpec& spec);
Descriptor MakeDescriptor(const FlatnessFeature& feature, const FrontEndSpec& spec);
Descriptor MakeDescriptor(const RollOffFeature& feature, const FrontEndSpec& spec);
Descriptor MakeDescriptor(const SlopeFeature& feature, const FrontEndSpec& spec);

// contrast.cc
Descriptor MakeDescriptor(const ContrastFeature& feature, const FrontEndSpec& spec);

}  // namespace undertone
