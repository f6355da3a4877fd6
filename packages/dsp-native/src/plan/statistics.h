// Functionals of feature tracks over time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/front_end.h"

namespace undertone {

// Some columns of an utterance's rows: rows[t * stride + c], frames >= 1.
struct TrackView {
  const float* rows;
  int64_t frames;
  size_t stride;
  size_t columns;
};

// The statistics of one front-end. Not to be shared between threads: it keeps its working memory from call to
// call: 64 bytes a frame.
class Summariser {
 public:
  // `hop_seconds` is the time between frames, for slopes.
  Summariser(const std::vector<Statistic>& statistics, double hop_seconds);

  // out: [statistic][column]. Sums run in double, moments around the mean in a second pass.
  // std and variance are the population's; skewness and (excess) kurtosis those of scipy.stats, biased, but 0
  // where the deviation is no more than float32's resolution of the mean (scipy gives nan there); percentiles
  // interpolate linearly as numpy's; slope is that of the least-squares line, per second, 0 for one frame.
  void Summarise(const TrackView& track, float* out);

 private:
  void WriteMoments(const TrackView& tile, size_t stride, float* out) const;
  void WriteSorted(const TrackView& tile, size_t stride, float* out);

  const std::vector<Statistic> statistics_;
  const double hop_seconds_;
  bool needs_moments_ = false;
  bool needs_order_ = false;
  std::vector<float> scratch_;
};

}  // namespace undertone
