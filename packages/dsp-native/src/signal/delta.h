// Delta features: derivatives of feature tracks over time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/front_end.h"

namespace undertone {

// Weights over frames t - half ... t + half.
struct DeltaKernel {
  std::vector<double> weights;
  int half() const { return static_cast<int>(weights.size() / 2); }
};

// One kernel an order. librosa: least-squares slope (order 1) and twice the quadratic term (order 2), as
// scipy.signal.savgol_filter(deriv=order, polyorder=order). Kaldi: the slope, and the slope of the slope as
// one kernel (DeltaFeatures). difference: x[t] - x[t-1], and the difference of that; the width does not
// matter.
std::vector<DeltaKernel> MakeDeltaKernels(const DeltaSpec& deltas);

// Frames at the start that have no delta of this order, and 0 in its place: under `difference` there is no
// frame before the first.
int64_t DeltaEdge(const DeltaSpec& deltas, size_t order);

// Appends the deltas to each row, in place.
// rows: [frames][stride], the first `columns` values of a row hold the base features and the next
// `columns` * kernels receive the deltas, order after order. Accumulates in double: neighbouring frames
// differ little, so the sum cancels. Edges: kaldi repeats the first and last frame; librosa ('interp')
// extends the polynomial fitted to the outermost `width` frames, whose derivative of its own order is
// constant, so the outermost full window's value is repeated. Needs frames >= width under librosa.
void AppendDeltas(const DeltaSpec& deltas, const std::vector<DeltaKernel>& kernels, float* rows,
                  int64_t frames, size_t stride, size_t columns);

}  // namespace undertone
