// Contract and formulas in pitch.h. Compiled once per instruction set (Google Highway).
//
// Where the time would go is d(k): frame_samples · lags differences a frame. Two things make it cheap. Frames
// overlap, so a recording is cut into blocks of `hop` samples, and a block's part of d(k) serves every frame
// that holds it; a frame that ends inside a block takes the sum as it stood at that place. And a vector holds
// one block a lane, so a sample is loaded once for eight lags. Sums of squared differences stay: taking
// energies less correlation instead would cancel in float32 just where d is small, at the period.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "signal/pitch.cc"
#include "signal/pitch.h"

#include <hwy/foreach_target.h>  // must come before highway.h
#include <hwy/highway.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>

// Shared by all instruction sets.
#ifndef UNDERTONE_SIGNAL_PITCH_ONCE
#define UNDERTONE_SIGNAL_PITCH_ONCE
namespace undertone::signal {

constexpr size_t kLagBlock = 8;

// One call's sizes and working memory. A block begins where a frame begins, and every array but `frame` holds
// a block or a frame a column.
struct PitchWork {
  size_t frame_samples;
  size_t hop;  // samples from block to block
  size_t min_lag;
  size_t max_lag;
  float trough_threshold;

  size_t stride;   // floats from row to row of `samples`, `whole` and `part`
  float* samples;  // row i: sample i of each block
  float* whole;    // row k - 1: d(k)'s sum over the block, where a frame may hold all of it
  float* part;     // row k - 1: the sum as far as the frame that ends in this block at lag k goes

  size_t tile_rows;
  float* tile;    // samples of one vector of blocks and of what their lags reach: row i
  float* ratios;  // d' of one vector of frames: row k
};

struct PitchPeriod {
  size_t lag;
  float shift;  // of the refined period, in samples
  float aperiodicity;
};

// The vertex of the parabola through three values one apart; the middle value itself where it would lie
// further than that.
struct Vertex {
  float place;
  float value;
};

inline Vertex VertexOf(float before, float middle, float after) {
  const float curvature = before + after - 2 * middle;
  const float slope = (after - before) / 2;
  if (std::abs(slope) >= std::abs(curvature)) return {0, middle};
  return {-slope / curvature, middle - slope * slope / (2 * curvature)};
}

// Where j of d(k) ends, as x[j + k] leaves the frame: `rest` samples into block `block` of the frame.
struct SumEnd {
  size_t block;
  size_t rest;
};

// Of the last of the kLagBlock lags from `lag` on; that of lag + i is kLagBlock - 1 - i samples later.
inline SumEnd EndOf(const PitchWork& work, size_t lag) {
  const size_t samples = work.frame_samples - (lag + kLagBlock - 1);
  return {samples / work.hop, samples % work.hop};
}

}  // namespace undertone::signal
#endif

