// What the CUDA backend asks of a machine's GPUs: the few calls of the CUDA runtime that it needs, so that
// the add-on itself links nothing of CUDA.
//
// The one real implementation is the shared library undertone_cuda.so (library/), opened only when asked for;
// tests have another, which runs the same kernels on the host (native-test/cuda/fake_driver.h). Only plain
// data crosses this border, as both sides may come from different compilers.
#pragma once

#include <cstddef>
#include <cstdint>

namespace undertone::cuda {

struct FrameLaunch;
struct DeltaLaunch;

// Changes with every change of this file or of kernel_args.h; a library of another version is not used.
constexpr uint32_t kDriverInterface = 2;

enum class DriverError {
  kNone,
  kNoDriver,           // no driver, or one older than the library's CUDA runtime needs
  kNoDevice,           // a driver, but no device that it shows
  kOutOfMemory,        // of the device or of page-locked host memory
  kUnsupportedDevice,  // the library has no code for the device
  kDeviceLost,         // nothing works in this process any more
  kFailed,             // anything else
};

// detail: what the CUDA runtime calls it, empty where there is nothing to say.
struct DriverStatus {
  DriverError error = DriverError::kNone;
  char detail[160] = {};
  bool ok() const { return error == DriverError::kNone; }
};

// Versions as CUDA numbers them: 1000 major + 10 minor.
struct DriverInfo {
  int runtime_version;
  int driver_version;  // the newest CUDA that the driver offers; 0 without a driver
  int devices;
};

struct DeviceInfo {
  char name[256];
  int major;  // compute capability
  int minor;
  int multiprocessors;
  int64_t memory_bytes;
  int64_t shared_bytes_per_block;           // the most that a block may ask for
  int64_t shared_bytes_per_multiprocessor;  // shared out among the blocks that run at once
};

// A queue of work on one device, in order.
class Stream;

// Any number of threads call it at once. Device pointers are plain pointers that the host does not follow.
class Driver {
 public:
  virtual DriverStatus Describe(DriverInfo* info) = 0;
  virtual DriverStatus DescribeDevice(int device, DeviceInfo* info) = 0;

  virtual DriverStatus Allocate(int device, size_t bytes, void** memory) = 0;
  virtual void Free(int device, void* memory) = 0;
  virtual DriverStatus FreeMemory(int device, int64_t* bytes) = 0;
  // Page-locked host memory, from which copies run beside computation.
  virtual DriverStatus AllocatePinned(int device, size_t bytes, void** memory) = 0;
  virtual void FreePinned(void* memory) = 0;

  virtual DriverStatus CreateStream(int device, Stream** stream) = 0;
  virtual void DestroyStream(Stream* stream) = 0;

  // Queue work; nothing is done, and no buffer may be touched, before Synchronise() returns. A failure may
  // show at any later call.
  virtual DriverStatus CopyToDevice(Stream* stream, void* to, const void* from, size_t bytes) = 0;
  virtual DriverStatus CopyToHost(Stream* stream, void* to, const void* from, size_t bytes) = 0;
  virtual DriverStatus CopyOnDevice(Stream* stream, void* to, const void* from, size_t bytes) = 0;
  virtual DriverStatus LaunchFrames(Stream* stream, const FrameLaunch& launch) = 0;
  virtual DriverStatus LaunchDeltas(Stream* stream, const DeltaLaunch& launch) = 0;
  virtual DriverStatus Synchronise(Stream* stream) = 0;

 protected:
  ~Driver() = default;  // drivers live as long as the process
};

}  // namespace undertone::cuda
