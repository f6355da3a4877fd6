// The real driver: the CUDA runtime behind driver.h. This folder makes undertone_cuda.so and nothing else.
#include <cstdio>

#include "backend/cuda/driver.h"
#include "backend/cuda/library/kernels.cuh"

namespace undertone::cuda {

class Stream {
 public:
  int device;
  int most_shared_bytes;
  cudaStream_t stream;
};

namespace {

DriverError ErrorOf(cudaError_t error) {
  switch (error) {
    case cudaSuccess:
      return DriverError::kNone;
    case cudaErrorInsufficientDriver:
    case cudaErrorStubLibrary:
      return DriverError::kNoDriver;
    case cudaErrorNoDevice:
    case cudaErrorInvalidDevice:
      return DriverError::kNoDevice;
    case cudaErrorMemoryAllocation:
      return DriverError::kOutOfMemory;
    case cudaErrorNoKernelImageForDevice:
    case cudaErrorUnsupportedPtxVersion:
      return DriverError::kUnsupportedDevice;
    case cudaErrorIllegalAddress:
    case cudaErrorLaunchFailure:
    case cudaErrorLaunchTimeout:
    case cudaErrorHardwareStackError:
    case cudaErrorIllegalInstruction:
    case cudaErrorMisalignedAddress:
    case cudaErrorECCUncorrectable:
    case cudaErrorDevicesUnavailable:
      return DriverError::kDeviceLost;
    default:
      return DriverError::kFailed;
  }
}

DriverStatus StatusOf(cudaError_t error) {
  DriverStatus status;
  status.error = ErrorOf(error);
  if (error != cudaSuccess) {
    std::snprintf(status.detail, sizeof status.detail, "%s: %s", cudaGetErrorName(error),
                  cudaGetErrorString(error));
    // Errors that are not for ever are not to show again at the next call.
    cudaGetLastError();
  }
  return status;
}

// Runs `act` where `before` went well.
template <typename Act>
DriverStatus On(int device, const Act& act) {
  const cudaError_t set = cudaSetDevice(device);
  return StatusOf(set != cudaSuccess ? set : act());
}

class CudaDriver : public Driver {
 public:
  DriverStatus Describe(DriverInfo* info) override {
    *info = {};
    cudaRuntimeGetVersion(&info->runtime_version);
    cudaDriverGetVersion(&info->driver_version);
    const DriverStatus status = StatusOf(cudaGetDeviceCount(&info->devices));
    if (!status.ok()) {
      info->devices = 0;
      return status;
    }
    return StatusOf(info->devices == 0 ? cudaErrorNoDevice : cudaSuccess);
  }

  DriverStatus DescribeDevice(int device, DeviceInfo* info) override {
    cudaDeviceProp properties{};
    const cudaError_t error = cudaGetDeviceProperties(&properties, device);
    if (error != cudaSuccess) return StatusOf(error);
    *info = {};
    std::snprintf(info->name, sizeof info->name, "%s", properties.name);
    info->major = properties.major;
    info->minor = properties.minor;
    info->multiprocessors = properties.multiProcessorCount;
    info->memory_bytes = static_cast<int64_t>(properties.totalGlobalMem);
    info->shared_bytes_per_block = static_cast<int64_t>(properties.sharedMemPerBlockOptin);
    info->shared_bytes_per_multiprocessor = static_cast<int64_t>(properties.sharedMemPerMultiprocessor);
    return {};
  }

  DriverStatus Allocate(int device, size_t bytes, void** memory) override {
    return On(device, [&] { return cudaMalloc(memory, bytes); });
  }
  void Free(int device, void* memory) override {
    On(device, [&] { return cudaFree(memory); });
  }
  DriverStatus FreeMemory(int device, int64_t* bytes) override {
    size_t free_bytes = 0;
    size_t total_bytes = 0;
    const DriverStatus status = On(device, [&] { return cudaMemGetInfo(&free_bytes, &total_bytes); });
    *bytes = static_cast<int64_t>(free_bytes);
    return status;
  }
  DriverStatus AllocatePinned(int device, size_t bytes, void** memory) override {
    return On(device, [&] { return cudaMallocHost(memory, bytes); });
  }
  void FreePinned(void* memory) override { StatusOf(cudaFreeHost(memory)); }

  DriverStatus CreateStream(int device, Stream** stream) override {
    DeviceInfo info{};
    const DriverStatus described = DescribeDevice(device, &info);
    if (!described.ok()) return described;
    cudaStream_t made{};
    const DriverStatus status =
        On(device, [&] { return cudaStreamCreateWithFlags(&made, cudaStreamNonBlocking); });
    if (status.ok()) *stream = new Stream{device, static_cast<int>(info.shared_bytes_per_block), made};
    return status;
  }
  void DestroyStream(Stream* stream) override {
    On(stream->device, [&] { return cudaStreamDestroy(stream->stream); });
    delete stream;
  }

  DriverStatus CopyToDevice(Stream* stream, void* to, const void* from, size_t bytes) override {
    return On(stream->device,
              [&] { return cudaMemcpyAsync(to, from, bytes, cudaMemcpyHostToDevice, stream->stream); });
  }
  DriverStatus CopyToHost(Stream* stream, void* to, const void* from, size_t bytes) override {
    return On(stream->device,
              [&] { return cudaMemcpyAsync(to, from, bytes, cudaMemcpyDeviceToHost, stream->stream); });
  }
  DriverStatus CopyOnDevice(Stream* stream, void* to, const void* from, size_t bytes) override {
    return On(stream->device,
              [&] { return cudaMemcpyAsync(to, from, bytes, cudaMemcpyDeviceToDevice, stream->stream); });
  }
  DriverStatus LaunchFrames(Stream* stream, const FrameLaunch& launch) override {
    return On(stream->device,
              [&] { return LaunchFrameKernel(launch, stream->most_shared_bytes, stream->stream); });
  }
  DriverStatus LaunchDeltas(Stream* stream, const DeltaLaunch& launch) override {
    return On(stream->device, [&] { return LaunchDeltaKernel(launch, stream->stream); });
  }
  DriverStatus Synchronise(Stream* stream) override {
    return On(stream->device, [&] { return cudaStreamSynchronize(stream->stream); });
  }
};

}  // namespace
}  // namespace undertone::cuda

// The one symbol that the add-on looks for; nullptr for another version's add-on.
extern "C" __attribute__((visibility("default"))) undertone::cuda::Driver* undertone_cuda_driver(
    uint32_t interface_version) {
  static undertone::cuda::CudaDriver driver;
  return interface_version == undertone::cuda::kDriverInterface ? &driver : nullptr;
}