HWY_BEFORE_NAMESPACE();
namespace undertone::signal {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

using Lanes = hn::ScalableTag<float>;
using Vector = hn::Vec<Lanes>;
constexpr size_t kLanes = HWY_LANES(float);

// sums[i] += Σ (x[j] - x[j + lag + i])² for j in [begin, end).
HWY_INLINE void AddDifferences(const float* tile, size_t lag, size_t begin, size_t end,
                               Vector (&sums)[kLagBlock]) {
  const Lanes lanes;
  for (size_t j = begin; j < end; ++j) {
    const Vector x = hn::Load(lanes, tile + j * kLanes);
    const float* later = tile + (j + lag) * kLanes;
    for (size_t i = 0; i < kLagBlock; ++i) {
      const Vector difference = hn::Sub(x, hn::Load(lanes, later + i * kLanes));
      sums[i] = hn::MulAdd(difference, difference, sums[i]);
    }
  }
}

// From the tile to columns [column, column + kLanes) of `whole` and `part`.
void SumBlocks(const PitchWork& work, size_t column) {
  const Lanes lanes;
  for (size_t lag = 1; lag <= work.max_lag; lag += kLagBlock) {
    Vector sums[kLagBlock];
    for (Vector& sum : sums) sum = hn::Zero(lanes);
    const SumEnd end = EndOf(work, lag);
    AddDifferences(work.tile, lag, 0, end.rest, sums);
    for (size_t i = 0; i < kLagBlock; ++i) {
      Vector sum = sums[i];
      for (size_t j = end.rest; j < end.rest + kLagBlock - 1 - i; ++j) {
        const Vector difference = hn::Sub(hn::Load(lanes, work.tile + j * kLanes),
                                          hn::Load(lanes, work.tile + (j + lag + i) * kLanes));
        sum = hn::MulAdd(difference, difference, sum);
      }
      hn::Store(sum, lanes, work.part + (lag - 1 + i) * work.stride + column);
    }
    if (end.block == 0) continue;
    AddDifferences(work.tile, lag, end.rest, work.hop, sums);
    for (size_t i = 0; i < kLagBlock; ++i) {
      hn::Store(sums[i], lanes, work.whole + (lag - 1 + i) * work.stride + column);
    }
  }
}

// The tile of columns [column, column + kLanes): sample i of a block is sample i - hop of the next one.
void FillTile(const PitchWork& work, size_t column) {
  const Lanes lanes;
  const float* from = work.samples + column;
  size_t in_block = 0;
  for (size_t row = 0; row < work.tile_rows; ++row) {
    hn::Store(hn::LoadU(lanes, from + in_block * work.stride), lanes, work.tile + row * kLanes);
    if (++in_block == work.hop) {
      in_block = 0;
      ++from;
    }
  }
}

// d' of frames [frame, frame + kLanes) of the group, rows 1 … max_lag of `ratios`.
void Ratios(const PitchWork& work, size_t frame) {
  const Lanes lanes;
  constexpr float kSilence = 1e-30f;
  Vector beyond = hn::Zero(lanes);  // Σ x² of the samples whose partner lies beyond the frame
  Vector total = hn::Zero(lanes);
  for (size_t first = 1; first <= work.max_lag; first += kLagBlock) {
    const SumEnd end = EndOf(work, first);
    for (size_t lag = first; lag < std::min(first + kLagBlock, work.max_lag + 1); ++lag) {
      const size_t last = work.frame_samples - lag;
      const Vector x =
          hn::LoadU(lanes, work.samples + last % work.hop * work.stride + frame + last / work.hop);
      beyond = hn::MulAdd(x, x, beyond);
      Vector sum = hn::LoadU(lanes, work.part + (lag - 1) * work.stride + frame + end.block);
      for (size_t b = 0; b < end.block; ++b) {
        sum = hn::Add(sum, hn::LoadU(lanes, work.whole + (lag - 1) * work.stride + frame + b));
      }
      sum = hn::Add(sum, beyond);
      total = hn::Add(total, sum);
      const Vector ratio = hn::Div(hn::Mul(sum, hn::Set(lanes, static_cast<float>(lag))), total);
      const auto sounds = hn::Gt(total, hn::Set(lanes, kSilence));
      hn::Store(hn::IfThenElse(sounds, ratio, hn::Set(lanes, 1.0f)), lanes, work.ratios + lag * kLanes);
    }
  }
}

// Lag of the period of each frame in `ratios`, as a float.
Vector FindPeriods(const PitchWork& work) {
  const Lanes lanes;
  const Vector threshold = hn::Set(lanes, work.trough_threshold);
  const Vector none = hn::Zero(lanes);
  Vector trough = none;
  Vector lowest_lag = hn::Set(lanes, static_cast<float>(work.min_lag));
  Vector value = hn::Load(lanes, work.ratios + work.min_lag * kLanes);
  Vector lowest = value;
  // The first lag has no neighbour below, and must be strictly less than the one above.
  auto falls = hn::Lt(value, hn::Load(lanes, work.ratios + (work.min_lag + 1) * kLanes));
  for (size_t lag = work.min_lag; lag <= work.max_lag; ++lag) {
    const Vector place = hn::Set(lanes, static_cast<float>(lag));
    const Vector next = lag < work.max_lag ? hn::Load(lanes, work.ratios + (lag + 1) * kLanes) : value;
    const auto is_trough = hn::And(hn::And(falls, hn::Le(value, next)), hn::Lt(value, threshold));
    trough = hn::IfThenElse(hn::And(is_trough, hn::Eq(trough, none)), place, trough);
    const auto is_lowest = hn::Lt(value, lowest);
    lowest_lag = hn::IfThenElse(is_lowest, place, lowest_lag);
    lowest = hn::Min(value, lowest);
    falls = hn::Lt(next, value);
    value = next;
  }
  return hn::IfThenElse(hn::Eq(trough, none), lowest_lag, trough);
}

// `columns` blocks from `samples` to `whole` and `part`.
void Blocks(const PitchWork& work, size_t columns) {
  for (size_t column = 0; column < columns; column += kLanes) {
    FillTile(work, column);
    SumBlocks(work, column);
  }
}

// From `whole` and `part` to the periods of frames [0, frames).
void Periods(const PitchWork& work, size_t frames, PitchPeriod* periods) {
  const Lanes lanes;
  for (size_t frame = 0; frame < frames; frame += kLanes) {
    Ratios(work, frame);
    HWY_ALIGN float lags[kLanes];
    hn::Store(FindPeriods(work), lanes, lags);
    for (size_t lane = 0; lane < std::min(kLanes, frames - frame); ++lane) {
      const auto lag = static_cast<size_t>(lags[lane]);
      const float* ratio = work.ratios + lag * kLanes + lane;
      const bool inside = lag > work.min_lag && lag < work.max_lag;
      const Vertex vertex =
          inside ? VertexOf(*(ratio - kLanes), *ratio, *(ratio + kLanes)) : Vertex{0, *ratio};
      periods[frame + lane] = {lag, vertex.place, *ratio};
    }
  }
}

HWY_INLINE float SumOf(Vector value) { return hn::GetLane(hn::SumOfLanes(Lanes(), value)); }

float MeanOf(const float* x, size_t count) {
  const Lanes lanes;
  Vector sums = hn::Zero(lanes);
  size_t i = 0;
  for (; i + kLanes <= count; i += kLanes) sums = hn::Add(sums, hn::LoadU(lanes, x + i));
  float sum = SumOf(sums);
  for (; i < count; ++i) sum += x[i];
  return sum / static_cast<float>(count);
}

// 1 - r, where r is the normalised cross-correlation of a[i] = x[i] - mean and b[i] = x[i + lag] - mean over
// `count` samples. As (Σ (a - b)² - (|a| - |b|)²) / (2 |a| |b|), which does not cancel where r is near 1. It
// is 1 where either is so far below the mean that only its rounding is left.
float NoiseShare(const float* x, size_t lag, size_t count, float mean) {
  const Lanes lanes;
  constexpr float kRounding = 1e-10f;
  const Vector shift = hn::Set(lanes, mean);
  Vector first = hn::Zero(lanes), second = first, between = first;
  size_t i = 0;
  for (; i + kLanes <= count; i += kLanes) {
    const Vector a = hn::Sub(hn::LoadU(lanes, x + i), shift);
    const Vector b = hn::Sub(hn::LoadU(lanes, x + i + lag), shift);
    const Vector difference = hn::Sub(a, b);
    first = hn::MulAdd(a, a, first);
    second = hn::MulAdd(b, b, second);
    between = hn::MulAdd(difference, difference, between);
  }
  float energy = SumOf(first);
  float later_energy = SumOf(second);
  float distance = SumOf(between);
  for (; i < count; ++i) {
    const float a = x[i] - mean;
    const float b = x[i + lag] - mean;
    energy += a * a;
    later_energy += b * b;
    distance += (a - b) * (a - b);
  }
  const float least = kRounding * static_cast<float>(count) * mean * mean;
  if (energy <= least || later_energy <= least) return 1;
  const float norm = std::sqrt(energy);
  const float later_norm = std::sqrt(later_energy);
  return (distance - (norm - later_norm) * (norm - later_norm)) / (2 * norm * later_norm);
}

// 1 - r of pitch.h at the period of one frame.
float FrameNoiseShare(const PitchWork& work, const float* frame, size_t lag) {
  const size_t count = work.max_lag;
  const auto begin = [&](size_t k) { return (work.frame_samples - count - k) / 2; };
  const float mean = MeanOf(frame + begin(lag), count + lag);
  const auto at = [&](size_t k) { return NoiseShare(frame + begin(k), k, count, mean); };
  const float share = at(lag);
  if (lag == work.min_lag || lag == work.max_lag) return share;
  return VertexOf(at(lag - 1), share, at(lag + 1)).value;
}

}  // namespace HWY_NAMESPACE
}  // namespace undertone::signal
HWY_AFTER_NAMESPACE();

