// A GPU that there is not: memory with a ceiling, streams that do nothing before somebody waits for them,
// errors on demand, and the real kernels, compiled for the host. Whatever a caller does that a device would
// not forgive is kept in fault().
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "backend/cuda/driver.h"
#include "backend/cuda/kernel_args.h"

namespace undertone::cuda {

class FakeDriver : public Driver {
 public:
  // As an H100 has it, but for the memory.
  DeviceInfo device{"Fake GPU", 9, 0, 132, int64_t{1} << 30, 227 << 10, 228 << 10};
  int devices = 1;
  // The n-th call from now on fails; 0 for none.
  int fail_allocation = 0;
  int fail_launch = 0;
  int lose_device = 0;  // counts launches too; nothing works afterwards

  int64_t allocations = 0;
  int64_t live_bytes = 0;
  int64_t peak_bytes = 0;
  int64_t launches = 0;
  int64_t most_queued = 0;  // streams with work at the same time

  ~FakeDriver();
  const std::string& fault() const { return fault_; }

  DriverStatus Describe(DriverInfo* info) override;
  DriverStatus DescribeDevice(int index, DeviceInfo* info) override;
  DriverStatus Allocate(int index, size_t bytes, void** memory) override;
  void Free(int index, void* memory) override;
  DriverStatus FreeMemory(int index, int64_t* bytes) override;
  DriverStatus AllocatePinned(int index, size_t bytes, void** memory) override;
  void FreePinned(void* memory) override;
  DriverStatus CreateStream(int index, Stream** stream) override;
  void DestroyStream(Stream* stream) override;
  DriverStatus CopyToDevice(Stream* stream, void* to, const void* from, size_t bytes) override;
  DriverStatus CopyToHost(Stream* stream, void* to, const void* from, size_t bytes) override;
  DriverStatus CopyOnDevice(Stream* stream, void* to, const void* from, size_t bytes) override;
  DriverStatus LaunchFrames(Stream* stream, const FrameLaunch& launch) override;
  DriverStatus LaunchDeltas(Stream* stream, const DeltaLaunch& launch) override;
  DriverStatus Synchronise(Stream* stream) override;

 private:
  struct Block {
    size_t bytes;
    std::unique_ptr<std::byte[]> memory;
  };
  using Blocks = std::map<const std::byte*, Block>;

  DriverStatus Fail(DriverError error) const;
  void Blame(const std::string& what);
  bool Holds(const Blocks& blocks, const void* at, size_t bytes) const;
  void* Take(Blocks& blocks, size_t bytes);
  DriverStatus Queue(Stream* stream, std::function<void()> work);
  DriverStatus NextLaunch();

  std::recursive_mutex mutex_;
  bool lost_ = false;
  uint32_t seed_ = 1;
  std::string fault_;
  Blocks device_blocks_;
  Blocks pinned_blocks_;
  int streams_ = 0;
  int busy_streams_ = 0;
};

}  // namespace undertone::cuda
