// Between recordings in memory and tiles: transposing load and store, and what happens to a frame before the
// FFT.
#if defined(UNDERTONE_BACKEND_CPU_FRAME_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef UNDERTONE_BACKEND_CPU_FRAME_INL_H_
#undef UNDERTONE_BACKEND_CPU_FRAME_INL_H_
#else
#define UNDERTONE_BACKEND_CPU_FRAME_INL_H_
#endif

#include <cfloat>
#include <cmath>

#include "backend/backend.h"
#include "backend/cpu/lane-inl.h"

HWY_BEFORE_NAMESPACE();
namespace undertone::HWY_NAMESPACE {

#if HWY_TARGET != HWY_SCALAR
// Transposes the 4 x 4 block that each 128 bits of four vectors make up.
template <class V>
HWY_INLINE void TransposeBlocks(V (&v)[4]) {
  const hn::DFromV<V> d;
  const V low02 = hn::InterleaveLower(d, v[0], v[2]);
  const V high02 = hn::InterleaveUpper(d, v[0], v[2]);
  const V low13 = hn::InterleaveLower(d, v[1], v[3]);
  const V high13 = hn::InterleaveUpper(d, v[1], v[3]);
  v[0] = hn::InterleaveLower(d, low02, low13);
  v[1] = hn::InterleaveUpper(d, low02, low13);
  v[2] = hn::InterleaveLower(d, high02, high13);
  v[3] = hn::InterleaveUpper(d, high02, high13);
}

// A vector of four values from each of the columns first, first + 4, first + 8, ...
template <class D, typename ColumnAt>
HWY_INLINE hn::Vec<D> LoadBlocks(D d, const ColumnAt& column_at, size_t first, size_t row) {
  if constexpr (hn::MaxLanes(D()) == 4) {
    return hn::LoadU(d, column_at(first) + row);
  } else {
    const hn::Half<D> half;
    constexpr size_t kUpper = hn::MaxLanes(D()) / 2;
    return hn::Combine(d, LoadBlocks(half, column_at, first + kUpper, row),
                       LoadBlocks(half, column_at, first, row));
  }
}

// The way back.
template <class D, typename ColumnAt>
HWY_INLINE void StoreBlocks(D d, hn::Vec<D> v, const ColumnAt& column_at, size_t first, size_t row) {
  if constexpr (hn::MaxLanes(D()) == 4) {
    hn::StoreU(v, d, column_at(first) + row);
  } else {
    const hn::Half<D> half;
    constexpr size_t kUpper = hn::MaxLanes(D()) / 2;
    StoreBlocks(half, hn::LowerHalf(half, v), column_at, first, row);
    StoreBlocks(half, hn::UpperHalf(half, v), column_at, first + kUpper, row);
  }
}
#endif

// in: as many arrays as `d` has lanes, column_at(0) on, of which rows [begin, end) are read. out: rows
// `stride` floats apart, a column a lane. Four rows at a time, as transposed 4 x 4 blocks.
template <class D, typename ColumnAt>
HWY_INLINE void LoadTransposed(D d, const ColumnAt& column_at, size_t begin, size_t end, size_t stride,
                               float* rows) {
  size_t row = begin;
#if HWY_TARGET != HWY_SCALAR
  for (; row + 4 <= end; row += 4) {
    hn::Vec<D> v[4];
    for (size_t i = 0; i < 4; ++i) v[i] = LoadBlocks(d, column_at, i, row);
    TransposeBlocks(v);
    for (size_t i = 0; i < 4; ++i) hn::StoreU(v[i], d, rows + (row + i) * stride);
  }
#endif
  for (; row < end; ++row) {
    for (size_t column = 0; column < hn::Lanes(d); ++column)
      rows[row * stride + column] = column_at(column)[row];
  }
}

// The way back: kLanes arrays receive `rows` values each.
HWY_INLINE void StoreTransposed(const float* tile, size_t rows, float* const* lanes) {
  const auto column_at = [&](size_t lane) HWY_ATTR { return lanes[lane]; };
  size_t row = 0;
#if HWY_TARGET != HWY_SCALAR
  const LaneTag d;
  for (; row + 4 <= rows; row += 4) {
    Lane v[4];
    for (size_t i = 0; i < 4; ++i) v[i] = LoadRow(tile, row + i);
    TransposeBlocks(v);
    for (size_t i = 0; i < 4; ++i) StoreBlocks(d, v[i], column_at, i, row);
  }
#endif
  for (; row < rows; ++row) {
    for (size_t lane = 0; lane < kLanes; ++lane) column_at(lane)[row] = tile[row * kLanes + lane];
  }
}

// Where the samples of a tile's frames lie: row n at samples + offsets[n].
struct SampleRows {
  const float* samples;
  const int32_t* offsets;