#if HWY_ONCE

#include <hwy/aligned_allocator.h>

#include <new>
#include <string>
#include <vector>

#include "core/status.h"

namespace undertone::signal {

HWY_EXPORT(Blocks);
HWY_EXPORT(Periods);
HWY_EXPORT(FrameNoiseShare);

namespace {

constexpr size_t kRowMultiple = 16;  // floats: a vector of any instruction set, 64 bytes

size_t RoundUp(size_t value, size_t multiple) { return (value + multiple - 1) / multiple * multiple; }

// Samples of a recording, zeros around it.
struct Recording {
  const float* samples;
  int64_t count;

  float At(int64_t index) const { return index >= 0 && index < count ? samples[index] : 0.0f; }
  bool Holds(int64_t begin, int64_t end) const { return begin >= 0 && end <= count; }
};

float Decibels(float noise_share) {
  if (noise_share >= 1) return kLowestHnrDb;
  if (noise_share <= 0) return kHighestHnrDb;
  return std::clamp(10 * std::log10((1 - noise_share) / noise_share), kLowestHnrDb, kHighestHnrDb);
}

// The working memory of one call, and the frames that it takes at a time.
class PitchRun {
 public:
  PitchRun(const PitchSettings& settings, size_t min_lag, size_t max_lag, int64_t hop)
      : settings_(settings), blocks_per_frame_((Samples(settings) - 1) / static_cast<size_t>(hop) + 1) {
    constexpr size_t kLeastColumns = 64;
    const size_t length = Samples(settings);
    const size_t lags = RoundUp(max_lag, kLagBlock);
    work_.frame_samples = length;
    work_.hop = static_cast<size_t>(hop);
    work_.min_lag = min_lag;
    work_.max_lag = max_lag;
    work_.trough_threshold = static_cast<float>(settings.trough_threshold);
    work_.tile_rows = std::min(work_.hop, length) + lags;

    // A group's last frame needs all of its blocks; a tile reaches into later blocks, a vector beyond the
    // last frame.
    columns_ = RoundUp(std::max(kLeastColumns, 4 * blocks_per_frame_), kRowMultiple);
    const size_t reached = (work_.tile_rows - 1) / work_.hop;
    work_.stride = RoundUp(columns_ + std::max(reached, blocks_per_frame_ + kRowMultiple), kRowMultiple);
    // An odd number of cache lines, so that rows do not fall on one another in the cache.
    if (work_.stride / kRowMultiple % 2 == 0) work_.stride += kRowMultiple;
    work_.samples = Allocate(std::min(work_.hop, work_.tile_rows), work_.stride);
    work_.whole = Allocate(lags, work_.stride);
    work_.part = Allocate(lags, work_.stride);
    work_.tile = Allocate(work_.tile_rows, kRowMultiple);
    work_.ratios = Allocate(max_lag + 1, kRowMultiple);
    edge_.resize(length);
    periods_.resize(group_frames());
  }

