// The least work that a front-end's definition asks for, counted from its tables: what a benchmark holds
// against the machine's limits. It does not depend on how the engine computes.
#pragma once

#include <optional>

#include "core/front_end.h"
#include "feature/recipe.h"

namespace undertone {

struct FrameWork {
  // Floating-point operations a frame; a multiply-add is two.
  double operations;
  // Bytes a frame that come from or go to memory: its hop of float32 samples, read once, and its row of
  // float32 values, written once; where a recording has one row, frames leave none.
  double bytes;
};

// nullopt where a part of the settings has no count here (tracks along the utterance, percentiles, a gate); a
// share of the limit cannot be stated then.
//
// With n samples a frame, N points of the FFT, B bins, V values of the spectral row, R rows of the DCT, C
// values of the row before deltas, and only what the row's features need:
//   remove_dc 2 n, pre-emphasis 2 n, window n, log energy 2 n + 20;
//   real FFT 2.5 N log2 N (half of the 5 N log2 N that FFT benchmarks agree on for complex data), power 3 B
//   (two multiplications, one addition), magnitude a root: B more;
//   mel 2 a weight that is not 0; logarithm 20 V; decibels relative to a maximum 3 V (find it, subtract,
//   limit); DCT 2 R V; CMVN 2 C, with the variance 5 C; deltas 2 width C an order, plain differences C;
//   zero crossings 2 n; energy, RMS 2 n; entropy 2 a value and 23 a block;
//   centroid 3 B, and on top of it bandwidth 4 B, on top of both skewness or kurtosis 5 B; flux 5 B; flatness
//   23 B; roll-off 3 B; slope 3 B;
//   statistics, a column: mean, min, max 1; range, slope 2; variance, std 3, skewness, kurtosis 6 (the lower
//   moments included).
// Conditioning and normalising samples, and padding, are not counted.
std::optional<FrameWork> CountFrameWork(const FrontEndSpec& spec, const FrameRecipe& recipe);

}  // namespace undertone
