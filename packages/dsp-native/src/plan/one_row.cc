#include "plan/one_row.h"

#include <algorithm>

#include "signal/delta.h"

namespace undertone {

bool OneRowPerUtterance(const FrontEndSpec& spec) { return !spec.statistics.empty(); }

size_t OutputColumns(const FrontEndSpec& spec, size_t frame_columns) {
  return frame_columns * std::max<size_t>(1, spec.statistics.size());
}

std::string LackingFrames(const FrontEndSpec& spec, int64_t frames) {
  const bool statistics = !spec.statistics.empty();
  if (statistics && frames == 0) return "statistics need at least one";
  if (!spec.deltas || frames == 0) return "";
  if (spec.deltas->convention == DeltaConvention::kLibrosa && frames < spec.deltas->width) {
    return "deltas.width " + std::to_string(spec.deltas->width) + " of the librosa convention needs as many";
  }
  const int64_t edge = DeltaEdge(*spec.deltas, static_cast<size_t>(spec.deltas->order));
  if (statistics && frames <= edge) {
    return "statistics of differences of deltas.order " + std::to_string(spec.deltas->order) +
           " need at least " + std::to_string(edge + 1);
  }
  return "";
}

void SummariseRows(const FrontEndSpec& spec, const float* rows, int64_t frames, size_t stride, size_t columns,
                   Summariser& summariser, float* out) {
  for (size_t order = 0; order * columns < stride; ++order) {
    const int64_t edge = order > 0 ? DeltaEdge(*spec.deltas, order) : 0;
    const float* const block = rows + static_cast<size_t>(edge) * stride + order * columns;
    summariser.Summarise({block, frames - edge, stride, columns}, out);
    out += columns * spec.statistics.size();
  }
}

}  // namespace undertone