  int64_t group_frames() const { return static_cast<int64_t>(columns_ - blocks_per_frame_ + 1); }

  // The first frame begins at sample `begin`. frames: at most group_frames().
  void Group(const Recording& recording, int64_t begin, size_t frames, float* rows, size_t stride) {
    const size_t columns = frames + blocks_per_frame_ - 1;
    FillSamples(recording, begin, columns);
    HWY_DYNAMIC_DISPATCH(Blocks)(work_, columns);
    HWY_DYNAMIC_DISPATCH(Periods)(work_, frames, periods_.data());
    for (size_t t = 0; t < frames; ++t) {
      const float* frame = FrameAt(recording, begin + static_cast<int64_t>(t * work_.hop));
      WriteRow(periods_[t], frame, rows + t * stride);
    }
  }

 private:
  static size_t Samples(const PitchSettings& settings) { return static_cast<size_t>(settings.frame_samples); }

  // Zeros, as the lanes beyond the last frame compute with what is there.
  float* Allocate(size_t rows, size_t stride) {
    memory_.push_back(hwy::AllocateAligned<float>(rows * stride));
    if (!memory_.back()) throw std::bad_alloc();
    std::fill_n(memory_.back().get(), rows * stride, 0.0f);
    return memory_.back().get();
  }

  void FillSamples(const Recording& recording, int64_t begin, size_t columns) {
    const size_t last = RoundUp(columns, kRowMultiple) + (work_.tile_rows - 1) / work_.hop;
    const size_t rows = std::min(work_.hop, work_.tile_rows);
    for (size_t row = 0; row < rows; ++row) {
      int64_t at = begin + static_cast<int64_t>(row);
      float* to = work_.samples + row * work_.stride;
      for (size_t column = 0; column < last; ++column, at += static_cast<int64_t>(work_.hop)) {
        to[column] = recording.At(at);
      }
    }
  }

