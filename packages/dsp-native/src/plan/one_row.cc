#include "plan/one_row.h"

#include <algorithm>

#include "signal/delta.h"

namespace undertone {

bool OneRowPerUtterance(const FrontEndSpec& spec) { return !spec.statistics.empty() || spec.sequence; }

size_t OutputColumns(const FrontEndSpec& spec, size_t frame_columns) {
  if (spec.sequence) return frame_columns * static_cast<size_t>(spec.sequence->frames);
  return frame_columns * std::max<size_t>(1, spec.statistics.size());
}

std::string LackingFrames(const FrontEndSpec& spec, int64_t frames) {
  const bool statistics = !spec.statistics.empty();
  if (statistics && frames == 0) return "statistics need at least one";
  if (spec.sequence && frames < spec.sequence->frames) {
    return "sequence.frames " + std::to_string(spec.sequence->frames) + " needs as many";
  }
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

void FlattenRows(const FrontEndSpec& spec, const float* rows, size_t stride, std::span<const size_t> widths,
                 float* out) {
  for (size_t column = 0; column < stride;) {
    for (const size_t width : widths) {
      for (int t = 0; t < spec.sequence->frames; ++t) {
        out = std::copy_n(rows + static_cast<size_t>(t) * stride + column, width, out);
      }
      column += width;
    }
  }
}

}  // namespace undertone
