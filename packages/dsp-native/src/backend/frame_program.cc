// What a backend does not do by itself.
#include "backend/backend.h"

namespace undertone {

void FrameProgram::UtteranceRows(std::span<const FrameRun> runs, const DeltaSpec& deltas,
                                 const std::vector<DeltaKernel>& kernels, float* rows, size_t stride) const {
  Frames(runs, rows, stride);
  const size_t columns = stride / (1 + kernels.size());
  for (const FrameRun& run : runs) {
    AppendDeltas(deltas, kernels, rows, run.frames, stride, columns);
    rows += static_cast<size_t>(run.frames) * stride;
  }
}

}  // namespace undertone
