#include "front_ends.h"

#include <algorithm>
#include <vector>

namespace undertone::test {

FrontEndSpec SpectrumSpecOf(int size) {
  FrontEndSpec spec{};
  spec.sample_rate_hz = 16000;
  spec.samples = {1, Normalise::kNone};
  spec.frame = {size,
                size,
                size,
                Placement::kSnip,
                Padding::kZero,
                WindowShape::kRectangular,
                WindowSymmetry::kPeriodic,
                false,
                0,
                PreEmphasisScope::kFrame};
  spec.spectrum = {SpectrumKind::kPower, std::nullopt};
  return spec;
}

namespace {

Convention RandomConvention(Random& random) {
  return random.Chance() ? Convention::kLibrosa : Convention::kPyAudioAnalysis;
}

// Low, high or in between.
double Within(Random& random, double low, double high) {
  const int choice = random.Below(3);
  if (choice == 2) return low + (high - low) * random.Uniform(0, 1);
  return choice == 0 ? low : high;
}

int Blocks(Random& random, int most) { return static_cast<int>(Within(random, 2, std::clamp(most, 2, 256))); }

// A third of all features.
std::vector<FeatureSpec> RandomFeatures(const FrontEndSpec& spec, Random& random) {
  const int bins = spec.spectrum.descriptor_fft_size.value_or(spec.frame.fft_size) / 2;
  std::vector<FeatureSpec> all{
      SpectrumFeature{},
      ZeroCrossingRateFeature{RandomConvention(random)},
      EnergyFeature{random.Chance()},
      RmsFeature{random.Chance()},
      EnergyEntropyFeature{Blocks(random, spec.frame.length_samples), random.Chance()},
      CentroidFeature{RandomConvention(random)},
      BandwidthFeature{RandomConvention(random)},
      SkewnessFeature{},
      KurtosisFeature{},
      SpectralEntropyFeature{Blocks(random, bins)},
      FluxFeature{},
      FlatnessFeature{},
      RollOffFeature{Within(random, 0.01, 0.99), RandomConvention(random)},
      SlopeFeature{}};
  all.push_back(ChromaFeature{random.Chance() ? SpectrumKind::kPower : SpectrumKind::kMagnitude});
  all.push_back(ContrastFeature{1000, 1 + random.Below(3), Within(random, 0.001, 0.5)});
  // Others would take minutes under a sanitizer.
  const bool few_frames = spec.frame.hop_samples >= 100;
  if (few_frames) {
    all.push_back(PitchFeature{Within(random, 100, 200), Within(random, 300, 4000), 320,
                               Within(random, 0.01, 1), Within(random, 0.01, 1)});
  }
  if (few_frames && spec.frame.placement == Placement::kCentre && random.Chance()) {
    all.insert(all.end(), {ChromaCqtFeature{}, TonnetzFeature{}});
  }
  if (spec.mel) all.push_back(MelFeature{});
  if (spec.log) all.push_back(LogFeature{});
  if (spec.cepstrum) all.push_back(CepstrumFeature{});
  std::vector<FeatureSpec> features;
  for (const FeatureSpec& feature : all) {
    if (random.Below(3) > 0) continue;
    features.insert(features.begin() + random.Below(static_cast<int>(features.size()) + 1), feature);
  }
  return features;
}

// What needs the whole utterance.
void AddAlongUtterance(FrontEndSpec& spec, Random& random) {
  if (random.Below(6) == 0)
    spec.samples.excerpt = {random.Below(100), 5000 + random.Below(2000), random.Chance()};
  if (random.Below(6) == 0) spec.samples.gate = {1 + random.Below(500), 0.0005};
  if (random.Below(4) == 0) {
    spec.cmvn = {static_cast<CmvnScope>(random.Below(2)), random.Chance(), 3 + random.Below(9),
                 1 + random.Below(3), random.Chance()};
  }
  if (random.Below(3) == 0) {
    spec.deltas = {1 + random.Below(2), 3 + 2 * random.Below(50),
                   random.Chance() ? DeltaConvention::kKaldi : DeltaConvention::kDifference};
  }
  if (random.Below(4) == 0) {
    spec.statistics = {{StatisticKind::kMean},
                       {StatisticKind::kKurtosis},
                       {StatisticKind::kLast},
                       {StatisticKind::kSlope},
                       {StatisticKind::kPercentile, 2.5},
                       {StatisticKind::kPercentileRange, 0, 100}};
  } else if (random.Below(4) == 0) {
    spec.sequence = {1 + random.Below(2)};
  }
}

}  // namespace

FrontEndSpec RandomFrontEnd(Random& random) {
  constexpr int kSizes[] = {64, 125, 243, 250, 400, 480, 512, 625};
  constexpr double kPreEmphasis[] = {0, 0, 0.97, 1};
  FrontEndSpec spec = SpectrumSpecOf(random.Pick(kSizes));
  FrameSpec& frame = spec.frame;
  frame.length_samples = 2 + random.Below(frame.fft_size - 1);
  frame.hop_samples = 1 + random.Below(frame.fft_size + 30);
  frame.placement = static_cast<Placement>(random.Below(4));
  frame.padding = static_cast<Padding>(random.Below(3));
  frame.window = static_cast<WindowShape>(random.Below(5));
  frame.window_symmetry = static_cast<WindowSymmetry>(random.Below(2));
  frame.remove_dc = random.Chance();
  frame.pre_emphasis = random.Pick(kPreEmphasis);
  frame.pre_emphasis_scope = static_cast<PreEmphasisScope>(random.Below(2));
  spec.samples.full_scale = random.Chance() ? 1 : 32768;
  spec.spectrum.kind = static_cast<SpectrumKind>(random.Below(2));
  // Half of the front-ends can be computed along a stream.
  const bool streams = random.Chance();
  if (!streams) spec.samples.normalise = static_cast<Normalise>(random.Below(3));
  if (random.Below(3) > 0) {
    spec.mel = {1 + random.Below(6),
                500,
                8000,
                MelScale::kHtk,
                static_cast<MelSlope>(random.Below(2)),
                static_cast<MelNorm>(random.Below(2))};
    if (streams) {
      spec.log = {static_cast<LogKind>(random.Below(3)), 1e-10, 1.0, std::nullopt, 4, 0.25};
    } else {
      spec.log = {LogKind::kDb, 1e-10, ReferenceMax{}, 80.0, 0, 1};
    }
    if (random.Chance()) {
      const int coefficients = 1 + random.Below(spec.mel->bands);
      const auto c0 =
          coefficients > 1 ? static_cast<FirstCepstrum>(random.Below(3)) : FirstCepstrum::kCepstrum;
      spec.cepstrum = {coefficients, c0, random.Chance() ? 22.0 : 0.0, random.Below(2)};
    }
  }
  if (random.Below(3) == 0) {
    do spec.spectrum.descriptor_fft_size = random.Pick(kSizes);
    while (*spec.spectrum.descriptor_fft_size < frame.length_samples);
  }
  if (random.Chance()) spec.features = RandomFeatures(spec, random);
  if (!streams) AddAlongUtterance(spec, random);
  return spec;
}

bool Streams(const FrontEndSpec& spec) {
  const bool tracks = std::any_of(spec.features.begin(), spec.features.end(), [](const FeatureSpec& feature) {
    return std::holds_alternative<ChromaFeature>(feature) ||
           std::holds_alternative<ContrastFeature>(feature) ||
           std::holds_alternative<PitchFeature>(feature) ||
           std::holds_alternative<ChromaCqtFeature>(feature) ||
           std::holds_alternative<TonnetzFeature>(feature);
  });
  return !tracks && spec.samples.normalise == Normalise::kNone && !spec.samples.excerpt &&
         !spec.samples.gate && !(spec.log && NeedsUtterancePeak(*spec.log)) && !spec.cmvn && !spec.deltas &&
         spec.statistics.empty() && !spec.sequence;
}

bool AnyLength(const FrontEndSpec& spec) {
  return spec.statistics.empty() && !spec.sequence && !spec.samples.excerpt && !spec.samples.gate;
}

int64_t EnoughSamples(const FrontEndSpec& spec) {
  return spec.frame.fft_size + 4 * spec.frame.hop_samples + 200;
}

}  // namespace undertone::test
