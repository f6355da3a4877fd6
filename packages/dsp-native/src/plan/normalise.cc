#include "plan/normalise.h"

#include <algorithm>
#include <cmath>

namespace undertone {
namespace {

double Mean(const float* samples, int64_t count) {
  double sum = 0;
  for (int64_t i = 0; i < count; ++i) sum += CleanSample(samples[i]);
  return sum / static_cast<double>(count);
}

double Deviation(const float* samples, int64_t count, double mean) {
  double sum = 0;
  for (int64_t i = 0; i < count; ++i) {
    const double difference = CleanSample(samples[i]) - mean;
    sum += difference * difference;
  }
  return std::sqrt(sum / static_cast<double>(count));
}

double Peak(const float* samples, int64_t count) {
  double peak = 0;
  for (int64_t i = 0; i < count; ++i) peak = std::max(peak, std::abs(CleanSample(samples[i])));
  return peak;
}

// 1 / size, or 0 where that is nothing but rounding: 1e-9 of the mean is below what a float32 sample can
// tell.
float InverseOrZero(double size, double mean) {
  return size > 1e-30 + 1e-9 * std::abs(mean) ? static_cast<float>(1 / size) : 0.0f;
}

}  // namespace

SignalView ViewUtterance(const SamplesSpec& spec, const float* samples, int64_t count) {
  SignalView view{samples, 0, count, count, 0, static_cast<float>(spec.full_scale)};
  if (count == 0 || spec.normalise == Normalise::kNone) return view;
  if (spec.normalise == Normalise::kPeak) {
    view.scale = InverseOrZero(Peak(samples, count), 0);
    return view;
  }
  const double mean = Mean(samples, count);
  view.shift = static_cast<float>(mean);
  view.scale = InverseOrZero(Deviation(samples, count, mean), mean);
  return view;
}

Samples ConditionedSamples(const SignalView& signal) {
  Samples samples(static_cast<size_t>(signal.total));
  for (size_t i = 0; i < samples.size(); ++i) {
    samples[i] = (static_cast<float>(CleanSample(signal.samples[i])) - signal.shift) * signal.scale;
  }
  return samples;
}

}  // namespace undertone
