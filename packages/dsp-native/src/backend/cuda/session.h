// Batches on one device: slots of bounded memory, each with a stream of its own, so that one chunk is copied
// in while another is computed and a third one is copied out.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "backend/cuda/batch_layout.h"
#include "backend/cuda/driver.h"

namespace undertone::cuda {

// Device memory that goes away with it.
class DeviceMemory {
 public:
  DeviceMemory(Driver& driver, int device) : driver_(driver), device_(device) {}
  ~DeviceMemory() { Release(); }
  DeviceMemory(const DeviceMemory&) = delete;
  DeviceMemory& operator=(const DeviceMemory&) = delete;

  DriverStatus Allocate(size_t bytes) { return driver_.Allocate(device_, bytes, &memory_); }
  void Release() {
    if (memory_ != nullptr) driver_.Free(device_, memory_);
    memory_ = nullptr;
  }
  std::byte* get() const { return static_cast<std::byte*>(memory_); }

 private:
  Driver& driver_;
  const int device_;
  void* memory_ = nullptr;
};

// Queues the kernels over a chunk whose samples and jobs lie at `memory` on the device.
using LaunchChunk = std::function<DriverStatus(Stream* stream, const Chunk& chunk, std::byte* memory)>;

// Where a caller's samples and rows lie.
enum class Residence {
  kPageable,  // ordinary memory: copied through the slots' page-locked memory
  kPinned,    // page-locked: copied from and to where they are; rows must follow each other without a gap
};

// Not for several threads at once.
class Session {
 public:
  static constexpr size_t kSlots = 3;

  // most_bytes: of device memory for all slots.
  Session(Driver& driver, int device, size_t most_bytes);
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  // Computes all runs. rows: one a frame handed out, `stride` apart, of shape.row_columns() values. Memory is
  // taken when first needed, at most what was allowed, and kept; where less can be had, chunks become
  // smaller. Throws kOutOfMemory when not even the smallest chunk's memory can be had.
  void Run(const BatchShape& shape, std::span<const RaggedRun> runs, const LaunchChunk& launch,
           Residence residence, float* rows, size_t stride);

 private:
  struct Slot {
    DeviceMemory device;
    std::byte* pinned = nullptr;
    Stream* stream = nullptr;
    Chunk chunk;              // under way; empty for none
    bool copies_out = false;  // its rows lie in the pinned memory when it is done

    Slot(Driver& driver, int index) : device(driver, index) {}
  };

  void Reserve(size_t bytes, size_t least);
  DriverStatus Allocate(size_t bytes);
  void Release();
  void Start(Slot& slot, const BatchShape& shape, std::span<const RaggedRun> runs, const LaunchChunk& launch,
             Residence residence, float* rows);
  void CopyIn(Slot& slot, const BatchShape& shape, std::span<const RaggedRun> runs, Residence residence);
  void Finish(Slot& slot, const BatchShape& shape, float* rows, size_t stride);
  void Abandon();

  Driver& driver_;
  const int device_;
  size_t most_slot_bytes_;  // less than at first where memory was short
  size_t slot_bytes_ = 0;
  Slot slots_[kSlots];
};

}  // namespace undertone::cuda
