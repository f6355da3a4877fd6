#include "signal/tuning.h"

#include <algorithm>
#include <cmath>

namespace undertone::signal {
namespace {

constexpr double kLowestHz = 150;
constexpr double kHighestHz = 4000;
// An octave border of the bins: A0.
constexpr double kOctaveHz = 440.0 / 16;

}  // namespace

PeakRange TuningPeakRange(int rate_hz, int fft_size) {
  const double hz_per_bin = static_cast<double>(rate_hz) / fft_size;
  // The outermost bins have one neighbour only and are never peaks.
  const int last = std::max(1, fft_size / 2);
  const auto first_from = [&](double hz) {
    return std::clamp(static_cast<int>(std::ceil(hz / hz_per_bin)), 1, last);
  };
  return {first_from(kLowestHz), first_from(std::min(kHighestHz, rate_hz / 2.0))};
}

Pitch Interpolate(const SpectralPeak& peak, double hz_per_bin) {
  const double slope = (static_cast<double>(peak.above) - peak.below) / 2;
  const double bend = static_cast<double>(peak.above) + peak.below - 2.0 * peak.here;
  // A top outside the three bins is none of theirs.
  const double shift = std::abs(slope) >= std::abs(bend) ? 0 : -slope / bend;
  return {std::log2((peak.bin + shift) * hz_per_bin / kOctaveHz),
          static_cast<float>(peak.here + slope * shift / 2)};
}

void TuningEstimate::Add(const Pitch& pitch) {
  // Distance from the nearest bin of the scale, -0.5 included, in hundredths.
  const double bins = bins_per_octave_ * pitch.octaves + 0.5;
  const int index = static_cast<int>((bins - std::floor(bins)) * kTunings);
  heights_.push_back(pitch.height);
  indices_.push_back(static_cast<uint8_t>(std::min(index, kTunings - 1)));
}

int TuningEstimate::Index() const {
  if (heights_.empty()) return kInTune;
  std::vector<float> order = heights_;
  const auto middle = order.begin() + static_cast<std::ptrdiff_t>(order.size() / 2);
  std::nth_element(order.begin(), middle, order.end());
  float median = *middle;
  if (order.size() % 2 == 0) median = (median + *std::max_element(order.begin(), middle)) / 2;

  int64_t counts[kTunings] = {};
  for (size_t i = 0; i < heights_.size(); ++i) {
    if (heights_[i] >= median) ++counts[indices_[i]];
  }
  return static_cast<int>(std::max_element(counts, counts + kTunings) - counts);
}

}  // namespace undertone::signal
