// Contract in speech_kernels.h. Highway compiles this file once an instruction set.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "plan/speech_kernels.cc"
#include "plan/speech_kernels.h"

#include <hwy/foreach_target.h>  // must come before highway.h
#include <hwy/highway.h>
// After highway.h.
#include <hwy/contrib/math/math-inl.h>

HWY_BEFORE_NAMESPACE();
namespace undertone::HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

using Wide = hn::ScalableTag<float>;

// exp of these is a float32, and so is a sum of hundreds of them.
constexpr float kHighest = 80.0f;
constexpr float kLowest = -80.0f;

}  // namespace

float SumOfExponentialsKernel(const float* values, const float* offsets, size_t count, float scale) {
  const Wide d;
  const size_t lanes = hn::Lanes(d);
  const auto factor = hn::Set(d, scale);
  const auto highest = hn::Set(d, kHighest);
  const auto lowest = hn::Set(d, kLowest);
  const auto exponential = [&](auto x, auto offset) HWY_ATTR {
    return hn::Exp(d, hn::Max(lowest, hn::Min(highest, x * factor + offset)));
  };
  auto sum = hn::Zero(d);
  size_t i = 0;
  for (; i + lanes <= count; i += lanes) {
    sum = sum + exponential(hn::LoadU(d, values + i), hn::LoadU(d, offsets + i));
  }
  if (i < count) {
    HWY_ALIGN float rest[HWY_MAX_BYTES / sizeof(float)] = {};
    HWY_ALIGN float rest_offsets[HWY_MAX_BYTES / sizeof(float)] = {};
    for (size_t j = 0; i + j < count; ++j) {
      rest[j] = values[i + j];
      rest_offsets[j] = offsets[i + j];
    }
    const auto there = hn::FirstN(d, count - i);
    sum = sum + hn::IfThenElseZero(there, exponential(hn::Load(d, rest), hn::Load(d, rest_offsets)));
  }
  return hn::GetLane(hn::SumOfLanes(d, sum));
}

}  // namespace undertone::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace undertone {

HWY_EXPORT(SumOfExponentialsKernel);

float SumOfExponentials(const float* values, const float* offsets, size_t count, float scale) {
  return HWY_DYNAMIC_DISPATCH(SumOfExponentialsKernel)(values, offsets, count, scale);
}

}  // namespace undertone
#endif  // HWY_ONCE
