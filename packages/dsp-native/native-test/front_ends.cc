#include "front_ends.h"

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
  if (!streams) AddAlongUtterance(spec, random);
  return spec;
}

bool Streams(const FrontEndSpec& spec) {
  return spec.samples.normalise == Normalise::kNone && !spec.samples.excerpt && !spec.samples.gate &&
         !(spec.log && NeedsUtterancePeak(*spec.log)) && !spec.cmvn && !spec.deltas &&
         spec.statistics.empty() && !spec.sequence;
}

bool AnyLength(const FrontEndSpec& spec) {
  return spec.statistics.empty() && !spec.sequence && !spec.samples.excerpt && !spec.samples.gate;
}

int64_t EnoughSamples(const FrontEndSpec& spec) {
  return spec.frame.fft_size + 4 * spec.frame.hop_samples + 200;
}

}  // namespace undertone::test
