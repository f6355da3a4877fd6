// One number a frame: the lane type that kernels compute with, and the operations they may use.
//
// Kernels are written in +, -, *, / and the functions below, each of which acts on every lane alone. A
// backend with another lane type (a CUDA thread's float: cuda/lane-inl.h) offers the same names.
#if defined(UNDERTONE_BACKEND_CPU_LANE_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef UNDERTONE_BACKEND_CPU_LANE_INL_H_
#undef UNDERTONE_BACKEND_CPU_LANE_INL_H_
#else
#define UNDERTONE_BACKEND_CPU_LANE_INL_H_
#endif

#include <hwy/highway.h>

#include <cstddef>
#include <cstdint>

// Stand in front of a kernel function, and behind the parameters of a lambda in one.
#ifndef UNDERTONE_KERNEL
#define UNDERTONE_KERNEL HWY_INLINE
#define UNDERTONE_LAMBDA HWY_ATTR
#endif

HWY_BEFORE_NAMESPACE();
namespace undertone::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

using LaneTag = hn::ScalableTag<float>;
using Lane = hn::Vec<LaneTag>;
constexpr size_t kLanes = HWY_LANES(float);

// Row `row` of a tile; tiles are aligned to a whole vector.
HWY_INLINE Lane LoadRow(const float* tile, size_t row) { return hn::Load(LaneTag(), tile + row * kLanes); }
HWY_INLINE void StoreRow(Lane value, float* tile, size_t row) {
  hn::Store(value, LaneTag(), tile + row * kLanes);
}

// The tile that begins at row `row`.
HWY_INLINE const float* RowsFrom(const float* tile, size_t row) { return tile + row * kLanes; }
HWY_INLINE float* RowsFrom(float* tile, size_t row) { return tile + row * kLanes; }

HWY_INLINE Lane Splat(float value) { return hn::Set(LaneTag(), value); }
// a * b + c and c - a * b, with one rounding where the machine can.
HWY_INLINE Lane MultiplyAdd(Lane a, Lane b, Lane c) { return hn::MulAdd(a, b, c); }
HWY_INLINE Lane MultiplySubtract(Lane a, Lane b, Lane c) { return hn::NegMulAdd(a, b, c); }
HWY_INLINE Lane Maximum(Lane a, Lane b) { return hn::Max(a, b); }
HWY_INLINE Lane Minimum(Lane a, Lane b) { return hn::Min(a, b); }
HWY_INLINE Lane SquareRoot(Lane a) { return hn::Sqrt(a); }
HWY_INLINE Lane AbsoluteValue(Lane a) { return hn::Abs(a); }
// yes where a < b, no elsewhere.
HWY_INLINE Lane SelectLess(Lane a, Lane b, Lane yes, Lane no) {
  return hn::IfThenElse(hn::Lt(a, b), yes, no);
}

// x = 2^exponent (1 + fraction) of normal, positive, finite x, with sqrt(1/2) <= 1 + fraction < sqrt(2).
HWY_INLINE void SplitExponent(Lane x, Lane* exponent, Lane* fraction) {
  const hn::RebindToSigned<LaneTag> di;
  constexpr int32_t kSqrtHalfBits = 0x3f3504f3;
  const auto shifted = hn::BitCast(di, x) - hn::Set(di, kSqrtHalfBits);
  const auto e = hn::ShiftRight<23>(shifted);
  const auto mantissa_bits = hn::BitCast(di, x) - hn::ShiftLeft<23>(e);
  *exponent = hn::ConvertTo(LaneTag(), e);
  *fraction = hn::BitCast(LaneTag(), mantissa_bits) - Splat(1.0f);
}
// To the nearest integer, halves to the even one.
HWY_INLINE Lane RoundToInteger(Lane x) { return hn::Round(x); }
// 2^n of an integer -126 <= n <= 127.
HWY_INLINE Lane PowerOfTwo(Lane n) {
  const hn::RebindToSigned<LaneTag> di;
  return hn::BitCast(LaneTag(), hn::ShiftLeft<23>(hn::ConvertTo(di, n) + hn::Set(di, 127)));
}

#include "backend/lane_math-inl.h"

}  // namespace undertone::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // per-target include guard
