// Between recordings in memory and tiles: transposing load and store, and what happens to a frame before the
// FFT.
#if defined(UNDERTONE_BACKEND_CPU_FRAME_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef UNDERTONE_BACKEND_CPU_FRAME_INL_H_
#undef UNDERTONE_BACKEND_CPU_FRAME_INL_H_
#else
#define UNDERTONE_BACKEND_CPU_FRAME_INL_H_
#endif

#include <cfloat>

#include "backend/backend.h"
#include "backend/cpu/lane-inl.h"

HWY_BEFORE_NAMESPACE();
namespace undertone::HWY_NAMESPACE {

#if HWY_TARGET != HWY_SCALAR
using QuadTag = hn::FixedTag<float, 4>;
using Quad = hn::Vec<QuadTag>;

// Transposes a 4 x 4 block held in four vectors.
HWY_INLINE void TransposeQuads(Quad (&q)[4]) {
  const QuadTag d;
  const Quad low01 = hn::InterleaveLower(d, q[0], q[2]);
  const Quad high01 = hn::InterleaveUpper(d, q[0], q[2]);
  const Quad low23 = hn::InterleaveLower(d, q[1], q[3]);
  const Quad high23 = hn::InterleaveUpper(d, q[1], q[3]);
  q[0] = hn::InterleaveLower(d, low01, low23);
  q[1] = hn::InterleaveUpper(d, low01, low23);
  q[2] = hn::InterleaveLower(d, high01, high23);
  q[3] = hn::InterleaveUpper(d, high01, high23);
}
#endif

// in: kLanes arrays of `rows` values. out: tile[row][lane]. Blocks of 4 x 4 never cross a 128-bit border, so
// the same code serves every vector length.
HWY_INLINE void LoadTransposed(const float* const* lanes, size_t rows, float* tile) {
  size_t row = 0;
#if HWY_TARGET != HWY_SCALAR
  const QuadTag d;
  for (; row + 4 <= rows; row += 4) {
    for (size_t lane = 0; lane < kLanes; lane += 4) {
      Quad q[4];
      for (size_t i = 0; i < 4; ++i) q[i] = hn::LoadU(d, lanes[lane + i] + row);
      TransposeQuads(q);
      for (size_t i = 0; i < 4; ++i) hn::Store(q[i], d, tile + (row + i) * kLanes + lane);
    }
  }
#endif
  for (; row < rows; ++row) {
    for (size_t lane = 0; lane < kLanes; ++lane) tile[row * kLanes + lane] = lanes[lane][row];
  }
}

// The way back: kLanes arrays receive `rows` values each.
HWY_INLINE void StoreTransposed(const float* tile, size_t rows, float* const* lanes) {
  size_t row = 0;
#if HWY_TARGET != HWY_SCALAR
  const QuadTag d;
  for (; row + 4 <= rows; row += 4) {
    for (size_t lane = 0; lane < kLanes; lane += 4) {
      Quad q[4];
      for (size_t i = 0; i < 4; ++i) q[i] = hn::Load(d, tile + (row + i) * kLanes + lane);
      TransposeQuads(q);
      for (size_t i = 0; i < 4; ++i) hn::StoreU(q[i], d, lanes[lane + i] + row);
    }
  }
#endif
  for (; row < rows; ++row) {
    for (size_t lane = 0; lane < kLanes; ++lane) lanes[lane][row] = tile[row * kLanes + lane];
  }
}

// x -= mean of the frame (Kaldi's RemoveDcOffset).
HWY_INLINE void RemoveDc(size_t length, float* tile) {
  const Lane sum = SumRows(length, [&](size_t row) HWY_ATTR { return LoadRow(tile, row); });
  const Lane mean = sum / Splat(static_cast<float>(length));
  for (size_t row = 0; row < length; ++row) StoreRow(LoadRow(tile, row) - mean, tile, row);
}

// ln(max(sum x^2, FLT_EPSILON)): Kaldi's raw log energy.
HWY_INLINE Lane LogEnergy(size_t length, const float* tile) {
  const Lane energy = SumRows(length, [&](size_t row) HWY_ATTR {
    const Lane x = LoadRow(tile, row);
    return x * x;
  });
  return NaturalLog(Maximum(energy, Splat(FLT_EPSILON)));
}

// x[n] -= c x[n - 1] inside the frame, x[0] -= c x[0] (Kaldi's Preemphasize).
// Computed as (x[n] - x[n - 1]) + (1 - c) x[n - 1]: speech is mostly low frequencies, so neighbours are
// close, their difference is exact, and what is rounded is as small as the result. `rest` is 1 - c.
HWY_INLINE void PreEmphasise(float rest, size_t length, float* tile) {
  const Lane factor = Splat(rest);
  Lane previous = LoadRow(tile, 0);
  for (size_t row = 0; row < length; ++row) {
    const Lane x = LoadRow(tile, row);
    StoreRow(MultiplyAdd(factor, previous, x - previous), tile, row);
    previous = x;
  }
}

HWY_INLINE void ApplyWindow(const std::vector<float>& window, float* tile) {
  for (size_t row = 0; row < window.size(); ++row)
    StoreRow(LoadRow(tile, row) * Splat(window[row]), tile, row);
}

// Rows `begin` to `end`.
HWY_INLINE void FillWithZeros(size_t begin, size_t end, float* tile) {
  for (size_t row = begin; row < end; ++row) StoreRow(Splat(0.0f), tile, row);
}

HWY_INLINE void CopyRows(const float* from, size_t rows, float* to) {
  for (size_t row = 0; row < rows; ++row) StoreRow(LoadRow(from, row), to, row);
}

// From `points` rows of samples to complex points: a row of zeros after each. Backwards, as it works in
// place.
HWY_INLINE void InsertImaginaryRows(size_t points, float* tile) {
  for (size_t n = points; n-- > 0;) {
    const Lane x = LoadRow(tile, n);
    StoreRow(x, tile, 2 * n);
    StoreRow(Splat(0.0f), tile, 2 * n + 1);
  }
}

// out[i] = (clean(in[i]) - shift) * scale, contract in tile_kernels.h. `D` is any float vector type, so that
// the rest of an array gets exactly the same arithmetic. No multiply-add: results must not depend on the
// instruction set's.
template <class D>
HWY_INLINE void ConditionVector(D d, const float* in, hn::Vec<D> shift, hn::Vec<D> scale, float* out) {
  const auto x = hn::LoadU(d, in);
  const auto finite = hn::Le(hn::Abs(x), hn::Set(d, FLT_MAX));
  const auto clean = hn::IfThenElseZero(finite, x);
  const auto held = hn::Min(hn::Max(clean, hn::Set(d, -kLargestSample)), hn::Set(d, kLargestSample));
  hn::StoreU((held - shift) * scale, d, out);
}

}  // namespace undertone::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // per-target include guard
