#include "plan/cut.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "plan/normalise.h"

namespace undertone {
namespace {

struct Stretch {
  const float* samples;
  int64_t count;
  int64_t zeros;  // behind
};

Stretch Excerpt(const SamplesSpec& spec, const float* samples, int64_t count) {
  if (!spec.excerpt) return {samples, count, 0};
  const int64_t left = count - std::min(spec.excerpt->offset_samples, count);
  const int64_t length = spec.excerpt->length_samples.value_or(left);
  const int64_t taken = std::min(left, length);
  return {samples + (count - left), taken, spec.excerpt->pad && left > 0 ? length - taken : 0};
}

// Calls visit(i) for every sample that the gate lets through.
template <typename Visit>
void PassGate(const GateSpec& gate, const Stretch& stretch, const Visit& visit) {
  const auto magnitude = [&](int64_t i) {
    return i < stretch.count ? std::abs(CleanSample(stretch.samples[i])) : 0.0;
  };
  const int64_t total = stretch.count + stretch.zeros;
  const int64_t ahead = (gate.window_samples - 1) / 2;
  // The window of sample i is [begin, end), cut at both ends of the stretch.
  int64_t end = std::min(total, ahead);
  double sum = 0;
  for (int64_t i = 0; i < end; ++i) sum += magnitude(i);
  for (int64_t i = 0; i < total; ++i) {
    if (end < total) sum += magnitude(end++);
    const int64_t begin = std::max<int64_t>(0, i + ahead + 1 - gate.window_samples);
    if (begin > 0) sum -= magnitude(begin - 1);
    if (sum > gate.threshold * static_cast<double>(end - begin)) visit(i);
  }
}

std::string Shortest(double value) {
  char text[64];
  return {text, std::to_chars(text, text + sizeof text, value, std::chars_format::fixed).ptr};
}

}  // namespace

bool CutsUtterance(const SamplesSpec& spec) { return spec.excerpt || spec.gate; }

int64_t CutLength(const SamplesSpec& spec, const float* samples, int64_t count) {
  const Stretch stretch = Excerpt(spec, samples, count);
  if (!spec.gate) return stretch.count + stretch.zeros;
  int64_t left = 0;
  PassGate(*spec.gate, stretch, [&](int64_t) { ++left; });
  return left;
}

Samples CutUtterance(const SamplesSpec& spec, const float* samples, int64_t count) {
  const Stretch stretch = Excerpt(spec, samples, count);
  Samples cut;
  if (!spec.gate) {
    cut.assign(stretch.samples, stretch.samples + stretch.count);
    cut.resize(static_cast<size_t>(stretch.count + stretch.zeros), 0.0f);
    return cut;
  }
  cut.resize(static_cast<size_t>(stretch.count + stretch.zeros));
  float* to = cut.data();
  PassGate(*spec.gate, stretch, [&](int64_t i) { *to++ = i < stretch.count ? stretch.samples[i] : 0.0f; });
  cut.resize(static_cast<size_t>(to - cut.data()));
  return cut;
}

std::string LackingSamples(const SamplesSpec& spec, int64_t count, int64_t left) {
  if (left > 0 || !CutsUtterance(spec)) return "";
  const std::string samples = std::to_string(count) + " samples; ";
  if (spec.excerpt && count <= spec.excerpt->offset_samples) {
    return samples + "samples.excerpt.offsetSamples " + std::to_string(spec.excerpt->offset_samples) +
           " leaves none";
  }
  if (!spec.gate) return samples + "nothing is left of it";
  return samples + "no moving mean is above samples.gate.threshold " + Shortest(spec.gate->threshold) +
         ", which leaves none";
}

}  // namespace undertone
