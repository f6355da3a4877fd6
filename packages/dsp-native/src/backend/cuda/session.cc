#include "backend/cuda/session.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "backend/cuda/driver_library.h"

namespace undertone::cuda {
namespace {

// Slots grow in powers of two from here on, so that batches of growing length do not take memory again and
// again.
constexpr size_t kLeastSlotBytes = size_t{1} << 20;

void CopySamples(const BatchShape& shape, std::span<const RaggedRun> runs, const Chunk& chunk,
                 std::byte* to) {
  const size_t size = shape.sample_bytes();
  for (const Piece& piece : chunk.pieces) {
    const RaggedRun& run = runs[piece.run];
    const auto* from = static_cast<const std::byte*>(run.samples) +
                       static_cast<size_t>(piece.sample_begin - run.begin) * size;
    const size_t bytes = static_cast<size_t>(piece.sample_end - piece.sample_begin) * size;
    if (bytes > 0) std::memcpy(to + static_cast<size_t>(piece.sample_at) * size, from, bytes);
  }
}

void CopyRows(const BatchShape& shape, const Chunk& chunk, const std::byte* from, float* rows,
              size_t stride) {
  const size_t columns = static_cast<size_t>(shape.row_columns());
  for (const Piece& piece : chunk.pieces) {
    const auto* row = reinterpret_cast<const float*>(from) +
                      static_cast<size_t>(piece.row + piece.first - piece.computed_first) * columns;
    float* out = rows + static_cast<size_t>(piece.out_row) * stride;
    if (stride == columns) {
      std::copy_n(row, static_cast<size_t>(piece.frames) * columns, out);
      continue;
    }
    for (int64_t t = 0; t < piece.frames; ++t) {
      std::copy_n(row + static_cast<size_t>(t) * columns, columns, out + static_cast<size_t>(t) * stride);
    }
  }
}

}  // namespace

Session::Session(Driver& driver, int device, size_t most_bytes)
    : driver_(driver),
      device_(device),
      most_slot_bytes_(most_bytes / kSlots / 256 * 256),
      slots_{Slot(driver, device), Slot(driver, device), Slot(driver, device)} {}

Session::~Session() { Release(); }

void Session::Release() {
  for (Slot& slot : slots_) {
    if (slot.stream != nullptr) driver_.DestroyStream(slot.stream);
    if (slot.pinned != nullptr) driver_.FreePinned(slot.pinned);
    slot.stream = nullptr;
    slot.pinned = nullptr;
    slot.device.Release();
  }
  slot_bytes_ = 0;
}

DriverStatus Session::Allocate(size_t bytes) {
  Release();
  for (Slot& slot : slots_) {
    DriverStatus status = slot.device.Allocate(bytes);
    void* pinned = nullptr;
    if (status.ok()) status = driver_.AllocatePinned(device_, bytes, &pinned);
    slot.pinned = static_cast<std::byte*>(pinned);
    if (status.ok()) status = driver_.CreateStream(device_, &slot.stream);
    if (!status.ok()) {
      Release();
      return status;
    }
  }
  slot_bytes_ = bytes;
  return {};
}

// Room for `bytes` a slot, or for less where that is all there is: at least for `least`.
void Session::Reserve(size_t bytes, size_t least) {
  const size_t wanted = std::min(most_slot_bytes_, std::bit_ceil(std::max(bytes, kLeastSlotBytes)));
  if (slot_bytes_ >= wanted) return;
  for (size_t size = wanted;; size /= 2) {
    const DriverStatus status = Allocate(size);
    if (status.ok()) break;
    if (status.error != DriverError::kOutOfMemory || size / 2 < least) {
      ThrowDriverError(status, "for a batch of frames");
    }
    most_slot_bytes_ = size / 2;
  }
}

void Session::Run(const BatchShape& shape, std::span<const RaggedRun> runs, const LaunchChunk& launch,
                  Residence residence, float* rows, size_t stride) {
  constexpr size_t kLeast = size_t{64} << 10;
  Reserve(Chunker::BytesOf(shape, runs, most_slot_bytes_), kLeast);
  Chunker chunker(shape, runs, slot_bytes_);
  try {
    size_t turn = 0;
    for (Chunk chunk; chunker.Next(&chunk); turn = (turn + 1) % kSlots) {
      Slot& slot = slots_[turn];
      Finish(slot, shape, rows, stride);
      slot.chunk = std::move(chunk);
      Start(slot, shape, runs, launch, residence, rows);
    }
    for (size_t i = 0; i < kSlots; ++i, turn = (turn + 1) % kSlots) Finish(slots_[turn], shape, rows, stride);
  } catch (...) {
    Abandon();
    throw;
  }
}

// Pieces that follow each other in the caller's memory as in the device's go as one copy.
void Session::CopyIn(Slot& slot, const BatchShape& shape, std::span<const RaggedRun> runs,
                     Residence residence) {
  const Chunk& chunk = slot.chunk;
  std::byte* memory = slot.device.get();
  FillJobs(shape, runs, chunk, reinterpret_cast<TileJob*>(slot.pinned + chunk.jobs_at));
  FillDeltaJobs(shape, runs, chunk, reinterpret_cast<DeltaJob*>(slot.pinned + chunk.delta_jobs_at));
  if (residence == Residence::kPageable) {
    CopySamples(shape, runs, chunk, slot.pinned);
    return Check(driver_.CopyToDevice(slot.stream, memory, slot.pinned, chunk.rows_at),
                 "while copying samples");
  }
  const size_t size = shape.sample_bytes();
  const auto begin_of = [&](const Piece& piece) {
    const RaggedRun& run = runs[piece.run];
    return static_cast<const std::byte*>(run.samples) +
           static_cast<size_t>(piece.sample_begin - run.begin) * size;
  };
  const auto bytes_of = [&](const Piece& piece) {
    return static_cast<size_t>(piece.sample_end - piece.sample_begin) * size;
  };
  for (size_t i = 0; i < chunk.pieces.size();) {
    const Piece& first = chunk.pieces[i];
    const std::byte* from = begin_of(first);
    size_t bytes = bytes_of(first);
    for (++i; i < chunk.pieces.size() && begin_of(chunk.pieces[i]) == from + bytes; ++i) {
      bytes += bytes_of(chunk.pieces[i]);
    }
    Check(
        driver_.CopyToDevice(slot.stream, memory + static_cast<size_t>(first.sample_at) * size, from, bytes),
        "while copying samples");
  }
  Check(driver_.CopyToDevice(slot.stream, memory + chunk.jobs_at, slot.pinned + chunk.jobs_at,
                             chunk.rows_at - chunk.jobs_at),
        "while copying samples");
}

void Session::Start(Slot& slot, const BatchShape& shape, std::span<const RaggedRun> runs,
                    const LaunchChunk& launch, Residence residence, float* rows) {
  const Chunk& chunk = slot.chunk;
  std::byte* memory = slot.device.get();
  CopyIn(slot, shape, runs, residence);
  Check(launch(slot.stream, chunk, memory), "while computing features");
  slot.copies_out = residence == Residence::kPageable;
  std::byte* to = slot.pinned + chunk.rows_at;
  if (!slot.copies_out) {
    const size_t columns = static_cast<size_t>(shape.row_columns());
    to = reinterpret_cast<std::byte*>(rows + static_cast<size_t>(chunk.pieces.front().out_row) * columns);
  }
  Check(driver_.CopyToHost(slot.stream, to, memory + chunk.rows_at, chunk.bytes - chunk.rows_at),
        "while copying features");
}

void Session::Finish(Slot& slot, const BatchShape& shape, float* rows, size_t stride) {
  if (slot.chunk.pieces.empty()) return;
  Check(driver_.Synchronise(slot.stream), "while computing features");
  if (slot.copies_out) CopyRows(shape, slot.chunk, slot.pinned + slot.chunk.rows_at, rows, stride);
  slot.chunk = {};
}

// After a failure: nothing may still write to the slots when the next batch takes them.
void Session::Abandon() {
  for (Slot& slot : slots_) {
    if (slot.stream != nullptr) (void)driver_.Synchronise(slot.stream);
    slot.chunk = {};
  }
}

}  // namespace undertone::cuda
