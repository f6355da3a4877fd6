#include "plan/contrast.h"

#include <algorithm>

namespace undertone {
namespace {

constexpr float kTopDb = 80;

// The level that nothing may lie below.
float Lowest(const float* decibels, size_t stride, int64_t frames, size_t columns) {
  float largest = decibels[0];
  for (int64_t t = 0; t < frames; ++t) {
    const float* row = decibels + static_cast<size_t>(t) * stride;
    largest = std::max(largest, *std::max_element(row, row + columns));
  }
  return largest - kTopDb;
}

}  // namespace

void FinishContrast(const float* decibels, size_t decibel_stride, int64_t frames, size_t columns, float* rows,
                    size_t stride) {
  const float lowest_peak = Lowest(decibels, decibel_stride, frames, columns);
  const float lowest_valley = Lowest(decibels + columns, decibel_stride, frames, columns);
  for (int64_t t = 0; t < frames; ++t) {
    const float* peaks = decibels + static_cast<size_t>(t) * decibel_stride;
    const float* valleys = peaks + columns;
    float* row = rows + static_cast<size_t>(t) * stride;
    for (size_t c = 0; c < columns; ++c) {
      row[c] = std::max(peaks[c], lowest_peak) - std::max(valleys[c], lowest_valley);
    }
  }
}

}  // namespace undertone
