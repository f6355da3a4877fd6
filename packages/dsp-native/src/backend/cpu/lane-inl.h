// One number a frame: the lane type that kernels compute with, and the operations they may use.
//
// Kernels are written in +, -, *, / and the functions below, each of which acts on every lane alone. A
// backend with another lane type (a CUDA thread's float) offers the same names.
#if defined(UNDERTONE_BACKEND_CPU_LANE_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef UNDERTONE_BACKEND_CPU_LANE_INL_H_
#undef UNDERTONE_BACKEND_CPU_LANE_INL_H_
#else
#define UNDERTONE_BACKEND_CPU_LANE_INL_H_
#endif

#include <hwy/highway.h>

#include <cstddef>
#include <cstdint>

#ifndef UNDERTONE_KERNEL
#define UNDERTONE_KERNEL HWY_INLINE
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

// Natural logarithm of normal, positive, finite x; error below 1 ulp or so.
// x = 2^e m with sqrt(1/2) <= m < sqrt(2); ln m by the polynomial of Cephes' logf (S. Moshier), ln 2 in two
// parts.
HWY_INLINE Lane NaturalLog(Lane x) {
  const hn::RebindToSigned<LaneTag> di;
  constexpr int32_t kSqrtHalfBits = 0x3f3504f3;
  const auto shifted = hn::BitCast(di, x) - hn::Set(di, kSqrtHalfBits);
  const auto exponent = hn::ShiftRight<23>(shifted);
  const auto mantissa_bits = hn::BitCast(di, x) - hn::ShiftLeft<23>(exponent);
  const Lane e = hn::ConvertTo(LaneTag(), exponent);
  const Lane f = hn::BitCast(LaneTag(), mantissa_bits) - Splat(1.0f);

  const Lane square = f * f;
  Lane p = Splat(7.0376836292e-2f);
  p = MultiplyAdd(p, f, Splat(-1.1514610310e-1f));
  p = MultiplyAdd(p, f, Splat(1.1676998740e-1f));
  p = MultiplyAdd(p, f, Splat(-1.2420140846e-1f));
  p = MultiplyAdd(p, f, Splat(1.4249322787e-1f));
  p = MultiplyAdd(p, f, Splat(-1.6668057665e-1f));
  p = MultiplyAdd(p, f, Splat(2.0000714765e-1f));
  p = MultiplyAdd(p, f, Splat(-2.4999993993e-1f));
  p = MultiplyAdd(p, f, Splat(3.3333331174e-1f));
  Lane tail = p * f * square;
  tail = MultiplyAdd(e, Splat(-2.12194440e-4f), tail);
  tail = MultiplySubtract(Splat(0.5f), square, tail);
  return MultiplyAdd(e, Splat(0.693359375f), f + tail);
}

// e^x for -87 <= x <= 88, held within that; error below 2 ulp. x = n ln 2 + r, |r| <= ln 2 / 2, ln 2 in two
// parts; e^r by the polynomial of Cephes' expf (S. Moshier).
HWY_INLINE Lane Exponential(Lane x) {
  const hn::RebindToSigned<LaneTag> di;
  const Lane held = hn::Min(hn::Max(x, Splat(-87.0f)), Splat(88.0f));
  const Lane n = hn::Round(held * Splat(1.44269504088896341f));
  Lane r = MultiplySubtract(n, Splat(0.693359375f), held);
  r = MultiplySubtract(n, Splat(-2.12194440e-4f), r);
  Lane p = Splat(1.9875691500e-4f);
  p = MultiplyAdd(p, r, Splat(1.3981999507e-3f));
  p = MultiplyAdd(p, r, Splat(8.3334519073e-3f));
  p = MultiplyAdd(p, r, Splat(4.1665795894e-2f));
  p = MultiplyAdd(p, r, Splat(1.6666665459e-1f));
  p = MultiplyAdd(p, r, Splat(5.0000001201e-1f));
  const Lane mantissa = MultiplyAdd(p, r * r, r + Splat(1.0f));
  const auto power = hn::ShiftLeft<23>(hn::ConvertTo(di, n) + hn::Set(di, 127));
  return mantissa * hn::BitCast(LaneTag(), power);
}

// Sum of term(row) over `rows` rows, in blocks, so that the rounding error grows with the block and not with
// the frame.
constexpr size_t kSumBlock = 32;
template <typename Term>
HWY_INLINE Lane SumRows(size_t rows, const Term& term) {
  Lane total = Splat(0.0f);
  for (size_t begin = 0; begin < rows; begin += kSumBlock) {
    const size_t end = begin + kSumBlock < rows ? begin + kSumBlock : rows;
    Lane sum = term(begin);
    for (size_t row = begin + 1; row < end; ++row) sum = sum + term(row);
    total = total + sum;
  }
  return total;
}

}  // namespace undertone::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // per-target include guard
