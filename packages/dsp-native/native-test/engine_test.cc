// The engine without Node: every FFT size against the definition of the DFT, the logarithm against the C
// library, and random front-ends over exactly sized heap blocks, for AddressSanitizer and valgrind to watch.
//
//   cmake -S . -B build/native-test -DUNDERTONE_NATIVE_TESTS=ON [-DUNDERTONE_SANITIZE=address,undefined]
//   cmake --build build/native-test -j2 && ctest --test-dir build/native-test
//
// UNDERTONE_ISA picks the instruction set. Exit status 1 and a line per failure when something is wrong.
#include <algorithm>
#include <cmath>
#include <complex>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <numbers>
#include <random>
#include <vector>

#include "backend/backend.h"
#include "backend/cpu/isa.h"
#include "core/front_end.h"
#include "core/status.h"
#include "plan/plan.h"
#include "signal/grid.h"
#include "signal/pitch.h"

namespace undertone {
namespace {

int failures = 0;

void Expect(bool condition, const char* what, double value, double limit) {
  if (condition) return;
  std::printf("FAILED %s: %g, limit %g\n", what, value, limit);
  ++failures;
}

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

std::vector<float> Extract(const FrontEndSpec& spec, const std::vector<float>& samples) {
  const Plan plan(spec, GetBackend("cpu"));
  const std::vector<int64_t> offsets{0, static_cast<int64_t>(samples.size())};
  std::vector<float> features(static_cast<size_t>(plan.RowOffsets(samples.data(), offsets).back()) *
                              plan.columns());
  plan.Extract(samples.data(), offsets, features.data());
  return features;
}

bool IsSmooth(int n) {
  for (const int prime : {2, 3, 5}) {
    while (n % prime == 0) n /= prime;
  }
  return n == 1;
}

// Largest error of a magnitude, relative to the frame's loudest bin.
double DftError(int size, std::mt19937& random) {
  std::uniform_real_distribution<float> uniform(-1, 1);
  std::vector<float> samples(static_cast<size_t>(size));
  for (float& x : samples) x = uniform(random);
  const std::vector<float> power = Extract(SpectrumSpecOf(size), samples);
  double worst = 0;
  double loudest = 0;
  for (int k = 0; k <= size / 2; ++k) {
    std::complex<double> sum = 0;
    for (int n = 0; n < size; ++n) {
      const double angle = -2 * std::numbers::pi * (static_cast<int64_t>(k) * n % size) / size;
      sum += static_cast<double>(samples[static_cast<size_t>(n)]) * std::polar(1.0, angle);
    }
    worst = std::max(worst, std::abs(std::sqrt(power[static_cast<size_t>(k)]) - std::abs(sum)));
    loudest = std::max(loudest, std::abs(sum));
  }
  return worst / loudest;
}

void TestFft() {
  std::mt19937 random(1);
  for (int size = 2; size <= 2048; ++size) {
    if (!IsSmooth(size) || (size > 1000 && size % 4 == 0 && size != 2048)) continue;
    const double error = DftError(size, random);
    if (error > 5e-7) std::printf("size %d\n", size);
    Expect(error <= 5e-7, "FFT error against the loudest bin", error, 5e-7);
  }
}

// A two-point frame (a, 0) has bins a and a, so the feature is the logarithm of the float32 product a * a.
void TestLogarithm() {
  FrontEndSpec spec = SpectrumSpecOf(2);
  spec.log = {LogKind::kLn, 1e-37, 1.0, std::nullopt, 0, 1};
  std::mt19937 random(2);
  std::uniform_real_distribution<float> exponent(-18, 18);
  std::vector<float> samples;
  for (int i = 0; i < 200000; ++i) {
    // Half of them near 1, where the logarithm is small.
    const float a = i % 2 ? std::pow(10.0f, exponent(random)) : 1.0f + exponent(random) * 1e-3f;
    samples.insert(samples.end(), {a, 0.0f});
  }
  const std::vector<float> logs = Extract(spec, samples);
  double worst = 0;
  for (size_t i = 0; i < logs.size(); ++i) {
    const float a = std::min(samples[i / 2 * 2], kLargestSample);
    const double exact = std::log(static_cast<double>(std::max(a * a, 1e-37f)));
    const float rounded = static_cast<float>(std::abs(exact));
    const double ulp = std::nextafter(rounded, INFINITY) - rounded;
    worst = std::max(worst, std::abs(logs[i] - exact) / ulp);
  }
  std::printf("logarithm: %.2f ulp\n", worst);
  Expect(worst <= 2, "ulp of the logarithm", worst, 2);
}

FrontEndSpec RandomSpec(std::mt19937& random) {
  const auto below = [&](int n) { return static_cast<int>(random() % static_cast<unsigned>(n)); };
  constexpr int kSizes[] = {64, 125, 243, 250, 400, 480, 512, 625};
  FrontEndSpec spec = SpectrumSpecOf(kSizes[below(8)]);
  FrameSpec& frame = spec.frame;
  frame.length_samples = 2 + below(frame.fft_size - 1);
  frame.hop_samples = 1 + below(frame.fft_size + 30);
  frame.placement = static_cast<Placement>(below(4));
  frame.padding = static_cast<Padding>(below(3));
  frame.remove_dc = below(2) == 1;
  frame.pre_emphasis = below(2) == 1 ? 0.97 : 0;
  frame.pre_emphasis_scope = static_cast<PreEmphasisScope>(below(2));
  spec.samples.normalise = static_cast<Normalise>(below(3));
  if (below(3) > 0) {
    spec.mel = {1 + below(6), 500, 8000, MelScale::kHtk, static_cast<MelSlope>(below(2)), MelNorm::kSlaney};
    spec.log = {LogKind::kDb, 1e-10, ReferenceMax{}, 80.0, 4, 0.25};
    if (below(2) == 1) spec.cepstrum = {1 + below(spec.mel->bands), FirstCepstrum::kLogEnergy, 22, 0};
  }
  if (below(3) == 0) {
    spec.features = {ChromaFeature{static_cast<SpectrumKind>(below(2))},
                     ContrastFeature{1000, 1 + below(3), 0.3}};
    if (spec.mel) spec.features.push_back(MelFeature{});
    if (frame.placement == Placement::kCentre) {
      spec.features.insert(spec.features.begin(), {ChromaCqtFeature{}, TonnetzFeature{}});
    }
  }
  if (below(6) == 0) spec.samples.excerpt = {below(100), 5000 + below(2000), below(2) == 1};
  if (below(6) == 0) spec.samples.gate = {1 + below(500), 0.0005};
  if (below(4) == 0) {
    spec.cmvn = {static_cast<CmvnScope>(below(2)), below(2) == 1, 3 + below(9), 1 + below(3), below(2) == 1};
  }
  if (below(3) == 0) {
    spec.deltas = {1 + below(2), 5, below(2) == 1 ? DeltaConvention::kKaldi : DeltaConvention::kDifference};
  }
  if (below(4) == 0) {
    spec.statistics = {{StatisticKind::kMean},
                       {StatisticKind::kKurtosis},
                       {StatisticKind::kLast},
                       {StatisticKind::kSlope},
                       {StatisticKind::kPercentile, 2.5},
                       {StatisticKind::kPercentileRange, 0, 100}};
  } else if (below(4) == 0) {
    spec.sequence = {1 + below(2)};
  }
  return spec;
}

// Samples of which nothing is too short, whatever the settings.
int64_t EnoughSamples(const FrontEndSpec& spec) {
  const bool any_length =
      spec.statistics.empty() && !spec.sequence && !spec.samples.excerpt && !spec.samples.gate;
  return any_length ? 0 : spec.frame.fft_size + 4 * spec.frame.hop_samples + 200;
}

void TestRandomFrontEnds() {
  std::mt19937 random(3);
  for (int i = 0; i < 400; ++i) {
    const FrontEndSpec spec = RandomSpec(random);
    std::vector<int64_t> offsets{0};
    for (int u = 0; u < 4; ++u) {
      offsets.push_back(offsets.back() + EnoughSamples(spec) + static_cast<int64_t>(random() % 3000));
    }
    const auto samples = std::make_unique<float[]>(static_cast<size_t>(offsets.back()));
    std::generate_n(samples.get(), offsets.back(),
                    [&] { return static_cast<float>(random() % 2001) / 1000 - 1; });
    const Plan plan(spec, GetBackend("cpu"));
    const size_t size = static_cast<size_t>(plan.RowOffsets(samples.get(), offsets).back()) * plan.columns();
    const auto features = std::make_unique<float[]>(size);
    plan.Extract(samples.get(), offsets, features.get());
    const bool finite =
        std::all_of(features.get(), features.get() + size, [](float x) { return std::isfinite(x); });
    Expect(finite, "front-end with finite features", i, 0);
  }
}

// Random pitch settings over exactly sized blocks, and settings that must be refused.
void TestPitch() {
  std::mt19937 random(4);
  const auto below = [&](int n) { return static_cast<int>(random() % static_cast<unsigned>(n)); };
  for (int i = 0; i < 100; ++i) {
    const double f_min = 20 + below(200);
    const int lag = static_cast<int>(std::ceil(16000 / f_min));
    const signal::PitchTracker tracker(
        {16000, f_min, f_min + 1 + below(3000), std::max(16, 2 * lag) + below(300), 0.1, 0.45});
    const int64_t count = below(3000);
    const int64_t hop = 1 + below(i % 2 ? 3000 : 200);
    const int64_t frames = 1 + count / hop;
    const auto samples = std::make_unique<float[]>(static_cast<size_t>(count));
    std::generate_n(samples.get(), count, [&] { return static_cast<float>(below(2001)) / 1000 - 1; });
    const size_t size = static_cast<size_t>(frames) * signal::kPitchColumns;
    const auto rows = std::make_unique<float[]>(size);
    tracker.Run(samples.get(), count, below(200) - 100, hop, frames, rows.get(), signal::kPitchColumns);
    const bool finite = std::all_of(rows.get(), rows.get() + size, [](float x) { return std::isfinite(x); });
    Expect(finite, "pitch is finite", i, 0);
  }
  constexpr signal::PitchSettings kRefused[] = {
      {16000, 65, 500, 493, 0.1, 0.45}, {16000, 65, 4001, 512, 0.1, 0.45}, {16000, 500, 500, 512, 0.1, 0.45}};
  for (const signal::PitchSettings& settings : kRefused) {
    bool refused = false;
    try {
      const signal::PitchTracker tracker(settings);
    } catch (const Error& error) {
      refused = error.code() == StatusCode::kUsage;
    }
    Expect(refused, "pitch settings refused", settings.f_max_hz, 0);
  }
}

}  // namespace
}  // namespace undertone

int main() {
  try {
    std::printf("instruction set: %s\n", undertone::SelectIsa().name);
  } catch (const undertone::Error& error) {
    std::printf("%s\n", error.what());
    constexpr int kSkipped = 77;
    return error.code() == undertone::StatusCode::kUnsupportedDevice ? kSkipped : 1;
  }
  undertone::TestFft();
  undertone::TestLogarithm();
  undertone::TestRandomFrontEnds();
  undertone::TestPitch();
  std::printf("%d failures\n", undertone::failures);
  return undertone::failures == 0 ? 0 : 1;
}
