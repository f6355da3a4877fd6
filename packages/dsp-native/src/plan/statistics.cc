// Contract in statistics.h. One column a lane; compiled once per instruction set (Google Highway).
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "plan/statistics.cc"
#include "plan/statistics.h"

#include <hwy/foreach_target.h>  // must come before highway.h
#include <hwy/highway.h>

#include <cstddef>
#include <cstdint>

#ifndef UNDERTONE_PLAN_STATISTICS_ONCE_
#define UNDERTONE_PLAN_STATISTICS_ONCE_
namespace undertone {

// Columns of a tile of SortTile.
constexpr size_t kTileColumns = 16;

// What one pass over a column, and a second one around its mean, tell.
struct Moments {
  double mean;
  double lowest;
  double highest;
  double second;  // central moments: means of powers of the deviation
  double third;
  double fourth;
  double slope;  // of the least-squares line, per frame
};

}  // namespace undertone
#endif

HWY_BEFORE_NAMESPACE();
namespace undertone {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// Moments of the columns first … first + Lanes(d) − 1.
template <class D>
HWY_INLINE void ColumnMoments(D d, const TrackView& track, size_t first, bool centred, Moments* moments) {
  const hn::Rebind<float, D> narrow;
  const size_t lanes = hn::Lanes(d);
  const float* const column = track.rows + first;
  const auto value = [&](int64_t t) HWY_ATTR {
    return hn::PromoteTo(d, hn::LoadU(narrow, column + static_cast<size_t>(t) * track.stride));
  };
  auto sum = hn::Zero(d);
  auto lowest = value(0), highest = lowest;
  for (int64_t t = 0; t < track.frames; ++t) {
    const auto x = value(t);
    sum = hn::Add(sum, x);
    lowest = hn::Min(lowest, x);
    highest = hn::Max(highest, x);
  }
  const auto count = hn::Set(d, static_cast<double>(track.frames));
  const auto mean = hn::Div(sum, count);

  auto second = hn::Zero(d), third = second, fourth = second, slope = second;
  if (centred) {
    const auto one = hn::Set(d, 1.0);
    auto time = hn::Set(d, -0.5 * static_cast<double>(track.frames - 1));
    for (int64_t t = 0; t < track.frames; ++t) {
      const auto deviation = hn::Sub(value(t), mean);
      const auto square = hn::Mul(deviation, deviation);
      second = hn::Add(second, square);
      third = hn::MulAdd(square, deviation, third);
      fourth = hn::MulAdd(square, square, fourth);
      slope = hn::MulAdd(time, deviation, slope);
      time = hn::Add(time, one);
    }
    const auto frames = static_cast<double>(track.frames);
    const double times = frames * (frames * frames - 1) / 12;  // sum of squares of the centred times
    slope = track.frames > 1 ? hn::Div(slope, hn::Set(d, times)) : hn::Zero(d);
  }

  HWY_ALIGN double out[7][kTileColumns];
  hn::StoreU(mean, d, out[0]);
  hn::StoreU(lowest, d, out[1]);
  hn::StoreU(highest, d, out[2]);
  hn::StoreU(hn::Div(second, count), d, out[3]);
  hn::StoreU(hn::Div(third, count), d, out[4]);
  hn::StoreU(hn::Div(fourth, count), d, out[5]);
  hn::StoreU(slope, d, out[6]);
  for (size_t i = 0; i < lanes; ++i) {
    moments[first + i] = {out[0][i], out[1][i], out[2][i], out[3][i], out[4][i], out[5][i], out[6][i]};
  }
}

// in: at most kTileColumns columns. out: moments[0 … columns).
void TileMoments(const TrackView& track, bool centred, Moments* moments) {
  const hn::CappedTag<double, kTileColumns> wide;
  const hn::CappedTag<double, 1> one;
  const size_t lanes = hn::Lanes(wide);
  size_t c = 0;
  for (; c + lanes <= track.columns; c += lanes) ColumnMoments(wide, track, c, centred, moments);
  if (c == track.columns) return;
  // The rest: a vector that ends with the last column and repeats some before, or one by one.
  if (track.columns >= lanes) return ColumnMoments(wide, track, track.columns - lanes, centred, moments);
  for (; c < track.columns; ++c) ColumnMoments(one, track, c, centred, moments);
}

// tile: [frames][kTileColumns], 64-byte aligned. Sorts every column, ascending, by Batcher's odd-even merge
// (Knuth, The Art of Computer Programming, volume 3, 5.2.2, algorithm M): no branch depends on the values.
// Its work grows with frames · log², and is still less at 100,000 frames than selecting from a column at a
// time.
void SortTile(float* tile, size_t frames) {
  const hn::CappedTag<float, kTileColumns> d;
  const size_t lanes = hn::Lanes(d);
  size_t top = 1;
  while (2 * top < frames) top *= 2;
  for (size_t p = top; p > 0; p /= 2) {
    size_t distance = p, r = 0;
    for (size_t q = top;; q /= 2) {
      for (size_t block = r; block + distance < frames; block += 2 * p) {
        const size_t end = HWY_MIN(block + p, frames - distance);
        for (size_t i = block * kTileColumns; i < end * kTileColumns; i += lanes) {
          float* const low = tile + i;
          float* const high = low + distance * kTileColumns;
          const auto a = hn::Load(d, low);
          const auto b = hn::Load(d, high);
          hn::Store(hn::Min(a, b), d, low);
          hn::Store(hn::Max(a, b), d, high);
        }
      }
      if (q == p) break;
      distance = q - p;
      r = p;
    }
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace undertone
HWY_AFTER_NAMESPACE();

#if HWY_ONCE

#include <algorithm>
#include <cfloat>
#include <cmath>
#include <cstring>

namespace undertone {

HWY_EXPORT(TileMoments);
HWY_EXPORT(SortTile);

namespace {

constexpr size_t kAlignment = 64 / sizeof(float);

float* Aligned(float* at) {
  const auto address = reinterpret_cast<uintptr_t>(at) / sizeof(float);
  return at + (kAlignment - address % kAlignment) % kAlignment;
}

bool IsOrder(StatisticKind kind) {
  return kind == StatisticKind::kPercentile || kind == StatisticKind::kPercentileRange;
}

bool IsMoment(StatisticKind kind) {
  return kind == StatisticKind::kStd || kind == StatisticKind::kVariance ||
         kind == StatisticKind::kSkewness || kind == StatisticKind::kKurtosis ||
         kind == StatisticKind::kSlope;
}

// Linear interpolation between order statistics; `at(i)` is the i-th smallest.
template <typename At>
double Percentile(double percent, int64_t frames, const At& at) {
  const double place = percent / 100 * static_cast<double>(frames - 1);
  const auto below = std::min(static_cast<int64_t>(place), frames - 1);
  const int64_t above = std::min(below + 1, frames - 1);
  const double low = at(below);
  return low + (at(above) - low) * (place - static_cast<double>(below));
}

template <typename At>
double OrderStatistic(const Statistic& statistic, int64_t frames, const At& at) {
  const double low = Percentile(statistic.percentile, frames, at);
  if (statistic.kind == StatisticKind::kPercentile) return low;
  return Percentile(statistic.upper_percentile, frames, at) - low;
}

// m^(k) over the deviation to the k, or 0 where the deviation is rounding.
double Standardised(double moment, double power, const Moments& m) {
  const double rounding = FLT_EPSILON * std::abs(m.mean);
  return m.second > rounding * rounding ? moment / std::pow(m.second, power) : 0;
}

double MomentStatistic(StatisticKind kind, const Moments& m, double hop_seconds) {
  switch (kind) {
    case StatisticKind::kMean:
      return m.mean;
    case StatisticKind::kStd:
      return std::sqrt(m.second);
    case StatisticKind::kVariance:
      return m.second;
    case StatisticKind::kSkewness:
      return Standardised(m.third, 1.5, m);
    case StatisticKind::kKurtosis: {
      const double kurtosis = Standardised(m.fourth, 2, m);
      return kurtosis > 0 ? kurtosis - 3 : 0;
    }
    case StatisticKind::kMin:
      return m.lowest;
    case StatisticKind::kMax:
      return m.highest;
    case StatisticKind::kRange:
      return m.highest - m.lowest;
    case StatisticKind::kSlope:
      return m.slope / hop_seconds;
    default:
      return 0;
  }
}

}  // namespace

Summariser::Summariser(const std::vector<Statistic>& statistics, double hop_seconds)
    : statistics_(statistics), hop_seconds_(hop_seconds) {
  for (const Statistic& statistic : statistics) {
    needs_moments_ = needs_moments_ || IsMoment(statistic.kind);
    needs_order_ = needs_order_ || IsOrder(statistic.kind);
  }
}

void Summariser::Summarise(const TrackView& track, float* out) {
  for (size_t c = 0; c < track.columns; c += kTileColumns) {
    // A last tile that would not be full begins earlier: full vectors cost less than single columns.
    const size_t first = track.columns < kTileColumns ? 0 : std::min(c, track.columns - kTileColumns);
    const TrackView tile{track.rows + first, track.frames, track.stride,
                         std::min(kTileColumns, track.columns - first)};
    WriteMoments(tile, track.columns, out + first);
    if (needs_order_) WriteSorted(tile, track.columns, out + first);
  }
}

// out: out[statistic * stride + column], of every statistic that needs no order.
void Summariser::WriteMoments(const TrackView& tile, size_t stride, float* out) const {
  Moments moments[kTileColumns];
  HWY_DYNAMIC_DISPATCH(TileMoments)(tile, needs_moments_, moments);
  const float* const last = tile.rows + static_cast<size_t>(tile.frames - 1) * tile.stride;
  for (const Statistic& statistic : statistics_) {
    for (size_t c = 0; c < tile.columns && !IsOrder(statistic.kind); ++c) {
      if (statistic.kind == StatisticKind::kFirst) {
        out[c] = tile.rows[c];
      } else if (statistic.kind == StatisticKind::kLast) {
        out[c] = last[c];
      } else {
        out[c] = static_cast<float>(MomentStatistic(statistic.kind, moments[c], hop_seconds_));
      }
    }
    out += stride;
  }
}

void Summariser::WriteSorted(const TrackView& tile, size_t stride, float* out) {
  const auto frames = static_cast<size_t>(tile.frames);
  scratch_.resize(std::max(scratch_.size(), frames * kTileColumns + kAlignment));
  float* const sorted = Aligned(scratch_.data());
  for (size_t t = 0; t < frames; ++t) {
    float* const row = sorted + t * kTileColumns;
    std::copy_n(tile.rows + t * tile.stride, tile.columns, row);
    std::fill(row + tile.columns, row + kTileColumns, 0.0f);
  }
  HWY_DYNAMIC_DISPATCH(SortTile)(sorted, frames);
  for (const Statistic& statistic : statistics_) {
    for (size_t c = 0; c < tile.columns && IsOrder(statistic.kind); ++c) {
      const auto at = [&](int64_t i) { return static_cast<double>(sorted[i * kTileColumns + c]); };
      out[c] = static_cast<float>(OrderStatistic(statistic, tile.frames, at));
    }
    out += stride;
  }
}

}  // namespace undertone

#endif  // HWY_ONCE
