// The complex FFT of signal/resample_design.h over a tile, in both directions; small DFTs of fft-inl.h and
// three more. There and here every row operation is a whole vector.
#if defined(UNDERTONE_BACKEND_CPU_BLOCK_FFT_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef UNDERTONE_BACKEND_CPU_BLOCK_FFT_INL_H_
#undef UNDERTONE_BACKEND_CPU_BLOCK_FFT_INL_H_
#else
#define UNDERTONE_BACKEND_CPU_BLOCK_FFT_INL_H_
#endif

#include "backend/cpu/fft-inl.h"
#include "signal/resample_design.h"

HWY_BEFORE_NAMESPACE();
namespace undertone::HWY_NAMESPACE {

// SmallDft of fft-inl.h in place, and larger ones.
template <int kRadix>
HWY_INLINE void BlockDft(Complex (&x)[kRadix]) {
  Complex y[kRadix];
  SmallDft<kRadix>::Run([&](size_t q) HWY_ATTR { return x[q]; },
                        [&](size_t p, Complex value) HWY_ATTR { y[p] = value; });
  for (size_t p = 0; p < kRadix; ++p) x[p] = y[p];
}

template <>
HWY_INLINE void BlockDft<7>(Complex (&x)[7]) {
  const Lane kCos1 = Splat(0.62348980185873353053f);
  const Lane kCos2 = Splat(-0.22252093395631440429f);
  const Lane kCos3 = Splat(-0.90096886790241912624f);
  const Lane kSin1 = Splat(0.78183148246802980871f);
  const Lane kSin2 = Splat(0.97492791218182360702f);
  const Lane kSin3 = Splat(0.43388373911755812048f);
  const Complex sum1 = Add(x[1], x[6]);
  const Complex sum2 = Add(x[2], x[5]);
  const Complex sum3 = Add(x[3], x[4]);
  const Complex difference1 = Subtract(x[1], x[6]);
  const Complex difference2 = Subtract(x[2], x[5]);
  const Complex difference3 = Subtract(x[3], x[4]);
  // The cosines' sum is -1/2: written so, points that are all the same give exact zeros.
  const Complex base = AddScaled(x[0], sum3, Splat(-0.5f));
  const Complex excess1 = Subtract(sum1, sum3);
  const Complex excess2 = Subtract(sum2, sum3);
  const Complex middle1 = AddScaled(AddScaled(base, excess1, kCos1), excess2, kCos2);
  const Complex middle2 = AddScaled(AddScaled(base, excess1, kCos2), excess2, kCos3);
  const Complex middle3 = AddScaled(AddScaled(base, excess1, kCos3), excess2, kCos1);
  const Complex turned1 = AddScaled(
      AddScaled({difference1.re * kSin1, difference1.im * kSin1}, difference2, kSin2), difference3, kSin3);
  const Complex turned2 =
      Subtract({difference1.re * kSin2, difference1.im * kSin2},
               AddScaled({difference2.re * kSin3, difference2.im * kSin3}, difference3, kSin1));
  const Complex turned3 =
      Subtract(AddScaled({difference1.re * kSin3, difference1.im * kSin3}, difference3, kSin2),
               {difference2.re * kSin1, difference2.im * kSin1});
  x[0] = Add(x[0], Add(sum1, Add(sum2, sum3)));
  x[1] = SubtractTurned(middle1, turned1);
  x[2] = SubtractTurned(middle2, turned2);
  x[3] = SubtractTurned(middle3, turned3);
  x[4] = AddTurned(middle3, turned3);
  x[5] = AddTurned(middle2, turned2);
  x[6] = AddTurned(middle1, turned1);
}

template <>
HWY_INLINE void BlockDft<8>(Complex (&x)[8]) {
  const Lane kHalfRoot = Splat(0.70710678118654752440f);
  // There are more additions than products here: some go to the units that multiply.
  const Lane kOne = Splat(1.0f);
  Complex even[4] = {AddScaled(x[0], x[4], kOne), AddScaled(x[1], x[5], kOne), Add(x[2], x[6]),
                     Add(x[3], x[7])};
  const Complex difference1 = Subtract(x[1], x[5]);
  const Complex difference2 = Subtract(x[2], x[6]);
  const Complex difference3 = Subtract(x[3], x[7]);
  // The differences turned by 0, 1, 2 and 3 eighths of a turn.
  Complex odd[4] = {
      Subtract(x[0], x[4]),
      {(difference1.re + difference1.im) * kHalfRoot, (difference1.im - difference1.re) * kHalfRoot},
      {difference2.im, Splat(0.0f) - difference2.re},
      {(difference3.im - difference3.re) * kHalfRoot,
       (difference3.re + difference3.im) * (Splat(0.0f) - kHalfRoot)}};
  BlockDft<4>(even);
  BlockDft<4>(odd);
  for (size_t i = 0; i < 4; ++i) {
    x[2 * i] = even[i];
    x[2 * i + 1] = odd[i];
  }
}

// Three by three: w = e^(-2 pi i / 9).
template <>
HWY_INLINE void BlockDft<9>(Complex (&x)[9]) {
  constexpr Twiddle kW1 = {0.76604444311897803520f, -0.64278760968653932632f};
  constexpr Twiddle kW2 = {0.17364817766693034885f, -0.98480775301220805937f};
  constexpr Twiddle kW4 = {-0.93969262078590838405f, -0.34202014332566873304f};
  Complex column[3][3];
  for (size_t n = 0; n < 3; ++n) {
    for (size_t m = 0; m < 3; ++m) column[n][m] = x[n + 3 * m];
    BlockDft<3>(column[n]);
  }
  column[1][1] = Rotate(column[1][1], kW1);
  column[1][2] = Rotate(column[1][2], kW2);
  column[2][1] = Rotate(column[2][1], kW2);
  column[2][2] = Rotate(column[2][2], kW4);
  for (size_t p = 0; p < 3; ++p) {
    Complex row[3] = {column[0][p], column[1][p], column[2][p]};
    BlockDft<3>(row);
    for (size_t m = 0; m < 3; ++m) x[p + 3 * m] = row[m];
  }
}

// kForward: FftStage's formula. Otherwise its transpose with real and imaginary rows changed over, which
// makes the inverse (unscaled): the twiddles come first.
template <int kRadix, bool kForward>
void RunBlockStage(const FftStage& stage, size_t points, float* tile) {
  const size_t span = static_cast<size_t>(stage.span);
  const bool twiddled = !stage.twiddles.empty();
  for (size_t block = 0; block < points; block += kRadix * span) {
    const Twiddle* twiddle = stage.twiddles.data();
    for (size_t j = block; j < block + span; ++j, twiddle += kRadix - 1) {
      Complex x[kRadix];
      for (size_t q = 0; q < kRadix; ++q) {
        x[q] = LoadPoint(tile, j + q * span);
        if (!kForward) {
          x[q] = {x[q].im, x[q].re};
          if (twiddled && q > 0) x[q] = Rotate(x[q], twiddle[q - 1]);
        }
      }
      BlockDft<kRadix>(x);
      for (size_t p = 0; p < kRadix; ++p) {
        if (kForward) {
          StorePoint(twiddled && p > 0 ? Rotate(x[p], twiddle[p - 1]) : x[p], tile, j + p * span);
        } else {
          StorePoint({x[p].im, x[p].re}, tile, j + p * span);
        }
      }
    }
  }
}

template <bool kForward>
HWY_INLINE void RunBlockStage(const FftStage& stage, size_t points, float* tile) {
  switch (stage.radix) {
    case 2:
      return RunBlockStage<2, kForward>(stage, points, tile);
    case 3:
      return RunBlockStage<3, kForward>(stage, points, tile);
    case 4:
      return RunBlockStage<4, kForward>(stage, points, tile);
    case 5:
      return RunBlockStage<5, kForward>(stage, points, tile);
    case 7:
      return RunBlockStage<7, kForward>(stage, points, tile);
    case 8:
      return RunBlockStage<8, kForward>(stage, points, tile);
    default:
      return RunBlockStage<9, kForward>(stage, points, tile);
  }
}

// in: natural order. out: frequency k at positions[k], after all passes.
HWY_INLINE void ForwardFft(const signal::ComplexFft& fft, size_t passes, float* tile) {
  for (size_t i = 0; i < passes; ++i) RunBlockStage<true>(fft.stages[i], fft.size, tile);
}

// in: frequency k at positions[k]. out: natural order, `size` times the inverse DFT.
HWY_INLINE void InverseFft(const signal::ComplexFft& fft, float* tile) {
  for (size_t i = fft.stages.size(); i-- > 0;) RunBlockStage<false>(fft.stages[i], fft.size, tile);
}

}  // namespace undertone::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // per-target include guard
