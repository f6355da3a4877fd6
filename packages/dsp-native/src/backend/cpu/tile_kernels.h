// The border between the driver of the CPU backend and its kernels, which are compiled once an instruction
// set.
#pragma once

#include <cstddef>

#include "backend/backend.h"
#include "signal/fft.h"

namespace undertone {

// A recipe with what only the CPU needs. Shared by all threads, never written after construction.
struct TileProgram {
  std::shared_ptr<const FrameRecipe> recipe;
  RealFft fft;
};

// Working memory of one thread, in floats; `lanes` floats a row.
struct TileScratch {
  float* tile;      // TileRows() rows: samples, then the FFT in place
  float* spectrum;  // one row a bin
  float* values;    // ValueRows() rows: mel or log values, log energy
  float* output;    // base_columns() rows
};

// Rows of the tile: one a real point, or a real and an imaginary row a point for odd sizes.
inline size_t TileRows(const RealFft& fft) { return 2 * static_cast<size_t>(fft.complex_size); }

// Rows of `values`: the spectral columns and the log energy.
inline size_t ValueRows(const FrameRecipe& recipe) {
  return static_cast<size_t>(recipe.spectral_columns()) + 1;
}

// Every lane is a frame of its own: no kernel mixes lanes, so a frame's result does not depend on its lane.
struct TileKernels {
  size_t lanes;

  // out[i] = (clean(in[i]) - shift) * scale; clean: not finite -> 0, held within +-kLargestSample.
  void (*condition)(const float* in, size_t count, float shift, float scale, float* out);

  // One tile of frames. frames: `lanes` pointers to length_samples conditioned samples each.
  // rows: `lanes` pointers that receive frame_columns() values each.
  void (*frames)(const TileProgram& program, const float* const* frames, const TileScratch& scratch,
                 float* const* rows);

  // One tile of deferred cepstra: log_rows hold frame_columns() values, rows receive base_columns().
  void (*cepstra)(const TileProgram& program, const float* const* log_rows, const TileScratch& scratch,
                  float* const* rows);
};

// The kernels of one instruction set, nullptr for one that is not in this build. `target` is a Highway target
// bit.
const TileKernels* KernelsOf(int64_t target);

}  // namespace undertone
