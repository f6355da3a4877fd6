// Launches of the kernels, for the real driver.
#pragma once

#include <cuda_runtime.h>

#include "backend/cuda/kernel_args.h"

namespace undertone::cuda {

// most_shared_bytes: that a block of the device may ask for.
cudaError_t LaunchFrameKernel(const FrameLaunch& launch, int most_shared_bytes, cudaStream_t stream);
cudaError_t LaunchDeltaKernel(const DeltaLaunch& launch, cudaStream_t stream);

}  // namespace undertone::cuda
