// The real FFT of signal/fft.h over a tile: every row operation is a whole vector, so nothing is ever
// shuffled.
#if defined(UNDERTONE_BACKEND_CPU_FFT_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef UNDERTONE_BACKEND_CPU_FFT_INL_H_
#undef UNDERTONE_BACKEND_CPU_FFT_INL_H_
#else
#define UNDERTONE_BACKEND_CPU_FFT_INL_H_
#endif

#include "backend/cpu/lane-inl.h"
#include "signal/fft.h"

HWY_BEFORE_NAMESPACE();
namespace undertone::HWY_NAMESPACE {

#include "backend/small_dft-inl.h"

// A stage's result p of point j, turned by its twiddle.
template <int kRadix>
HWY_INLINE Complex Turned(const FftStage& stage, size_t j, size_t p, Complex y) {
  return p == 0 ? y : Rotate(y, stage.twiddles[j * (kRadix - 1) + p - 1]);
}

// One pass over `points` points in place; formula at FftStage. The last stage, of span 1, has no twiddles.
template <int kRadix>
void RunStage(const FftStage& stage, size_t points, float* tile) {
  const size_t span = static_cast<size_t>(stage.span);
  for (size_t block = 0; block < points; block += kRadix * span) {
    for (size_t j = 0; j < span; ++j) {
      Complex y[kRadix];
      SmallDft<kRadix>::Run([&](size_t q) HWY_ATTR { return LoadPoint(tile, block + j + q * span); },
                            [&](size_t p, Complex value)
                                HWY_ATTR { y[p] = span == 1 ? value : Turned<kRadix>(stage, j, p, value); });
      // Not before every point is read: the compiler cannot tell that they are other rows.
#pragma GCC unroll 5
      for (size_t p = 0; p < kRadix; ++p) StorePoint(y[p], tile, block + j + p * span);
    }
  }
}

// Calls visit.operator()<radix>() for the radix of a stage.
template <typename Visit>
HWY_INLINE void WithRadix(int radix, const Visit& visit) {
  switch (radix) {
    case 1:
      return visit.template operator()<1>();
    case 2:
      return visit.template operator()<2>();
    case 3:
      return visit.template operator()<3>();
    case 4:
      return visit.template operator()<4>();
    default:
      return visit.template operator()<5>();
  }
}

// in: complex_size points. out: in place, frequency k at point positions[k].
HWY_INLINE void RunComplexFft(const RealFft& fft, float* tile) {
  const size_t points = static_cast<size_t>(fft.complex_size);
  for (const FftStage& stage : fft.stages) {
    WithRadix(stage.radix, [&]<int kRadix>() HWY_ATTR { RunStage<kRadix>(stage, points, tile); });
  }
}

// The samples of a tile of frames under a window, wherever they lie: row n is window[n] times the vector at
// samples + offsets[n]. Rows from `length` on are zero.
struct WindowedRows {
  const float* samples;
  const int32_t* offsets;
  const float* window;
  size_t length;

