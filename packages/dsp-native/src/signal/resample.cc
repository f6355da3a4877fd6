// Contract and filter in resample.h. The inner products are compiled once per instruction set (Google
// Highway).
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "signal/resample.cc"
#include <hwy/foreach_target.h>  // must come before highway.h
#include <hwy/highway.h>

#include <cstddef>
#include <cstdint>

HWY_BEFORE_NAMESPACE();
namespace undertone::signal {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// At most 16 lanes, so that rows padded to a multiple of 16 suit every machine.
using Lanes = hn::CappedTag<float, 16>;
using Vector = hn::Vec<Lanes>;

constexpr size_t kBlock = 4;

// sums[o] = Σ x[o][i]·h[o][i] for four outputs: one alone would wait for the latency of its additions. Each
// has two accumulators of its own, so an output depends neither on its neighbours nor on its place in the
// block, and the chunking of a stream cannot show. Named one by one because vectors without a size (SVE) fit
// in no array. kOneX, kOneH: all four have the same x, or the same h, which is then loaded once.
template <bool kOneX, bool kOneH>
HWY_INLINE void Products(const float* const* x, const float* const* h, size_t taps, float* sums) {
  const Lanes lanes;
  const size_t width = hn::Lanes(lanes);
  Vector even0 = hn::Zero(lanes), even1 = even0, even2 = even0, even3 = even0;
  Vector odd0 = even0, odd1 = even0, odd2 = even0, odd3 = even0;
  const auto step = [&](size_t i, Vector& sum0, Vector& sum1, Vector& sum2, Vector& sum3) HWY_ATTR {
    const Vector x0 = hn::LoadU(lanes, x[0] + i);
    const Vector h0 = hn::Load(lanes, h[0] + i);
    const Vector x1 = kOneX ? x0 : hn::LoadU(lanes, x[1] + i);
    const Vector h1 = kOneH ? h0 : hn::Load(lanes, h[1] + i);
    const Vector x2 = kOneX ? x0 : hn::LoadU(lanes, x[2] + i);
    const Vector h2 = kOneH ? h0 : hn::Load(lanes, h[2] + i);
    const Vector x3 = kOneX ? x0 : hn::LoadU(lanes, x[3] + i);
    const Vector h3 = kOneH ? h0 : hn::Load(lanes, h[3] + i);
    sum0 = hn::MulAdd(x0, h0, sum0);
    sum1 = hn::MulAdd(x1, h1, sum1);
    sum2 = hn::MulAdd(x2, h2, sum2);
    sum3 = hn::MulAdd(x3, h3, sum3);
  };
  size_t i = 0;
  for (; i + 2 * width <= taps; i += 2 * width) {
    step(i, even0, even1, even2, even3);
    step(i + width, odd0, odd1, odd2, odd3);
  }
  if (i < taps) step(i, even0, even1, even2, even3);
  sums[0] = hn::GetLane(hn::SumOfLanes(lanes, hn::Add(even0, odd0)));
  sums[1] = hn::GetLane(hn::SumOfLanes(lanes, hn::Add(even1, odd1)));
  sums[2] = hn::GetLane(hn::SumOfLanes(lanes, hn::Add(even2, odd2)));
  sums[3] = hn::GetLane(hn::SumOfLanes(lanes, hn::Add(even3, odd3)));
}

// Exact phases. in: x[0 …] from the first sample of the first output; its phase. out: `count` outputs.
void ExactOutputs(const float* x, const float* rows, size_t stride, uint64_t up, uint64_t down,
                  uint64_t phase, size_t count, float* out) {
  for (size_t k = 0; k < count; k += kBlock) {
    const size_t outputs = HWY_MIN(kBlock, count - k);
    // Past the last output the block repeats it: x may not run on.
    const float* at[kBlock];
    const float* row[kBlock];
    for (size_t o = 0; o < kBlock; ++o) {
      at[o] = o < outputs ? x : at[o - 1];
      row[o] = o < outputs ? rows + phase * stride : row[o - 1];
      if (o >= outputs) continue;
      phase += down;
      x += phase / up;
      phase %= up;
    }
    float sums[kBlock];
    if (up == 1) {
      Products<false, true>(at, row, stride, sums);
    } else {
      Products<false, false>(at, row, stride, sums);
    }
    for (size_t o = 0; o < outputs; ++o) out[k + o] = sums[o];
  }
}

// Interpolated phases: the four rows around the phase under cubic Lagrange weights. Same arguments.
void InterpolatedOutputs(const float* x, const float* rows, size_t stride, size_t steps, uint64_t up,
                         uint64_t down, uint64_t phase, size_t count, float* out) {
  for (size_t k = 0; k < count; ++k) {
    const double place = static_cast<double>(phase) * static_cast<double>(steps) / static_cast<double>(up);
    const auto below = static_cast<size_t>(place);
    const double f = place - static_cast<double>(below);
    const float weight[4] = {
        static_cast<float>(-f * (f - 1) * (f - 2) / 6), static_cast<float>((f + 1) * (f - 1) * (f - 2) / 2),
        static_cast<float>(-(f + 1) * f * (f - 2) / 2), static_cast<float>((f + 1) * f * (f - 1) / 6)};
    const float* at[kBlock] = {x, x, x, x};
    const float* row[kBlock];
    for (size_t r = 0; r < kBlock; ++r) row[r] = rows + (below + r) * stride;
    float sums[kBlock];
    Products<true, false>(at, row, stride, sums);
    out[k] = (weight[0] * sums[0] + weight[3] * sums[3]) + (weight[1] * sums[1] + weight[2] * sums[2]);
    phase += down;
    x += phase / up;
    phase %= up;
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace undertone::signal
HWY_AFTER_NAMESPACE();

#if HWY_ONCE

#include <algorithm>
#include <cmath>
#include <map>
#include <mutex>
#include <new>
#include <numbers>
#include <numeric>
#include <utility>

#include "signal/resample.h"

namespace undertone::signal {

HWY_EXPORT(ExactOutputs);
HWY_EXPORT(InterpolatedOutputs);

namespace {

// Design, in units of the lower Nyquist frequency. The attenuation has 6 dB in hand for rounding and
// interpolation.
constexpr double kPassEdge = 0.9;
constexpr double kStopEdge = 1.0;
constexpr double kAttenuationDb = 106.0;

constexpr size_t kRowMultiple = 16;  // floats; also the alignment, 64 bytes
constexpr size_t kPadding = kRowMultiple;
constexpr size_t kMaxExactCoefficients = size_t{1} << 17;
// Rows a source sample where the filter passes the whole source band; fewer serve a narrower band.
constexpr double kStepsAtFullBand = 64;
// Consumed samples pile up to this before the window is moved to its start.
constexpr size_t kCompactAfter = size_t{1} << 13;
constexpr size_t kMaxTables = 32;

double BesselI0(double x) {
  double sum = 1;
  double term = 1;
  for (int k = 1; term > sum * 1e-17; ++k) {
    term *= (x / (2 * k)) * (x / (2 * k));
    sum += term;
  }
  return sum;
}

constexpr double kBeta = 0.1102 * (kAttenuationDb - 8.7);

// Half the Kaiser length for the design, in samples of the lower rate.
constexpr double kHalfLength =
    (kAttenuationDb - 7.95) / (2.285 * std::numbers::pi * (kStopEdge - kPassEdge)) / 2;

double Sinc(double x) { return x == 0 ? 1 : std::sin(std::numbers::pi * x) / (std::numbers::pi * x); }

}  // namespace

void ResampleTable::AlignedFree::operator()(float* memory) const {
  ::operator delete[](memory, std::align_val_t{64});
}

ResampleTable::ResampleTable(int from_hz, int to_hz) {
  const auto divisor = static_cast<uint64_t>(std::gcd(from_hz, to_hz));
  up_ = static_cast<uint64_t>(to_hz) / divisor;
  down_ = static_cast<uint64_t>(from_hz) / divisor;
  const double scale = std::min(1.0, static_cast<double>(to_hz) / from_hz);
  half_width_ = kHalfLength / scale;
  half_ = static_cast<size_t>(std::ceil(half_width_));
  stride_ = (2 * half_ + kRowMultiple - 1) / kRowMultiple * kRowMultiple;
  interpolated_ = up_ * stride_ > kMaxExactCoefficients && up_ > 1;
  steps_ = std::max<size_t>(8, static_cast<size_t>(std::ceil(kStepsAtFullBand * scale)));
  row_count_ = interpolated_ ? steps_ + 3 : static_cast<size_t>(up_);
  rows_.reset(
      static_cast<float*>(::operator new[](row_count_* stride_ * sizeof(float), std::align_val_t{64})));
  for (size_t index = 0; index < row_count_; ++index) {
    const double phase = interpolated_ ? (static_cast<double>(index) - 1) / static_cast<double>(steps_)
                                       : static_cast<double>(index) / static_cast<double>(up_);
    FillRow(phase, scale, rows_.get() + index * stride_);
  }
}

// One row: the filter at the distances of its samples from the output's place.
void ResampleTable::FillRow(double phase, double scale, float* to) const {
  static const double kWindowPeak = BesselI0(kBeta);
  const double cutoff = scale * (kPassEdge + kStopEdge) / 2;
  std::vector<double> taps(2 * half_);
  double sum = 0;
  for (size_t j = 0; j < taps.size(); ++j) {
    const double distance = static_cast<double>(j) - static_cast<double>(half_) + 1 - phase;
    const double place = distance / half_width_;
    if (std::abs(place) >= 1) continue;
    taps[j] = Sinc(cutoff * distance) * BesselI0(kBeta * std::sqrt(1 - place * place)) / kWindowPeak;
    sum += taps[j];
  }
  for (size_t j = 0; j < stride_; ++j) to[j] = j < taps.size() ? static_cast<float>(taps[j] / sum) : 0.0f;
}

std::shared_ptr<const ResampleTable> ResampleTable::Get(int from_hz, int to_hz) {
  // Kept when the last recording of a rate ends: the next one usually has the same. Bounded, because an
  // archive with a thousand odd rates is possible.
  static std::mutex mutex;
  static std::map<std::pair<int, int>, std::shared_ptr<const ResampleTable>> tables;
  const int divisor = std::gcd(from_hz, to_hz);
  const std::pair key{from_hz / divisor, to_hz / divisor};
  const std::lock_guard lock(mutex);
  if (const auto found = tables.find(key); found != tables.end()) return found->second;
  auto table = std::make_shared<const ResampleTable>(key.first, key.second);
  if (tables.size() >= kMaxTables) tables.clear();
  tables.emplace(key, table);
  return table;
}

Resampler::Resampler(int from_hz, int to_hz)
    : table_(ResampleTable::Get(from_hz, to_hz)), window_(table_->half() - 1 + kPadding, 0.0f) {}

void Resampler::Process(const float* in, size_t samples, std::vector<float>* out) {
  if (next_ > kCompactAfter + window_.size() / 2) {
    // The next output may lie beyond what has arrived.
    const size_t drop = std::min(next_, window_.size() - kPadding);
    window_.erase(window_.begin(), window_.begin() + static_cast<std::ptrdiff_t>(drop));
    next_ -= drop;
  }
  window_.resize(window_.size() - kPadding);
  window_.insert(window_.end(), in, in + samples);
  window_.resize(window_.size() + kPadding, 0.0f);
  consumed_ += samples;
  Produce(out, UINT64_MAX);
}

void Resampler::Finish(std::vector<float>* out) {
  const uint64_t up = table_->up();
  const uint64_t down = table_->down();
  // ceil(consumed · up / down) without the product, which could wrap.
  const uint64_t total = consumed_ / down * up + (consumed_ % down * up + down - 1) / down;
  window_.resize(window_.size() + table_->half() + 1, 0.0f);
  Produce(out, total);
}

void Resampler::Produce(std::vector<float>* out, uint64_t limit) {
  const uint64_t up = table_->up();
  const uint64_t down = table_->down();
  const size_t end = window_.size() - kPadding;
  const size_t taps = 2 * table_->half();
  if (next_ + taps > end || produced_ >= limit) return;
  // Output i reads from next_ + floor((phase + i·down) / up); the last one possible ends at `end`.
  const uint64_t room = end - taps - next_;
  const uint64_t possible = ((room + 1) * up - phase_ - 1) / down + 1;
  const auto count = static_cast<size_t>(std::min(possible, limit - produced_));
  const size_t before = out->size();
  out->resize(before + count);
  const float* x = window_.data() + next_;
  if (table_->interpolated()) {
    HWY_DYNAMIC_DISPATCH(InterpolatedOutputs)
    (x, table_->row(0), table_->stride(), table_->steps(), up, down, phase_, count, out->data() + before);
  } else {
    HWY_DYNAMIC_DISPATCH(ExactOutputs)
    (x, table_->row(0), table_->stride(), up, down, phase_, count, out->data() + before);
  }
  const uint64_t travelled = phase_ + static_cast<uint64_t>(count) * down;
  next_ += static_cast<size_t>(travelled / up);
  phase_ = travelled % up;
  produced_ += count;
}

}  // namespace undertone::signal

#endif  // HWY_ONCE
