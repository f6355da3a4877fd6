// Figures of a device: what it can copy, and how fast it computes a front-end's frames.
#pragma once

#include <cstddef>
#include <cstdint>

#include "backend/cuda/driver.h"
#include "backend/cuda/kernel_args.h"
#include "core/front_end.h"

namespace undertone::cuda {

// A figure is the median of so many rounds, each of as many repeats as take so long at least.
struct Effort {
  double least_seconds = 0.2;
  int rounds = 7;
};

// Bytes a second of copies of `bytes` bytes between page-locked host memory and the device, and within its
// memory (read and written together). Throws kOutOfMemory, kInternal.
struct Bandwidths {
  double to_device;
  double to_host;
  double device;
};
Bandwidths MeasureBandwidths(Driver& driver, int device, size_t bytes, const Effort& effort);

// Recordings of noise, `samples` samples each.
struct MadeUpBatch {
  int64_t recordings;
  int64_t samples;
};

struct Measured {
  double frames_per_second;
  double bytes_per_second;
};

// Samples and raw rows stay in device memory: the kernel alone. bytes: samples, jobs and rows, each once.
Measured MeasureResident(Driver& driver, int device, const FrontEndSpec& spec, const TileLayout& layout,
                         SampleFormat format, const MadeUpBatch& batch, const Effort& effort);

// From page-locked int16 samples to page-locked raw rows. bytes: the samples.
Measured MeasureHostToHost(Driver& driver, int device, const FrontEndSpec& spec, const MadeUpBatch& batch,
                           const Effort& effort);

}  // namespace undertone::cuda