  HWY_INLINE Lane Row(size_t n) const { return hn::LoadU(LaneTag(), samples + offsets[n]); }
};

// Mean of each frame (Kaldi's RemoveDcOffset takes it out).
HWY_INLINE Lane MeanOf(const SampleRows& rows, size_t length) {
  const Lane sum = SumRows(length, [&](size_t n) HWY_ATTR { return rows.Row(n); });
  return sum / Splat(static_cast<float>(length));
}

// In one pass: takes `mean` out, sums up the energy, and writes the samples, pre-emphasised where asked, to
// aligned rows, which may be those that are read. Returns the energy before pre-emphasis.
// Pre-emphasis: x[n] -= c x[n - 1] inside the frame, x[0] -= c x[0] (Kaldi's Preemphasize), computed as
// (x[n] - x[n - 1]) + (1 - c) x[n - 1]: speech is mostly low frequencies, so neighbours are close, their
// difference is exact, and what is rounded is as small as the result. `rest` is 1 - c.
template <bool kEmphasise>
HWY_INLINE Lane WriteSamples(const SampleRows& rows, size_t length, Lane mean, float rest, float* samples) {
  const Lane factor = Splat(rest);
  Lane previous = rows.Row(0) - mean;
  return SumRows(length, [&](size_t n) HWY_ATTR {
    const Lane x = rows.Row(n) - mean;
    StoreRow(kEmphasise ? MultiplyAdd(factor, previous, x - previous) : x, samples, n);
    previous = x;
    return x * x;
  });
}

// ln(max(energy, FLT_EPSILON)): Kaldi's raw log energy.
HWY_INLINE Lane LogEnergy(Lane energy) { return NaturalLog(Maximum(energy, Splat(FLT_EPSILON))); }

HWY_INLINE void ApplyWindow(const std::vector<float>& window, const float* samples, float* windowed) {
  for (size_t row = 0; row < window.size(); ++row)
    StoreRow(LoadRow(samples, row) * Splat(window[row]), windowed, row);
}

HWY_INLINE void CopyRows(const float* from, size_t rows, float* to) {
  for (size_t row = 0; row < rows; ++row) StoreRow(LoadRow(from, row), to, row);
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

// True when every sample is finite and within +-kLargestSample: clean as it is. Compares bit patterns without
// sign, which are in the order of the magnitudes, with NaN above all.
HWY_INLINE bool IsClean(const float* samples, size_t count) {
  const hn::RebindToSigned<LaneTag> d;
  const auto magnitude_bits = hn::Set(d, 0x7fffffff);
  auto largest0 = hn::Zero(d), largest1 = largest0, largest2 = largest0, largest3 = largest0;
  const auto bits = [&](size_t i) HWY_ATTR {
    return hn::And(hn::BitCast(d, hn::LoadU(LaneTag(), samples + i)), magnitude_bits);
  };
  size_t i = 0;
  for (; i + 4 * kLanes <= count; i += 4 * kLanes) {
    largest0 = hn::Max(largest0, bits(i));
    largest1 = hn::Max(largest1, bits(i + kLanes));
    largest2 = hn::Max(largest2, bits(i + 2 * kLanes));
    largest3 = hn::Max(largest3, bits(i + 3 * kLanes));
  }
  const auto largest = hn::Max(hn::Max(largest0, largest1), hn::Max(largest2, largest3));
  const auto limit = hn::BitCast(d, Splat(kLargestSample));
  bool clean = hn::AllFalse(d, hn::Gt(largest, limit));
  for (; i < count; ++i) clean = clean && std::abs(samples[i]) <= kLargestSample;
  return clean;
}

}  // namespace undertone::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // per-target include guard
