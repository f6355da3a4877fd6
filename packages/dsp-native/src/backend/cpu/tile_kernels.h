// The border between the driver of the CPU backend and its kernels, which are compiled once an instruction
// set.
#pragma once

#include <cstddef>
#include <optional>

#include "backend/backend.h"
#include "signal/fft.h"

namespace undertone {

// An FFT with the window before it: halved where the FFT splits (fft-inl.h).
struct WindowedFft {
  RealFft fft;
  std::vector<float> window;
};

// A recipe with what only the CPU needs. Shared by all threads, never written after construction.
struct TileProgram {
  std::shared_ptr<const FrameRecipe> recipe;
  WindowedFft main;
  std::optional<WindowedFft> descriptors;  // where their FFT is of another size
  size_t lanes;
  // Tiles of consecutive frames are transposed once a hop instead of once a frame: hop rows of `slid_lanes`
  // samples, so that frame `lane` has its sample n at row n % hop, column lane + n / hop. 0: hop longer than
  // the frame, nothing is shared.
  size_t slid_lanes;
  std::vector<int32_t> slid_offsets;     // [n] of sample n of the first lane in those rows
  std::vector<int32_t> aligned_offsets;  // [n] in rows of one sample a frame
};

// Peaks of a tile's frames: of each the lane, in the order of the bins.
struct TilePeaks {
  struct Found {
    size_t lane;
    signal::SpectralPeak peak;
  };
  std::vector<Found> found;
  std::vector<float> largest;  // power, one a lane
};

// Working memory of one thread, in floats; `lanes` floats a row unless said otherwise. Parts that the recipe
// does not need are empty.
struct TileScratch {
  float* slid;               // TileProgram::slid_lanes a row, one row a sample of the hop
  float* samples;            // one row a sample of the frame
  float* windowed;           // as many
  float* tile;               // TileRows() rows, of the larger FFT
  float* spectrum;           // one row a bin; two a bin that constant-Q filters read
  float* magnitudes;         // one row a bin of the descriptors' spectrum
  float* previous_spectrum;  // as many: those of the frames before
  float* last_spectrum;      // one float a bin: the last frame of the tile before
  float* has_previous;       // one row
  float* first_inside;       // one row
  float* end_inside;         // one row
  float* extremes;           // 2 contrast_kept() rows
  float* values;             // spectral_columns() + 1 rows: mel or log values, log energy
  float* row;                // the raw row, or cepstra
  TilePeaks* peaks;
};

// Rows of the tile: one a real point, or a real and an imaginary row a point for odd sizes.
inline size_t TileRows(const RealFft& fft) { return 2 * static_cast<size_t>(fft.complex_size); }

// Every lane is a frame of its own: a frame's result does not depend on its lane. Only the previous spectrum
// is handed from lane to lane.
struct TileKernels {
  size_t lanes;

  // True when clean() changes none of the samples.
  bool (*are_clean)(const float* samples, size_t count);

  // out[i] = (clean(in[i]) - shift) * scale; clean: not finite -> 0, held within +-kLargestSample.
  void (*condition)(const float* in, size_t count, float shift, float scale, float* out);

  // One tile of frames. frames: `lanes` pointers to length_samples conditioned samples each.
  // rows: `lanes` pointers that receive raw_columns values each.
  void (*frames)(const TileProgram& program, const float* const* frames, const TileScratch& scratch,
                 float* const* rows);

  // One tile of deferred cepstra: log_rows hold log_columns() values, rows receive cepstra_columns().
  void (*cepstra)(const TileProgram& program, const float* const* log_rows, const TileScratch& scratch,
                  float* const* rows);
};

// The kernels of one instruction set, nullptr for one that is not in this build. `target` is a Highway target
// bit.
const TileKernels* KernelsOf(int64_t target);

}  // namespace undertone
