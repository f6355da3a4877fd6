// Cepstral mean and variance normalisation of an utterance's base features.
#pragma once

#include <cstddef>
#include <cstdint>

#include "core/front_end.h"

namespace undertone {

// rows: [frames][stride], the first `columns` of each are normalised in place. Sums run in double; a column
// without deviation becomes 0.
// utterance: minus the mean, over the population's deviation where the variance is normalised (Kaldi's
// apply-cmvn: variance floored at 1e-20).
// sliding: mean and variance (floored at 1e-10) of a window that moves along; a single frame with variance
// normalised is 0 (Kaldi's SlidingWindowCmn). Not centred, the window is the frame and the window_frames
// before it, or at the start the first min_window_frames; centred, it is shifted to lie inside the utterance.
void ApplyCmvn(const CmvnSpec& cmvn, float* rows, int64_t frames, size_t stride, size_t columns);

}  // namespace undertone
