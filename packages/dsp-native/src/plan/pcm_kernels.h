// Passes over decoded samples, vectorised once an instruction set.
#pragma once

#include <cstddef>
#include <cstdint>

namespace undertone {

// NaN, infinity and values beyond ±2^32 become 0. Returns how many of the samples then are at `level` or
// beyond.
uint32_t CleanAndCount(float* samples, size_t count, float level);

// to[i] = (to[i] + from[i]) · share
void MixIn(float* to, const float* from, size_t count, float share);

// Sums over two channels: Σx², Σy², Σx·y.
struct TwinSums {
  double first = 0;
  double second = 0;
  double product = 0;
};
TwinSums SumTwins(const float* first, const float* second, size_t count);

// Σx²
double SumSquares(const float* samples, size_t count);

}  // namespace undertone
