// Where frames lie along a recording. The same formulas as packages/shared/src/grid.ts; a test holds them
// equal.
#pragma once

#include <cstdint>

#include "core/front_end.h"

namespace undertone {

// Number of frames of an utterance of `samples` samples; an empty one has none in any placement.
int64_t FrameCount(int64_t samples, const FrameSpec& frame);

// First sample of frame `t`; negative where the frame begins before the recording.
int64_t FrameStart(int64_t t, const FrameSpec& frame);

constexpr int64_t kPadZero = -1;

// The sample that stands at `index` of the padded recording of `total` > 0 samples: `index` itself inside it,
// outside the mirrored one (as often mirrored as it takes, like numpy.pad and Kaldi's ExtractWindow), or
// kPadZero. reflect of a single sample repeats it, as numpy.pad does. Here, as CUDA kernels use it too.
constexpr int64_t PaddedIndex(int64_t index, int64_t total, Padding padding) {
  if (index >= 0 && index < total) return index;
  if (padding == Padding::kZero) return kPadZero;
  const bool edge_repeated = padding == Padding::kSymmetric;
  const int64_t period = edge_repeated ? 2 * total : 2 * (total - 1);
  if (period == 0) return 0;
  int64_t folded = index % period;
  if (folded < 0) folded += period;
  if (folded < total) return folded;
  return edge_repeated ? period - 1 - folded : period - folded;
}

}  // namespace undertone
