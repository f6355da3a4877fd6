// Every FFT size against the definition of the DFT, and the logarithm against the C library.
#include <algorithm>
#include <cmath>
#include <complex>
#include <cstdint>
#include <cstdio>
#include <numbers>
#include <vector>

#include "backend/backend.h"
#include "expect.h"
#include "front_ends.h"
#include "plan/plan.h"
#include "tests.h"

namespace undertone::test {
namespace {

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
double DftError(int size, Random& random) {
  std::vector<float> samples(static_cast<size_t>(size));
  for (float& x : samples) x = random.Uniform(-1, 1);
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
  Random random(1);
  for (int size = 2; size <= 2048; ++size) {
    if (!IsSmooth(size) || (size > 1000 && size % 4 == 0 && size != 2048)) continue;
    const double error = DftError(size, random);
    Expect(error <= 5e-7, "FFT of size %d: error %g of the loudest bin", size, error);
  }
}

// A two-point frame (a, 0) has bins a and a, so the feature is the logarithm of the float32 product a * a.
void TestLogarithm() {
  FrontEndSpec spec = SpectrumSpecOf(2);
  spec.log = {LogKind::kLn, 1e-37, 1.0, std::nullopt, 0, 1};
  Random random(2);
  std::vector<float> samples;
  for (int i = 0; i < 200000; ++i) {
    // Half of them near 1, where the logarithm is small.
    const float exponent = random.Uniform(-18, 18);
    const float a = i % 2 ? std::pow(10.0f, exponent) : 1.0f + exponent * 1e-3f;
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
  Expect(worst <= 2, "logarithm: %g ulp, limit 2", worst);
}

}  // namespace

void TestSpectrum() {
  TestFft();
  TestLogarithm();
}

}  // namespace undertone::test