  const float* FrameAt(const Recording& recording, int64_t begin) {
    if (recording.Holds(begin, begin + settings_.frame_samples)) return recording.samples + begin;
    for (size_t i = 0; i < edge_.size(); ++i) edge_[i] = recording.At(begin + static_cast<int64_t>(i));
    return edge_.data();
  }

  void WriteRow(const PitchPeriod& period, const float* frame, float* row) const {
    const bool voiced = period.aperiodicity < static_cast<float>(settings_.voiced_threshold);
    const float samples = static_cast<float>(period.lag) + period.shift;
    row[0] = voiced ? static_cast<float>(settings_.sample_rate_hz) / samples : 0.0f;
    row[1] = std::max(0.0f, 1 - period.aperiodicity);
    row[2] = voiced ? 1.0f : 0.0f;
    row[3] = Decibels(HWY_DYNAMIC_DISPATCH(FrameNoiseShare)(work_, frame, period.lag));
  }

  const PitchSettings& settings_;
  const size_t blocks_per_frame_;
  PitchWork work_;
  size_t columns_;
  std::vector<hwy::AlignedFreeUniquePtr<float[]>> memory_;
  std::vector<float> edge_;  // a frame that reaches beyond the recording
  std::vector<PitchPeriod> periods_;
};

}  // namespace

PitchTracker::PitchTracker(const PitchSettings& settings)
    : settings_(settings),
      min_lag_(static_cast<int>(std::floor(settings.sample_rate_hz / settings.f_max_hz))),
      max_lag_(static_cast<int>(std::ceil(settings.sample_rate_hz / settings.f_min_hz))) {
  const auto refuse = [](const std::string& what, double received) {
    throw Error(StatusCode::kUsage, "Expected " + what + " of pitch but received " +
                                        std::to_string(received) + " of type number");
  };
  if (settings.f_min_hz >= settings.f_max_hz) refuse("fMinHz below fMaxHz", settings.f_min_hz);
  if (4 * settings.f_max_hz > settings.sample_rate_hz) {
    refuse("at most a quarter of sampleRateHz for fMaxHz", settings.f_max_hz);
  }
  if (settings.frame_samples < 2 * max_lag_) {
    refuse("at least two periods of fMinHz (" + std::to_string(2 * max_lag_) + " samples) for frameSamples",
           settings.frame_samples);
  }
}

void PitchTracker::Run(const float* samples, int64_t count, int64_t first_centre, int64_t hop, int64_t frames,
                       float* rows, size_t stride) const {
  PitchRun run(settings_, static_cast<size_t>(min_lag_), static_cast<size_t>(max_lag_), hop);
  const Recording recording = {samples, count};
  for (int64_t done = 0; done < frames; done += run.group_frames()) {
    const int64_t begin = first_centre + done * hop - settings_.frame_samples / 2;
    const auto group = static_cast<size_t>(std::min(frames - done, run.group_frames()));
    run.Group(recording, begin, group, rows + static_cast<size_t>(done) * stride, stride);
  }
}

}  // namespace undertone::signal

#endif  // HWY_ONCE
