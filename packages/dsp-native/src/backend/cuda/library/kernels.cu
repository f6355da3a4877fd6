// The kernels for the device, and their launches.
#include "backend/cuda/kernels-inl.h"
#include "backend/cuda/library/kernels.cuh"

namespace undertone::cuda {
namespace {

// More threads than ChooseLayout() ever asks for. Two such blocks a multiprocessor leave a thread 64
// registers.
constexpr int kMostThreads = 512;
constexpr int kDeltaThreads = 256;

__global__ void __launch_bounds__(kMostThreads, 2) FrameKernel(const __grid_constant__ FrameLaunch launch) {
  extern __shared__ float shared[];
  const TileJob job = launch.jobs[blockIdx.x];
  TileRun(launch, job, shared).Run();
}

__global__ void __launch_bounds__(kDeltaThreads) DeltaKernel(const __grid_constant__ DeltaLaunch launch) {
  const DeltaJob job = launch.jobs[blockIdx.x];
  const int64_t values = job.count * launch.columns * launch.orders;
  for (int64_t index = threadIdx.x; index < values; index += kDeltaThreads) DeltaValue(launch, job, index);
}

}  // namespace

cudaError_t LaunchFrameKernel(const FrameLaunch& launch, int most_shared_bytes, cudaStream_t stream) {
  const int bytes = launch.layout.floats * static_cast<int>(sizeof(float));
  // Once a device would do, but it costs less than a microsecond.
  const cudaError_t allowed =
      cudaFuncSetAttribute(FrameKernel, cudaFuncAttributeMaxDynamicSharedMemorySize, most_shared_bytes);
  if (allowed != cudaSuccess) return allowed;
  const dim3 block(static_cast<unsigned>(launch.layout.lanes), static_cast<unsigned>(launch.layout.workers));
  FrameKernel<<<static_cast<unsigned>(launch.tiles), block, static_cast<size_t>(bytes), stream>>>(launch);
  return cudaGetLastError();
}

cudaError_t LaunchDeltaKernel(const DeltaLaunch& launch, cudaStream_t stream) {
  DeltaKernel<<<static_cast<unsigned>(launch.job_count), kDeltaThreads, 0, stream>>>(launch);
  return cudaGetLastError();
}

}  // namespace undertone::cuda