  HWY_INLINE Lane Row(size_t n) const {
    return hn::LoadU(LaneTag(), samples + offsets[n]) * Splat(window[n]);
  }
  HWY_INLINE Lane RowOrZero(size_t n) const { return n < length ? Row(n) : Splat(0.0f); }
};

// The first stage, from windowed samples: points (x[2n], x[2n + 1]), or (x[n], 0) for odd sizes.
template <int kRadix, bool kSplit>
void RunFirstStage(const FftStage& stage, const WindowedRows& rows, float* tile) {
  const size_t span = static_cast<size_t>(stage.span);
  const auto point = [&](size_t n) HWY_ATTR {
    return kSplit ? Complex{rows.Row(2 * n), rows.Row(2 * n + 1)} : Complex{rows.Row(n), Splat(0.0f)};
  };
  const auto point_or_zero = [&](size_t n) HWY_ATTR {
    return kSplit ? Complex{rows.RowOrZero(2 * n), rows.RowOrZero(2 * n + 1)}
                  : Complex{rows.RowOrZero(n), Splat(0.0f)};
  };
  // Points that are samples on both rows, and points that are samples at all; the others are zero padding.
  const size_t whole = kSplit ? rows.length / 2 : rows.length;
  const size_t some = kSplit ? (rows.length + 1) / 2 : rows.length;
  for (size_t j = 0; j < span; ++j) {
    const auto store = [&](size_t p, Complex y) HWY_ATTR {
      StorePoint(span == 1 ? y : Turned<kRadix>(stage, j, p, y), tile, j + p * span);
    };
    const size_t last = j + (kRadix - 1) * span;
    if (last < whole) {
      SmallDft<kRadix>::Run([&](size_t q) HWY_ATTR { return point(j + q * span); }, store);
    } else if (kRadix == 4 && last >= some && last - span < whole) {
      SmallDft4OfThree::Run([&](size_t q) HWY_ATTR { return point(j + q * span); }, store);
    } else {
      SmallDft<kRadix>::Run([&](size_t q) HWY_ATTR { return point_or_zero(j + q * span); }, store);
    }
  }
}

HWY_INLINE void SplitPower(const RealFft& fft, Complex a, Complex b, size_t k, float* power) {
  const PowerPair pair = SplitPower(a, b, fft.split_factors[k]);
  StoreRow(pair.low, power, k);
  StoreRow(pair.high, power, static_cast<size_t>(fft.complex_size) - k);
}

// The last stage and the split in one pass: frequency k's partner M - k lies in the block of M's rest, so
// that two blocks at a time hold all that they need of each other.
template <int kRadix>
void RunLastStageSplit(const RealFft& fft, const float* tile, float* power) {
  const size_t half = static_cast<size_t>(fft.complex_size);
  const size_t blocks = static_cast<size_t>(fft.blocks());
  // Transforms the block of the frequencies first + blocks p.
  const auto run_block = [&](size_t first, const auto& emit) HWY_ATTR {
    const size_t at = static_cast<size_t>(fft.positions[first]);
    SmallDft<kRadix>::Run([&](size_t q) HWY_ATTR { return LoadPoint(tile, at + q); }, emit);
  };
  Complex a[kRadix];
  const auto keep = [&](size_t p, Complex y) HWY_ATTR { a[p] = y; };

  run_block(0, keep);
  const Lane direct = a[0].re + a[0].im;
  const Lane nyquist = a[0].re - a[0].im;
  const Lane four = Splat(4.0f);  // the samples were halved
  StoreRow(four * direct * direct, power, 0);
  StoreRow(four * nyquist * nyquist, power, half);
#pragma GCC unroll 5
  for (size_t p = 1; 2 * p <= kRadix; ++p) SplitPower(fft, a[p], a[kRadix - p], p * blocks, power);

  for (size_t first = 1; 2 * first < blocks; ++first) {
    run_block(first, keep);
    run_block(blocks - first, [&](size_t p, Complex y) HWY_ATTR {
      const size_t partner = kRadix - 1 - p;
      SplitPower(fft, a[partner], y, first + partner * blocks, power);
    });
  }
  if (blocks % 2 == 0) {
    run_block(blocks / 2, keep);
#pragma GCC unroll 5
    for (size_t p = 0; 2 * p < kRadix; ++p)
      SplitPower(fft, a[p], a[kRadix - 1 - p], blocks / 2 + p * blocks, power);
  }
}

// Bin k of an even-sized real FFT from the points of the half-size FFT; formulas at SplitPower.
HWY_INLINE Complex SplitBin(const RealFft& fft, const float* tile, size_t k) {
  const size_t half = static_cast<size_t>(fft.complex_size);
  const Complex a = LoadPoint(tile, static_cast<size_t>(fft.positions[k % half]));
  const Complex b = LoadPoint(tile, static_cast<size_t>(fft.positions[(half - k) % half]));
  const Complex even = {a.re + b.re, a.im - b.im};
  const Complex odd = {a.im + b.im, b.re - a.re};
  return k == half ? Subtract(even, odd) : Add(even, Rotate(odd, fft.split_factors[k]));
}

// Bins [first, first + count) of the spectrum of a tile of real frames of an even size.
// in: rows of samples, their window halved. scratch: tile, 2 complex_size rows. out: spectrum, a real and an
// imaginary row a bin, of the unscaled DFT.
HWY_INLINE void ComplexSpectrum(const RealFft& fft, const WindowedRows& rows, size_t first, size_t count,
                                float* tile, float* spectrum) {
  WithRadix(fft.stages.front().radix,
            [&]<int kRadix>() HWY_ATTR { RunFirstStage<kRadix, true>(fft.stages.front(), rows, tile); });
  for (size_t i = 1; i < fft.stages.size(); ++i) {
    const FftStage& stage = fft.stages[i];
    WithRadix(stage.radix, [&]<int kRadix>() HWY_ATTR {
      RunStage<kRadix>(stage, static_cast<size_t>(fft.complex_size), tile);
    });
  }
  for (size_t k = 0; k < count; ++k) StorePoint(SplitBin(fft, tile, first + k), spectrum, k);
}

// Power spectrum of a tile of real frames.
// in: rows of samples, their window halved where the FFT splits. scratch: tile, 2 complex_size rows. out:
// power, floor(size / 2) + 1 rows, squared magnitude of the unscaled DFT.
HWY_INLINE void PowerSpectrum(const RealFft& fft, const WindowedRows& rows, float* tile, float* power) {
  const FftStage& first = fft.stages.front();
  const size_t points = static_cast<size_t>(fft.complex_size);
  if (fft.split) {
    WithRadix(first.radix, [&]<int kRadix>() HWY_ATTR { RunFirstStage<kRadix, true>(first, rows, tile); });
  } else {
    WithRadix(first.radix, [&]<int kRadix>() HWY_ATTR { RunFirstStage<kRadix, false>(first, rows, tile); });
  }
  const size_t others = fft.stages.size() - (fft.split ? 1 : 0);
  for (size_t i = 1; i < others; ++i) {
    const FftStage& stage = fft.stages[i];
    WithRadix(stage.radix, [&]<int kRadix>() HWY_ATTR { RunStage<kRadix>(stage, points, tile); });
  }
  if (fft.split) {
    WithRadix(fft.stages.back().radix,
              [&]<int kRadix>() HWY_ATTR { RunLastStageSplit<kRadix>(fft, tile, power); });
    return;
  }
  for (size_t k = 0; k <= static_cast<size_t>(fft.size) / 2; ++k) {
    StoreRow(SquaredLength(LoadPoint(tile, static_cast<size_t>(fft.positions[k]))), power, k);
  }
}

}  // namespace undertone::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // per-target include guard
