// What one core of this machine can do at most under an instruction set: the figures that a benchmark is held
// against.
#pragma once

#include <cstddef>

namespace undertone {

// float32 throughout.
struct CpuLimits {
  // Multiply-adds a second of a loop that never leaves the registers. An instruction set without a fused
  // multiply-add takes two instructions for one.
  double multiply_adds_per_second;
  // Bytes read and bytes written, together, of a copy between buffers larger than the caches, by plain
  // vector loads and stores as the kernels use them.
  double bytes_per_second;
};

// Measures the calling thread's core under the instruction set in use: the best of a few short stretches of
// each, since whatever disturbs one only slows it. Takes less than a second, most of it for fresh memory:
// twice the last cache, 512 MiB at most. Throws std::bad_alloc.
CpuLimits MeasureCpuLimits();

}  // namespace undertone
