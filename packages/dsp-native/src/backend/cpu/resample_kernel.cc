// The resampler's kernel. Highway compiles this file once an instruction set.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "backend/cpu/resample_kernel.cc"
#include "backend/cpu/resample_kernel.h"

#include <hwy/cache_control.h>
#include <hwy/foreach_target.h>  // must come before highway.h
#include <hwy/highway.h>

#include "backend/cpu/block_fft-inl.h"
#include "backend/cpu/frame-inl.h"
#include "backend/cpu/lane-inl.h"

HWY_BEFORE_NAMESPACE();
namespace undertone::HWY_NAMESPACE {
namespace {

using signal::ResampleBin;
using signal::ResampleStage;

constexpr size_t kTurnRows = ResampleStage::kTurnRows;
// Interpolated outputs that are gathered before they are handed out.
constexpr size_t kChunk = 64;

size_t CoarseTurns(const ResampleStage& stage) { return (stage.bins.size() + kTurnRows - 1) / kTurnRows; }

// The parts of the working memory.
struct Scratch {
  float* forward;  // `forward` rows
  float* inverse;  // `inverse` rows
  float* fine;     // points e^(i b angle), b = 0 … kTurnRows - 1
  float* coarse;   // points e^(i kTurnRows a angle)
  float* chunk;    // kChunk rows
};

Scratch Divide(const ResampleStage& stage, float* memory) {
  Scratch scratch{};
  scratch.forward = memory;
  scratch.inverse = scratch.forward + stage.forward * kLanes;
  scratch.fine = scratch.inverse + stage.inverse * kLanes;
  scratch.coarse = scratch.fine + 2 * kTurnRows * kLanes;
  scratch.chunk = scratch.coarse + 2 * CoarseTurns(stage) * kLanes;
  return scratch;
}

size_t ScratchSize(const ResampleStage& stage) {
  return (stage.forward + stage.inverse + 2 * kTurnRows + 2 * CoarseTurns(stage) + kChunk) * kLanes;
}

HWY_INLINE Complex Multiply(Complex a, Complex b) {
  return {MultiplySubtract(a.im, b.im, a.re * b.re), MultiplyAdd(a.im, b.re, a.re * b.im)};
}

// Rows that are one cache line of a block.
constexpr size_t kLineRows = 16;

HWY_INLINE void LoadSamples(const float* const* blocks, size_t rows, float* tile) {
  const auto block_at = [&](size_t lane) HWY_ATTR { return blocks[lane]; };
  for (size_t row = 0; row < rows; row += kLineRows) {
    // So many streams at once are more than machines foresee.
    for (size_t lane = 0; lane < kLanes; ++lane) hwy::Prefetch(blocks[lane] + row + 4 * kLineRows);
    LoadTransposed(LaneTag(), block_at, row, HWY_MIN(rows, row + kLineRows), kLanes, tile);
  }
}

// e^(i x) for |x| up to pi / 2, by Taylor's series; error below 1e-7.
HWY_INLINE Complex UnitPoint(Lane x) {
  const Lane square = x * x;
  Lane sine = Splat(-2.5052108385e-8f);
  sine = MultiplyAdd(sine, square, Splat(2.7557319224e-6f));
  sine = MultiplyAdd(sine, square, Splat(-1.9841269841e-4f));
  sine = MultiplyAdd(sine, square, Splat(8.3333333333e-3f));
  sine = MultiplyAdd(sine, square, Splat(-1.6666666667e-1f));
  Lane cosine = Splat(2.0876756988e-9f);
  cosine = MultiplyAdd(cosine, square, Splat(-2.7557319224e-7f));
  cosine = MultiplyAdd(cosine, square, Splat(2.4801587302e-5f));
  cosine = MultiplyAdd(cosine, square, Splat(-1.3888888889e-3f));
  cosine = MultiplyAdd(cosine, square, Splat(4.1666666667e-2f));
  cosine = MultiplyAdd(cosine, square, Splat(-0.5f));
  return {MultiplyAdd(cosine, square, Splat(1.0f)), MultiplyAdd(sine * square, x, x)};
}

HWY_INLINE void FillTurns(const ResampleStage& stage, const float* turns, const Scratch& scratch) {
  const Lane angle = hn::LoadU(LaneTag(), turns);
  for (size_t b = 0; b < kTurnRows; ++b) {
    StorePoint(UnitPoint(angle * Splat(static_cast<float>(b))), scratch.fine, b);
  }
  for (size_t a = 0; a < CoarseTurns(stage); ++a) {
    StorePoint(UnitPoint(angle * Splat(static_cast<float>(a * kTurnRows))), scratch.coarse, a);
  }
}

// Bin k of the filtered spectrum from points k and M - k; formula at ResampleBin.
template <bool kTurned>
HWY_INLINE Complex FilteredBin(const ResampleStage& stage, const Scratch& scratch, size_t k, Complex own,
                               Complex mirrored) {
  const ResampleBin& bin = stage.bins[k];
  const Lane own_re = Splat(bin.own.re);
  const Lane own_im = Splat(bin.own.im);
  const Lane mirrored_re = Splat(bin.mirrored.re);
  const Lane mirrored_im = Splat(bin.mirrored.im);
  Complex value = {MultiplySubtract(own.im, own_im, own.re * own_re),
                   MultiplyAdd(own.im, own_re, own.re * own_im)};
  value.re = MultiplyAdd(mirrored.im, mirrored_im, MultiplyAdd(mirrored.re, mirrored_re, value.re));
  value.im = MultiplySubtract(mirrored.im, mirrored_re, MultiplyAdd(mirrored.re, mirrored_im, value.im));
  if (!kTurned) return value;
  return Multiply(value,
                  Multiply(LoadPoint(scratch.coarse, k / kTurnRows), LoadPoint(scratch.fine, k % kTurnRows)));
}

template <bool kTurned>
HWY_INLINE Complex LoadedBin(const ResampleStage& stage, const Scratch& scratch, size_t k) {
  if (k >= stage.bins.size()) return {Splat(0.0f), Splat(0.0f)};
  return FilteredBin<kTurned>(stage, scratch, k, LoadPoint(scratch.forward, stage.bins[k].own_position),
                              LoadPoint(scratch.forward, stage.bins[k].mirrored_position));
}

// Joins the filtered spectrum for an inverse of half the size: with P = inverse / 2, a = Y[k] and
// b = Y[P - k], point k is (a + conj b) + i e^(2 pi i k / inverse) (a - conj b).
HWY_INLINE void StoreJoined(const ResampleStage& stage, size_t k, Complex a, Complex b, float* tile) {
  const uint32_t* positions = stage.inverse_fft.positions.data();
  const Complex sum = {a.re + b.re, a.im - b.im};
  const Complex difference = Rotate({a.re - b.re, a.im + b.im}, stage.join_factors[k]);
  const Complex mirrored = SubtractTurned(sum, difference);
  if (k > 0) {
    StorePoint({mirrored.re, Splat(0.0f) - mirrored.im}, tile, positions[stage.inverse_fft.size - k]);
  }
  StorePoint(AddTurned(sum, difference), tile, positions[k]);
}

template <bool kTurned>
HWY_INLINE void FilterSpectrum(const ResampleStage& stage, const Scratch& scratch) {
  const size_t points = stage.inverse_fft.size;
  for (size_t k = 0; k <= points / 2; ++k) {
    const Complex a = LoadedBin<kTurned>(stage, scratch, k);
    const Complex b = LoadedBin<kTurned>(stage, scratch, points - k);
    StoreJoined(stage, k, a, b, scratch.inverse);
  }
}

// The points that make frequencies k, k + P and k + 2 P, P = inverse / 2, through the last pass.
HWY_INLINE void LoadThird(const ResampleStage& stage, const Scratch& scratch, size_t k, Complex (&x)[3]) {
  const size_t first = stage.bins[k].own_position;
  for (size_t q = 0; q < 3; ++q) x[q] = LoadPoint(scratch.forward, first + q);
  BlockDft<3>(x);
}

// The same with the forward FFT's last pass; see ResampleStage::thirds.
HWY_INLINE void FilterThirds(const ResampleStage& stage, const Scratch& scratch) {
  const size_t points = stage.inverse_fft.size;
  Complex low[3];
  LoadThird(stage, scratch, 0, low);
  StoreJoined(stage, 0, FilteredBin<false>(stage, scratch, 0, low[0], low[0]), {Splat(0.0f), Splat(0.0f)},
              scratch.inverse);
  for (size_t k = 1; k <= points / 2; ++k) {
    Complex high[3];
    LoadThird(stage, scratch, k, low);
    LoadThird(stage, scratch, points - k, high);
    StoreJoined(stage, k, FilteredBin<false>(stage, scratch, k, low[0], high[2]),
                FilteredBin<false>(stage, scratch, points - k, high[0], low[2]), scratch.inverse);
  }
}

HWY_INLINE void Filter(const ResampleStage& stage, const float* turns, const Scratch& scratch) {
  if (stage.turned) {
    FillTurns(stage, turns, scratch);
    FilterSpectrum<true>(stage, scratch);
  } else if (stage.thirds) {
    FilterThirds(stage, scratch);
  } else {
    FilterSpectrum<false>(stage, scratch);
  }
}

HWY_INLINE void Interpolate(const ResampleStage& stage, const Scratch& scratch, float* const* outputs) {
  float* at[kLanes];
  for (size_t lane = 0; lane < kLanes; ++lane) at[lane] = outputs[lane];
  for (size_t begin = 0; begin < stage.outputs; begin += kChunk) {
    const size_t count = HWY_MIN(kChunk, stage.outputs - begin);
    for (size_t j = 0; j < count; ++j) {
      const float* rows = scratch.inverse + stage.first_sample[begin + j] * kLanes;
      const float* weights = stage.weights.data() + (begin + j) * stage.taps;
      Lane even = LoadRow(rows, 0) * Splat(weights[0]);
      Lane odd = LoadRow(rows, 1) * Splat(weights[1]);
      for (size_t tap = 2; tap < stage.taps; tap += 2) {
        even = MultiplyAdd(LoadRow(rows, tap), Splat(weights[tap]), even);
        odd = MultiplyAdd(LoadRow(rows, tap + 1), Splat(weights[tap + 1]), odd);
      }
      StoreRow(even + odd, scratch.chunk, j);
    }
    StoreTransposed(scratch.chunk, count, at);
    for (size_t lane = 0; lane < kLanes; ++lane) at[lane] += count;
  }
}

void RunTile(const ResampleStage& stage, const float* const* blocks, const float* turns, float* memory,
             float* const* outputs) {
  const Scratch scratch = Divide(stage, memory);
  LoadSamples(blocks, stage.forward, scratch.forward);
  const size_t passes = stage.forward_fft.stages.size();
  ForwardFft(stage.forward_fft, stage.thirds ? passes - 1 : passes, scratch.forward);
  Filter(stage, turns, scratch);
  InverseFft(stage.inverse_fft, scratch.inverse);
  if (stage.taps == 0) {
    StoreTransposed(scratch.inverse, stage.outputs, outputs);
  } else {
    Interpolate(stage, scratch, outputs);
  }
}

}  // namespace

const ResampleKernel* GetKernel() {
  static constexpr ResampleKernel kKernel = {kLanes, ScratchSize, RunTile};
  return &kKernel;
}

}  // namespace undertone::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace undertone {

HWY_EXPORT(GetKernel);

const ResampleKernel& GetResampleKernel() { return *HWY_DYNAMIC_DISPATCH(GetKernel)(); }

}  // namespace undertone
#endif  // HWY_ONCE
