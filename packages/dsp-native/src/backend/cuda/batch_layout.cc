#include "backend/cuda/batch_layout.h"

#include <algorithm>
#include <string>

#include "core/status.h"
#include "signal/grid.h"

namespace undertone::cuda {
namespace {

// Rows of one DeltaJob: enough for a block's threads, few enough for many blocks.
constexpr int64_t kDeltaRows = 64;
// Copies and vector loads like it.
constexpr size_t kAlignment = 256;

size_t Aligned(size_t bytes) { return (bytes + kAlignment - 1) / kAlignment * kAlignment; }

int64_t CeilDivide(int64_t a, int64_t b) { return (a + b - 1) / b; }

// Frames that a tile hands out.
int64_t FramesOfTile(const BatchShape& shape) { return shape.lanes - (shape.previous_frame ? 1 : 0); }

// A tile of one lane cannot hold the frame before as well.
void CheckLanes(const BatchShape& shape) {
  if (FramesOfTile(shape) >= 1) return;
  throw Error(
      StatusCode::kUsage,
      "Expected a smaller frame.fftSize for spectral-flux on this GPU: two frames do not fit into the memory "
      "that a block shares");
}

// The frames whose base features the deltas of [first, end) are made of.
void WidenForDeltas(const BatchShape& shape, const RaggedRun& run, Piece& piece) {
  int64_t begin = piece.first;
  int64_t end = piece.first + piece.frames;
  for (const int half : shape.delta_halves) {
    const auto centre = [&](int64_t t) {
      return shape.delta_inside_only ? std::clamp<int64_t>(t, half, run.frames - 1 - half) : t;
    };
    begin = std::min(begin, centre(piece.first) - half);
    end = std::max(end, centre(piece.first + piece.frames - 1) + half + 1);
  }
  piece.computed_first = std::max<int64_t>(begin, 0);
  piece.computed_frames = std::min(end, run.frames) - piece.computed_first;
}

// The samples that the frames need, mirrored ones and the one before the first included where the settings
// ask for them.
void FindSamples(const BatchShape& shape, const RaggedRun& run, Piece& piece) {
  const FrameSpec& frame = shape.frame;
  const bool previous = shape.previous_frame && piece.computed_first > 0;
  const int64_t first = FrameStart(piece.computed_first - (previous ? 1 : 0), frame);
  const int64_t last =
      FrameStart(piece.computed_first + piece.computed_frames - 1, frame) + frame.length_samples;
  int64_t begin = std::clamp<int64_t>(first, 0, run.total);
  int64_t end = std::clamp<int64_t>(last, 0, run.total);
  if (frame.padding != Padding::kZero) {
    if (first < 0) end = std::max(end, std::min(run.total, 1 - first));
    if (last > run.total) begin = std::min(begin, std::max<int64_t>(0, 2 * run.total - last - 1));
  }
  if (frame.pre_emphasis != 0 && frame.pre_emphasis_scope == PreEmphasisScope::kSignal) --begin;
  piece.sample_begin = std::clamp(begin, run.begin, run.end);
  piece.sample_end = std::clamp(end, piece.sample_begin, run.end);
}

Piece MakePiece(const BatchShape& shape, const RaggedRun& run, size_t index, int64_t first, int64_t frames) {
  Piece piece{index, first, frames, first, frames, 0, 0, 0, 0, 0};
  if (!shape.delta_halves.empty()) WidenForDeltas(shape, run, piece);
  FindSamples(shape, run, piece);
  return piece;
}

// Adds the piece to the chunk's counts, and places it there.
void Count(const BatchShape& shape, Piece& piece, Chunk& chunk) {
  piece.sample_at = chunk.samples;
  piece.row = chunk.rows;
  chunk.samples += piece.sample_end - piece.sample_begin;
  chunk.tiles += CeilDivide(piece.computed_frames, FramesOfTile(shape));
  if (!shape.delta_halves.empty()) chunk.delta_jobs += CeilDivide(piece.frames, kDeltaRows);
  chunk.rows += piece.computed_frames;
  chunk.jobs_at = Aligned(static_cast<size_t>(chunk.samples) * shape.sample_bytes());
  chunk.delta_jobs_at = chunk.jobs_at + Aligned(static_cast<size_t>(chunk.tiles) * sizeof(TileJob));
  chunk.rows_at = chunk.delta_jobs_at + Aligned(static_cast<size_t>(chunk.delta_jobs) * sizeof(DeltaJob));
  chunk.bytes = chunk.rows_at +
                static_cast<size_t>(chunk.rows) * static_cast<size_t>(shape.row_columns()) * sizeof(float);
}

}  // namespace

Chunker::Chunker(const BatchShape& shape, std::span<const RaggedRun> runs, size_t most_bytes)
    : shape_(shape), runs_(runs), most_bytes_(most_bytes) {
  CheckLanes(shape);
}

int64_t Chunker::FramesThatFit(const Chunk& chunk, int64_t left) const {
  const RaggedRun& run = runs_[run_];
  const auto fits = [&](int64_t frames) {
    Chunk with = {{}, chunk.samples, chunk.tiles, chunk.delta_jobs, chunk.rows, 0, 0, 0, 0};
    Piece piece = MakePiece(shape_, run, run_, run.first_frame + done_, frames);
    Count(shape_, piece, with);
    return with.bytes <= most_bytes_;
  };
  if (fits(left)) return left;
  int64_t low = 0;
  int64_t high = left;  // does not fit
  while (high - low > 1) {
    const int64_t middle = low + (high - low) / 2;
    (fits(middle) ? low : high) = middle;
  }
  return low;
}

bool Chunker::Next(Chunk* chunk) {
  *chunk = {};
  while (run_ < runs_.size()) {
    const int64_t left = runs_[run_].frames - done_;
    const int64_t frames = left == 0 ? 0 : FramesThatFit(*chunk, left);
    if (left > 0 && frames == 0) break;
    if (frames > 0) {
      Piece piece = MakePiece(shape_, runs_[run_], run_, runs_[run_].first_frame + done_, frames);
      piece.out_row = out_row_;
      Count(shape_, piece, *chunk);
      chunk->pieces.push_back(piece);
      out_row_ += frames;
      done_ += frames;
    }
    if (frames < left) break;
    ++run_;
    done_ = 0;
  }
  if (chunk->pieces.empty() && run_ < runs_.size()) {
    throw Error(StatusCode::kUsage, "Expected more for --gpu-memory but received " +
                                        std::to_string(most_bytes_) +
                                        " bytes for each of its buffers: one frame does not fit");
  }
  return !chunk->pieces.empty();
}

size_t Chunker::BytesOf(const BatchShape& shape, std::span<const RaggedRun> runs, size_t most) {
  Chunk chunk;
  for (size_t i = 0; i < runs.size() && chunk.bytes < most; ++i) {
    if (runs[i].frames == 0) continue;
    Piece piece = MakePiece(shape, runs[i], i, runs[i].first_frame, runs[i].frames);
    Count(shape, piece, chunk);
  }
  return std::min(chunk.bytes, most);
}

void FillJobs(const BatchShape& shape, std::span<const RaggedRun> runs, const Chunk& chunk, TileJob* jobs) {
  for (const Piece& piece : chunk.pieces) {
    const RaggedRun& run = runs[piece.run];
    const int64_t end = piece.computed_first + piece.computed_frames;
    for (int64_t first = piece.computed_first; first < end; first += FramesOfTile(shape)) {
      const int64_t frames = std::min(end - first, FramesOfTile(shape));
      const int64_t skipped = shape.previous_frame && first > 0 ? 1 : 0;
      TileJob job{};
      job.first_sample = piece.sample_at;
      job.begin = piece.sample_begin;
      job.total = run.total;
      job.first_frame = first - skipped;
      job.start = FrameStart(first - skipped, shape.frame);
      job.row = piece.row + first - piece.computed_first;
      job.shift = run.shift;
      job.scale = run.scale;
      job.frames = static_cast<int32_t>(frames + skipped);
      job.skipped = static_cast<int32_t>(skipped);
      *jobs++ = job;
    }
  }
}

void FillDeltaJobs(const BatchShape& shape, std::span<const RaggedRun> runs, const Chunk& chunk,
                   DeltaJob* jobs) {
  if (shape.delta_halves.empty()) return;
  for (const Piece& piece : chunk.pieces) {
    for (int64_t done = 0; done < piece.frames; done += kDeltaRows) {
      const int64_t count = std::min(kDeltaRows, piece.frames - done);
      *jobs++ = {runs[piece.run].frames, piece.first + done, count, piece.row - piece.computed_first};
    }
  }
}

}  // namespace undertone::cuda
