// Contract in limits.h. The two loops are compiled once an instruction set.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "backend/cpu/limits.cc"
#include "backend/cpu/limits.h"

#include <hwy/foreach_target.h>  // must come before highway.h
#include <hwy/highway.h>

#include <cstdint>

#include "backend/cpu/lane-inl.h"

#ifndef UNDERTONE_BACKEND_CPU_LIMIT_KERNELS_
#define UNDERTONE_BACKEND_CPU_LIMIT_KERNELS_
namespace undertone {

struct LimitKernels {
  // Runs `rounds` rounds from `start`; returns the multiply-adds done. `sink` receives a value that depends
  // on all of them.
  uint64_t (*multiply_adds)(uint64_t rounds, float start, float* sink);
  // count: a multiple of 64. Both aligned to a vector.
  void (*copy)(const float* from, size_t count, float* to);
};

}  // namespace undertone
#endif

HWY_BEFORE_NAMESPACE();
namespace undertone::HWY_NAMESPACE {
namespace {

// Twelve sums that do not wait for each other cover four cycles of latency on three units, and fit with both
// factors in sixteen registers. Each starts elsewhere, as the compiler would make one of equal ones, and goes
// to 1: x = 0.5 x + 0.5.
uint64_t MultiplyAdds(uint64_t rounds, float start, float* sink) {
  const Lane half = Splat(0.5f * start);
  const auto from = [&](float value) HWY_ATTR { return Splat(value * start); };
  Lane s0 = from(1), s1 = from(2), s2 = from(3), s3 = from(4), s4 = from(5), s5 = from(6);
  Lane s6 = from(7), s7 = from(8), s8 = from(9), s9 = from(10), s10 = from(11), s11 = from(12);
  for (uint64_t round = 0; round < rounds; ++round) {
    s0 = MultiplyAdd(s0, half, half);
    s1 = MultiplyAdd(s1, half, half);
    s2 = MultiplyAdd(s2, half, half);
    s3 = MultiplyAdd(s3, half, half);
    s4 = MultiplyAdd(s4, half, half);
    s5 = MultiplyAdd(s5, half, half);
    s6 = MultiplyAdd(s6, half, half);
    s7 = MultiplyAdd(s7, half, half);
    s8 = MultiplyAdd(s8, half, half);
    s9 = MultiplyAdd(s9, half, half);
    s10 = MultiplyAdd(s10, half, half);
    s11 = MultiplyAdd(s11, half, half);
  }
  const Lane sum = ((s0 + s1) + (s2 + s3)) + ((s4 + s5) + (s6 + s7)) + ((s8 + s9) + (s10 + s11));
  *sink = hn::GetLane(sum);
  return rounds * 12 * kLanes;
}

void Copy(const float* from, size_t count, float* to) {
  const LaneTag d;
  for (size_t i = 0; i < count; i += 4 * kLanes) {
    const Lane a = hn::Load(d, from + i);
    const Lane b = hn::Load(d, from + i + kLanes);
    const Lane c = hn::Load(d, from + i + 2 * kLanes);
    const Lane e = hn::Load(d, from + i + 3 * kLanes);
    hn::Store(a, d, to + i);
    hn::Store(b, d, to + i + kLanes);
    hn::Store(c, d, to + i + 2 * kLanes);
    hn::Store(e, d, to + i + 3 * kLanes);
  }
}

}  // namespace

const LimitKernels* GetLimitKernels() {
  static constexpr LimitKernels kKernels = {MultiplyAdds, Copy};
  return &kKernels;
}

}  // namespace undertone::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE

#include <hwy/aligned_allocator.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <new>

#include "backend/cpu/isa.h"

namespace undertone {

HWY_EXPORT(GetLimitKernels);

namespace {

constexpr int kTries = 4;
constexpr double kTrySeconds = 0.005;

const LimitKernels& KernelsInUse() {
  // A private ChosenTarget, as in tile_kernels.cc: `scalar` is none that Highway would choose by itself.
  hwy::ChosenTarget chosen;
  chosen.Update(SelectIsa().target);
  return *HWY_DISPATCH_TABLE(GetLimitKernels)[chosen.GetIndex()]();
}

template <typename Act>
double Seconds(const Act& act) {
  const auto begin = std::chrono::steady_clock::now();
  act();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

double MeasureMultiplyAdds(const LimitKernels& kernels) {
  volatile float start = 1;  // not known to the compiler
  volatile float kept = 0;
  double best = 0;
  uint64_t rounds = 1 << 12;
  for (int tries = 0; tries < kTries;) {
    uint64_t done = 0;
    float sink = 0;
    const double seconds = Seconds([&] { done = kernels.multiply_adds(rounds, start, &sink); });
    kept = kept + sink;
    if (seconds < kTrySeconds) {
      rounds *= 2;
      continue;
    }
    best = std::max(best, static_cast<double>(done) / seconds);
    ++tries;
  }
  return best;
}

// The last cache that the system tells of, so that both buffers are twice that; within bounds for systems
// that tell nothing or share hundreds of megabytes between many cores.
size_t CopyBytes() {
  constexpr size_t kLeast = size_t{32} << 20;
  constexpr size_t kMost = size_t{256} << 20;
  size_t cache = 0;
#ifdef _SC_LEVEL3_CACHE_SIZE
  cache = static_cast<size_t>(std::max<long>(0, sysconf(_SC_LEVEL3_CACHE_SIZE)));
#endif
  return std::clamp(cache, kLeast, kMost) / 4096 * 4096;
}

double MeasureCopy(const LimitKernels& kernels) {
  const size_t bytes = CopyBytes();
  const size_t count = bytes / sizeof(float);
  const auto from = hwy::AllocateAligned<float>(count);
  const auto to = hwy::AllocateAligned<float>(count);
  if (!from || !to) throw std::bad_alloc();
  // The first touch is the operating system's work.
  std::fill_n(from.get(), count, 1.0f);
  std::fill_n(to.get(), count, 0.0f);
  double best = 0;
  for (int tries = 0; tries < kTries; ++tries) {
    const double seconds = Seconds([&] { kernels.copy(from.get(), count, to.get()); });
    best = std::max(best, 2 * static_cast<double>(bytes) / seconds);
  }
  return best;
}

}  // namespace

CpuLimits MeasureCpuLimits() {
  const LimitKernels& kernels = KernelsInUse();
  return {MeasureMultiplyAdds(kernels), MeasureCopy(kernels)};
}

}  // namespace undertone

#endif  // HWY_ONCE
