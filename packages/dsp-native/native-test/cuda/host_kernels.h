// The CUDA kernels, compiled for the host: what a launch would do, done by EmulatedBlock.
#pragma once

#include <cstdint>
#include <string>

#include "backend/cuda/kernel_args.h"

namespace undertone::cuda {

// Runs every tile; the order of the threads comes from `seed`. Returns what a thread did wrong, empty for
// nothing.
std::string RunFramesOnHost(const FrameLaunch& launch, uint32_t seed);
void RunDeltasOnHost(const DeltaLaunch& launch);

}  // namespace undertone::cuda
