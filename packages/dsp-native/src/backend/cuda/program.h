// Frames on an NVIDIA GPU. Features along whole recordings, statistics and cepstra below a recording's peak
// stay on the host (plan/).
#pragma once

#include <memory>
#include <span>

#include "backend/backend.h"
#include "backend/cuda/batch_layout.h"
#include "backend/cuda/driver.h"
#include "backend/cuda/session.h"

namespace undertone::cuda {

// What a plan may take of a device's memory unless told otherwise.
constexpr int64_t kDefaultMemoryBytes = int64_t{256} << 20;
// What it needs at least.
constexpr int64_t kLeastMemoryBytes = int64_t{2} << 20;

// A recipe on one device. Any number of threads may call it; they take turns.
class Program : public FrameProgram {
 public:
  // Runs of samples of either format, wherever they and the rows are; otherwise as Frames().
  virtual void RaggedFrames(std::span<const RaggedRun> runs, SampleFormat format, Residence residence,
                            float* rows, size_t stride) const = 0;
};

// Throws kUnsupportedDevice for a device that the machine does not have.
DeviceInfo DescribeChosen(Driver& driver, int device);

// Throws kUsage for a recipe that the kernels do not compute, kUnsupportedDevice or kOutOfMemory. `driver`
// outlives it. host: makes the cepstra below a recording's peak; nullptr where nobody asks for them.
std::unique_ptr<Program> MakeProgram(Driver& driver, int device, int64_t memory_bytes,
                                     std::shared_ptr<const FrameRecipe> recipe, const Backend* host);

}  // namespace undertone::cuda
