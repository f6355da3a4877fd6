// Ragged batches: which frames of which recordings go to the device together, and where everything of them
// lies there.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "backend/cuda/kernel_args.h"
#include "core/front_end.h"
#include "signal/delta.h"

namespace undertone::cuda {

// Consecutive frames of one recording; as FrameRun of backend.h, of samples in either format.
struct RaggedRun {
  const void* samples;  // the recording's sample `begin`
  int64_t begin;
  int64_t end;
  int64_t total;
  float shift;
  float scale;
  int64_t first_frame;
  int64_t frames;
};

// What the layout depends on.
struct BatchShape {
  FrameSpec frame;
  SampleFormat format;
  int lanes;
  bool previous_frame;  // every tile computes the frame before its first one as well
  int columns;          // base features of a row
  // Deltas behind them, of whole utterances; none where empty.
  std::vector<int> delta_halves;
  bool delta_inside_only;

  size_t sample_bytes() const { return format == SampleFormat::kInt16 ? 2 : 4; }
  int row_columns() const { return columns * (1 + static_cast<int>(delta_halves.size())); }
};

// Frames of one run in a chunk. Those computed are more than those handed out where deltas look at
// neighbours.
struct Piece {
  size_t run;
  int64_t first;
  int64_t frames;
  int64_t computed_first;
  int64_t computed_frames;
  int64_t sample_begin;  // of the recording
  int64_t sample_end;
  int64_t sample_at;  // of sample_begin, in the chunk's samples
  int64_t row;        // of computed_first, in the chunk's rows
  int64_t out_row;    // of `first`, in all rows handed out
};

// What goes to the device at once: samples, then jobs, then room for rows, each from these bytes on.
struct Chunk {
  std::vector<Piece> pieces;
  int64_t samples = 0;
  int64_t tiles = 0;
  int64_t delta_jobs = 0;
  int64_t rows = 0;
  size_t jobs_at = 0;
  size_t delta_jobs_at = 0;
  size_t rows_at = 0;  // what is before it is copied in
  size_t bytes = 0;    // what is from rows_at on is copied out
};

// Cuts runs into chunks of at most `most_bytes`, in order. A run may be cut anywhere.
class Chunker {
 public:
  Chunker(const BatchShape& shape, std::span<const RaggedRun> runs, size_t most_bytes);

  // Fills `chunk` with the next frames; false when there are none left. Throws kUsage when not even one frame
  // fits.
  bool Next(Chunk* chunk);

  // Bytes that all runs would take as one chunk, and `most` where that is less.
  static size_t BytesOf(const BatchShape& shape, std::span<const RaggedRun> runs, size_t most);

 private:
  // As many of the run's next frames as fit, at least `least`.
  int64_t FramesThatFit(const Chunk& chunk, int64_t left) const;

  const BatchShape& shape_;
  const std::span<const RaggedRun> runs_;
  const size_t most_bytes_;
  size_t run_ = 0;
  int64_t done_ = 0;  // frames of run_
  int64_t out_row_ = 0;
};

// One entry a tile of the chunk, and one a group of rows that receive deltas.
void FillJobs(const BatchShape& shape, std::span<const RaggedRun> runs, const Chunk& chunk, TileJob* jobs);
void FillDeltaJobs(const BatchShape& shape, std::span<const RaggedRun> runs, const Chunk& chunk,
                   DeltaJob* jobs);

}  // namespace undertone::cuda
