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

struct Complex {
  Lane re;
  Lane im;
};

// Point n of a tile: rows 2n (real) and 2n + 1 (imaginary).
HWY_INLINE Complex LoadPoint(const float* tile, size_t n) {
  return {LoadRow(tile, 2 * n), LoadRow(tile, 2 * n + 1)};
}
HWY_INLINE void StorePoint(Complex value, float* tile, size_t n) {
  StoreRow(value.re, tile, 2 * n);
  StoreRow(value.im, tile, 2 * n + 1);
}

HWY_INLINE Complex Add(Complex a, Complex b) { return {a.re + b.re, a.im + b.im}; }
HWY_INLINE Complex Subtract(Complex a, Complex b) { return {a.re - b.re, a.im - b.im}; }
// a + b s and a + i b s for a real factor s.
HWY_INLINE Complex AddScaled(Complex a, Complex b, Lane s) {
  return {MultiplyAdd(b.re, s, a.re), MultiplyAdd(b.im, s, a.im)};
}
HWY_INLINE Complex AddTurned(Complex a, Complex b) { return {a.re - b.im, a.im + b.re}; }
HWY_INLINE Complex SubtractTurned(Complex a, Complex b) { return {a.re + b.im, a.im - b.re}; }
HWY_INLINE Complex Rotate(Complex a, Twiddle w) {
  const Lane re = Splat(w.re);
  const Lane im = Splat(w.im);
  return {MultiplySubtract(a.im, im, a.re * re), MultiplyAdd(a.im, re, a.re * im)};
}

// DFT of kRadix points in place: y[p] = sum_q x[q] e^(-2 pi i p q / kRadix).
template <int kRadix>
HWY_INLINE void SmallDft(Complex (&x)[kRadix]);

template <>
HWY_INLINE void SmallDft<2>(Complex (&x)[2]) {
  const Complex sum = Add(x[0], x[1]);
  x[1] = Subtract(x[0], x[1]);
  x[0] = sum;
}

template <>
HWY_INLINE void SmallDft<3>(Complex (&x)[3]) {
  const Lane kSin = Splat(0.86602540378443864676f);
  const Complex sum = Add(x[1], x[2]);
  const Complex difference = Subtract(x[1], x[2]);
  const Complex middle = AddScaled(x[0], sum, Splat(-0.5f));
  const Complex turned = {difference.re * kSin, difference.im * kSin};
  x[0] = Add(x[0], sum);
  x[1] = SubtractTurned(middle, turned);
  x[2] = AddTurned(middle, turned);
}

template <>
HWY_INLINE void SmallDft<4>(Complex (&x)[4]) {
  const Complex even_sum = Add(x[0], x[2]);
  const Complex even_difference = Subtract(x[0], x[2]);
  const Complex odd_sum = Add(x[1], x[3]);
  const Complex odd_difference = Subtract(x[1], x[3]);
  x[0] = Add(even_sum, odd_sum);
  x[1] = SubtractTurned(even_difference, odd_difference);
  x[2] = Subtract(even_sum, odd_sum);
  x[3] = AddTurned(even_difference, odd_difference);
}

template <>
HWY_INLINE void SmallDft<5>(Complex (&x)[5]) {
  const Lane kCos1 = Splat(0.30901699437494742410f);
  const Lane kCos2 = Splat(-0.80901699437494742410f);
  const Lane kSin1 = Splat(0.95105651629515357212f);
  const Lane kSin2 = Splat(0.58778525229247312917f);
  const Complex sum1 = Add(x[1], x[4]);
  const Complex sum2 = Add(x[2], x[3]);
  const Complex difference1 = Subtract(x[1], x[4]);
  const Complex difference2 = Subtract(x[2], x[3]);
  const Complex middle1 = AddScaled(AddScaled(x[0], sum1, kCos1), sum2, kCos2);
  const Complex middle2 = AddScaled(AddScaled(x[0], sum1, kCos2), sum2, kCos1);
  const Complex turned1 = {MultiplyAdd(difference2.re, kSin2, difference1.re * kSin1),
                           MultiplyAdd(difference2.im, kSin2, difference1.im * kSin1)};
  const Complex turned2 = {MultiplySubtract(difference2.re, kSin1, difference1.re * kSin2),
                           MultiplySubtract(difference2.im, kSin1, difference1.im * kSin2)};
  x[0] = Add(x[0], Add(sum1, sum2));
  x[1] = SubtractTurned(middle1, turned1);
  x[2] = SubtractTurned(middle2, turned2);
  x[3] = AddTurned(middle2, turned2);
  x[4] = AddTurned(middle1, turned1);
}

