// The front-end's resolved settings, one struct a group, spelt as in packages/shared/src/settings.ts (which
// alone holds meanings, ranges and defaults). src/napi/parse.cc fills them and has checked every range.
#pragma once

#include <cstdint>
#include <optional>
#include <variant>
#include <vector>

namespace undertone {

enum class Normalise { kNone, kZScore, kPeak };
enum class Placement { kSnip, kCentre, kWhisperCentre, kKaldiCentre };
enum class Padding { kZero, kReflect, kSymmetric };
enum class WindowShape { kHann, kHamming, kBlackman, kPovey, kRectangular };
enum class WindowSymmetry { kPeriodic, kSymmetric };
enum class PreEmphasisScope { kFrame, kSignal };
enum class SpectrumKind { kPower, kMagnitude };
enum class MelScale { kHtk, kSlaney };
enum class MelSlope { kHz, kMel, kBin };
enum class MelNorm { kNone, kSlaney };
enum class LogKind { kLn, kLog10, kDb };
enum class FirstCepstrum { kCepstrum, kOmit, kLogEnergy };
// Whose definition of a descriptor.
enum class Convention { kLibrosa, kPyAudioAnalysis };
enum class DeltaConvention { kLibrosa, kKaldi, kDifference };
enum class StatisticKind {
  kMean,
  kStd,
  kVariance,
  kSkewness,
  kKurtosis,
  kMin,
  kMax,
  kRange,
  kFirst,
  kLast,
  kSlope,
  kPercentile,
  kPercentileRange
};

struct ExcerptSpec {
  int64_t offset_samples;
  std::optional<int64_t> length_samples;
  bool pad;  // only with a length
};

struct GateSpec {
  int64_t window_samples;
  double threshold;
};

struct SamplesSpec {
  double full_scale;
  Normalise normalise;
  std::optional<ExcerptSpec> excerpt = std::nullopt;
  std::optional<GateSpec> gate = std::nullopt;
};

struct FrameSpec {
  int length_samples;
  int hop_samples;
  int fft_size;
  Placement placement;
  Padding padding;
  WindowShape window;
  WindowSymmetry window_symmetry;
  bool remove_dc;
  double pre_emphasis;
  PreEmphasisScope pre_emphasis_scope;
};

struct SpectrumSpec {
  SpectrumKind kind;
  std::optional<int> descriptor_fft_size;
};

struct MelSpec {
  int bands;
  double f_min_hz;
  double f_max_hz;
  MelScale scale;
  MelSlope slope;
  MelNorm norm;
};

// The reference 'max': the largest value of the utterance.
struct ReferenceMax {};

struct LogSpec {
  LogKind kind;
  double floor;
  std::variant<double, ReferenceMax> reference;
  std::optional<double> top_db;
  double add;
  double multiply;
};

struct CepstrumSpec {
  int coefficients;
  FirstCepstrum c0;
  double lifter_length;
  int lifter_first_index;
};

// The features that a row may be made of, one struct a kind.
struct SpectrumFeature {};
struct MelFeature {};
struct LogFeature {};
struct CepstrumFeature {};
struct ZeroCrossingRateFeature {
  Convention convention;
};
struct EnergyFeature {
  bool windowed;
};
struct RmsFeature {
  bool windowed;
};
struct EnergyEntropyFeature {
  int blocks;
  bool windowed;
};
struct CentroidFeature {
  Convention convention;
};
struct BandwidthFeature {
  Convention convention;
};
struct SkewnessFeature {};
struct KurtosisFeature {};
struct SpectralEntropyFeature {
  int blocks;
};
struct FluxFeature {};
struct FlatnessFeature {};
struct RollOffFeature {
  double share;
  Convention convention;
};
struct SlopeFeature {};
struct ContrastFeature {
  double f_min_hz;
  int bands;
  double quantile;
};
struct ChromaFeature {
  SpectrumKind spectrum;
};
struct ChromaCqtFeature {};
struct TonnetzFeature {};
struct PitchFeature {
  double f_min_hz;
  double f_max_hz;
  int frame_samples;
  double trough_threshold;
  double voiced_threshold;
};
using FeatureSpec =
    std::variant<SpectrumFeature, MelFeature, LogFeature, CepstrumFeature, ZeroCrossingRateFeature,
                 EnergyFeature, RmsFeature, EnergyEntropyFeature, CentroidFeature, BandwidthFeature,
                 SkewnessFeature, KurtosisFeature, SpectralEntropyFeature, FluxFeature, FlatnessFeature,
                 RollOffFeature, SlopeFeature, ContrastFeature, ChromaFeature, ChromaCqtFeature,
                 TonnetzFeature, PitchFeature>;

enum class CmvnScope { kUtterance, kSliding };

struct CmvnSpec {
  CmvnScope scope;
  bool normalise_variance;
  int window_frames;
  int min_window_frames;
  bool centre;
};

struct DeltaSpec {
  int order;
  int width;
  DeltaConvention convention;
};

// Percentiles in percent: `percentile`, or from `percentile` to `upper_percentile` of a range.
struct Statistic {
  StatisticKind kind;
  double percentile = 0;
  double upper_percentile = 0;
};

struct SequenceSpec {
  int frames;
};

struct FrontEndSpec {
  int sample_rate_hz;
  SamplesSpec samples;
  FrameSpec frame;
  SpectrumSpec spectrum;
  std::optional<MelSpec> mel;
  std::optional<LogSpec> log;
  std::optional<CepstrumSpec> cepstrum;
  std::vector<FeatureSpec> features;  // empty: the last stage of the chain
  std::optional<CmvnSpec> cmvn;
  std::optional<DeltaSpec> deltas;
  std::vector<Statistic> statistics;
  std::optional<SequenceSpec> sequence;
};

// Number of frequency bins of a frame's spectrum, 0 Hz and (for even sizes) the Nyquist frequency included.
inline int BinCount(const FrameSpec& frame) { return frame.fft_size / 2 + 1; }

// What a row is made of: the features listed, or the last stage of the chain that is set.
inline std::vector<FeatureSpec> RowFeatures(const FrontEndSpec& spec) {
  if (!spec.features.empty()) return spec.features;
  if (spec.cepstrum) return {CepstrumFeature{}};
  if (spec.log) return {LogFeature{}};
  if (spec.mel) return {MelFeature{}};
  return {SpectrumFeature{}};
}

// True when the logarithm depends on the loudest value of the utterance.
inline bool NeedsUtterancePeak(const LogSpec& log) {
  return std::holds_alternative<ReferenceMax>(log.reference) || log.top_db.has_value();
}

}  // namespace undertone
