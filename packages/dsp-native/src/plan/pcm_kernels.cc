// Contract in pcm_kernels.h. Highway compiles this file once an instruction set.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "plan/pcm_kernels.cc"
#include "plan/pcm_kernels.h"

#include <hwy/foreach_target.h>  // must come before highway.h
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace undertone::HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

using Wide = hn::ScalableTag<float>;
using One = hn::CappedTag<float, 1>;

template <class D>
HWY_INLINE size_t CleanVector(D d, float* at, float level) {
  const auto x = hn::LoadU(d, at);
  // False for NaN as well.
  const auto clean = hn::IfThenElseZero(hn::Le(hn::Abs(x), hn::Set(d, 4294967296.0f)), x);
  hn::StoreU(clean, d, at);
  return hn::CountTrue(d, hn::Ge(hn::Abs(clean), hn::Set(d, level)));
}

template <class D>
HWY_INLINE void MixVector(D d, float* to, const float* from, float share) {
  hn::StoreU((hn::LoadU(d, to) + hn::LoadU(d, from)) * hn::Set(d, share), d, to);
}

}  // namespace

uint32_t CleanAndCountKernel(float* samples, size_t count, float level) {
  const size_t lanes = hn::Lanes(Wide());
  size_t found = 0;
  size_t i = 0;
  for (; i + lanes <= count; i += lanes) found += CleanVector(Wide(), samples + i, level);
  for (; i < count; ++i) found += CleanVector(One(), samples + i, level);
  return static_cast<uint32_t>(found);
}

void MixInKernel(float* to, const float* from, size_t count, float share) {
  const size_t lanes = hn::Lanes(Wide());
  size_t i = 0;
  for (; i + lanes <= count; i += lanes) MixVector(Wide(), to + i, from + i, share);
  for (; i < count; ++i) MixVector(One(), to + i, from + i, share);
}

// In double, where the sums of 16-bit samples are exact: they do not depend on where reads began.
TwinSums SumTwinsKernel(const float* first, const float* second, size_t count) {
  const hn::ScalableTag<double> d;
  const hn::Rebind<float, decltype(d)> narrow;
  const size_t lanes = hn::Lanes(d);
  auto firsts = hn::Zero(d);
  auto seconds = hn::Zero(d);
  auto products = hn::Zero(d);
  size_t i = 0;
  for (; i + lanes <= count; i += lanes) {
    const auto x = hn::PromoteTo(d, hn::LoadU(narrow, first + i));
    const auto y = hn::PromoteTo(d, hn::LoadU(narrow, second + i));
    firsts = firsts + x * x;
    seconds = seconds + y * y;
    products = products + x * y;
  }
  TwinSums sums{hn::GetLane(hn::SumOfLanes(d, firsts)), hn::GetLane(hn::SumOfLanes(d, seconds)),
                hn::GetLane(hn::SumOfLanes(d, products))};
  for (; i < count; ++i) {
    const double x = first[i];
    const double y = second[i];
    sums.first += x * x;
    sums.second += y * y;
    sums.product += x * y;
  }
  return sums;
}

// In double as well.
double SumSquaresKernel(const float* samples, size_t count) {
  const hn::ScalableTag<double> d;
  const hn::Rebind<float, decltype(d)> narrow;
  const size_t lanes = hn::Lanes(d);
  auto even = hn::Zero(d);
  auto odd = hn::Zero(d);
  size_t i = 0;
  for (; i + 2 * lanes <= count; i += 2 * lanes) {
    const auto x = hn::PromoteTo(d, hn::LoadU(narrow, samples + i));
    const auto y = hn::PromoteTo(d, hn::LoadU(narrow, samples + i + lanes));
    even = even + x * x;
    odd = odd + y * y;
  }
  double sum = hn::GetLane(hn::SumOfLanes(d, even + odd));
  for (; i < count; ++i) {
    const double x = samples[i];
    sum += x * x;
  }
  return sum;
}

}  // namespace undertone::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace undertone {

HWY_EXPORT(CleanAndCountKernel);
HWY_EXPORT(MixInKernel);
HWY_EXPORT(SumTwinsKernel);
HWY_EXPORT(SumSquaresKernel);

uint32_t CleanAndCount(float* samples, size_t count, float level) {
  return HWY_DYNAMIC_DISPATCH(CleanAndCountKernel)(samples, count, level);
}

void MixIn(float* to, const float* from, size_t count, float share) {
  HWY_DYNAMIC_DISPATCH(MixInKernel)(to, from, count, share);
}

TwinSums SumTwins(const float* first, const float* second, size_t count) {
  return HWY_DYNAMIC_DISPATCH(SumTwinsKernel)(first, second, count);
}

double SumSquares(const float* samples, size_t count) {
  return HWY_DYNAMIC_DISPATCH(SumSquaresKernel)(samples, count);
}

}  // namespace undertone
#endif  // HWY_ONCE