// One pass over `points` points in place; formula at FftStage.
template <int kRadix>
void RunStage(const FftStage& stage, size_t points, float* tile) {
  const size_t span = static_cast<size_t>(stage.span);
  const bool twiddled = !stage.twiddles.empty();
  for (size_t block = 0; block < points; block += kRadix * span) {
    const Twiddle* twiddle = stage.twiddles.data();
    for (size_t j = block; j < block + span; ++j, twiddle += kRadix - 1) {
      Complex x[kRadix];
      for (size_t q = 0; q < kRadix; ++q) x[q] = LoadPoint(tile, j + q * span);
      SmallDft<kRadix>(x);
      StorePoint(x[0], tile, j);
      for (size_t p = 1; p < kRadix; ++p) {
        StorePoint(twiddled ? Rotate(x[p], twiddle[p - 1]) : x[p], tile, j + p * span);
      }
    }
  }
}

HWY_INLINE void RunComplexFft(const RealFft& fft, float* tile) {
  const size_t points = static_cast<size_t>(fft.complex_size);
  for (const FftStage& stage : fft.stages) {
    switch (stage.radix) {
      case 2:
        RunStage<2>(stage, points, tile);
        break;
      case 3:
        RunStage<3>(stage, points, tile);
        break;
      case 4:
        RunStage<4>(stage, points, tile);
        break;
      default:
        RunStage<5>(stage, points, tile);
    }
  }
}

HWY_INLINE Lane SquaredLength(Complex a) { return MultiplyAdd(a.re, a.re, a.im * a.im); }

// Power of bins k and M - k from points Z[k], Z[M - k] of the half-size FFT, M = size / 2:
// X[k] = E + w^k O and X[M - k] = conj(E - w^k O), E = (Z[k] + conj Z[M - k]) / 2, O = -i (Z[k] - conj Z[M -
// k]) / 2.
HWY_INLINE void SplitPower(const RealFft& fft, const float* tile, size_t k, float* power) {
  const size_t half = static_cast<size_t>(fft.complex_size);
  const Complex a = LoadPoint(tile, static_cast<size_t>(fft.positions[k]));
  const Complex b = LoadPoint(tile, static_cast<size_t>(fft.positions[half - k]));
  const Complex even = {a.re + b.re, a.im - b.im};
  const Complex odd = Rotate({a.im + b.im, b.re - a.re}, fft.split_factors[k]);
  const Lane quarter = Splat(0.25f);  // E and O above are twice what the formula says
  StoreRow(quarter * SquaredLength(Add(even, odd)), power, k);
  StoreRow(quarter * SquaredLength(Subtract(even, odd)), power, half - k);
}

// Power spectrum of a tile of real frames.
// in: tile, `size` rows of samples (even sizes), or a row of samples and a row of zeros a point (odd sizes);
// used up. out: power, floor(size / 2) + 1 rows, squared magnitude of the unscaled DFT.
HWY_INLINE void PowerSpectrum(const RealFft& fft, float* tile, float* power) {
  RunComplexFft(fft, tile);
  if (!fft.split) {
    for (size_t k = 0; k <= static_cast<size_t>(fft.size) / 2; ++k) {
      StoreRow(SquaredLength(LoadPoint(tile, static_cast<size_t>(fft.positions[k]))), power, k);
    }
    return;
  }
  const size_t half = static_cast<size_t>(fft.complex_size);
  const Complex zero = LoadPoint(tile, 0);
  const Lane direct = zero.re + zero.im;
  const Lane nyquist = zero.re - zero.im;
  StoreRow(direct * direct, power, 0);
  StoreRow(nyquist * nyquist, power, half);
  for (size_t k = 1; 2 * k <= half; ++k) SplitPower(fft, tile, k, power);
}

}  // namespace undertone::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // per-target include guard
