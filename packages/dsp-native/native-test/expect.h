// What every native test needs: a check that counts, seeded random numbers, and made-up signals.
#pragma once

#include <cstdarg>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <random>

namespace undertone::test {

inline int failures = 0;

// Prints a line for a failure and goes on.
[[gnu::format(printf, 2, 3)]] inline void Expect(bool condition, const char* what, ...) {
  if (condition) return;
  ++failures;
  std::va_list values;
  va_start(values, what);
  std::fputs("FAILED ", stdout);
  std::vprintf(what, values);
  std::fputc('\n', stdout);
  va_end(values);
}

class Random {
 public:
  explicit Random(unsigned seed) : engine_(seed) {}
  // Uniform integer in [0, n).
  int Below(int n) { return static_cast<int>(engine_() % static_cast<unsigned>(n)); }
  bool Chance() { return Below(2) == 1; }
  // Uniform in [low, high).
  float Uniform(float low, float high) {
    return low + (high - low) * static_cast<float>(engine_() >> 8) * 0x1p-24f;
  }
  template <typename T, size_t kCount>
  T Pick(const T (&values)[kCount]) {
    return values[Below(static_cast<int>(kCount))];
  }

 private:
  std::mt19937 engine_;
};

// A heap block of exactly this size, so that AddressSanitizer and valgrind see the first access beyond it.
template <typename T>
std::unique_ptr<T[]> ExactBlock(size_t count) {
  return std::make_unique<T[]>(count);
}

// White noise in [-1, 1).
inline std::unique_ptr<float[]> Noise(Random& random, size_t count) {
  auto samples = ExactBlock<float>(count);
  for (size_t i = 0; i < count; ++i) samples[i] = random.Uniform(-1, 1);
  return samples;
}

}  // namespace undertone::test
