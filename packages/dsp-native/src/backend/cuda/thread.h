// Who runs a kernel: a thread of a CUDA block, or a lane and worker emulated on the host, so that the same
// kernels are compiled for both. Included outside any namespace, before lane-inl.h.
//
// A block is `lanes` x `workers` threads: a lane is a frame, and the workers share out the rows of every
// step. Whatever a step leaves for a later one lies in the block's shared memory, and is read and written by
// LoadShared() and StoreShared() alone.
#pragma once

#include <cstddef>
#include <cstdint>

#ifdef __CUDACC__

#define UNDERTONE_KERNEL __device__ __forceinline__
#define UNDERTONE_LAMBDA
// Before a loop over the points of a butterfly, which then stay in registers.
#define UNDERTONE_UNROLL _Pragma("unroll")

namespace undertone::cuda {

UNDERTONE_KERNEL int LaneIndex() { return static_cast<int>(threadIdx.x); }
UNDERTONE_KERNEL int LaneCount() { return static_cast<int>(blockDim.x); }
UNDERTONE_KERNEL int WorkerIndex() { return static_cast<int>(threadIdx.y); }
UNDERTONE_KERNEL int WorkerCount() { return static_cast<int>(blockDim.y); }
UNDERTONE_KERNEL float LoadShared(const float* at) { return *at; }
UNDERTONE_KERNEL void StoreShared(float value, float* at) { *at = value; }

// What all threads do before any goes on.
template <typename Work>
UNDERTONE_KERNEL void Step(const Work& work) {
  work();
  __syncthreads();
}

}  // namespace undertone::cuda

#else

#include "backend/cuda/emulated_block.h"

#define UNDERTONE_KERNEL inline
#define UNDERTONE_LAMBDA
#define UNDERTONE_UNROLL _Pragma("GCC unroll 5")

namespace undertone::cuda {

inline int LaneIndex() { return EmulatedBlock::Current().lane(); }
inline int LaneCount() { return EmulatedBlock::Current().lanes(); }
inline int WorkerIndex() { return EmulatedBlock::Current().worker(); }
inline int WorkerCount() { return EmulatedBlock::Current().workers(); }
inline float LoadShared(const float* at) { return EmulatedBlock::Current().Load(at); }
inline void StoreShared(float value, float* at) { EmulatedBlock::Current().Store(value, at); }

template <typename Work>
void Step(const Work& work) {
  EmulatedBlock::Current().Step(work);
}

}  // namespace undertone::cuda

#endif
