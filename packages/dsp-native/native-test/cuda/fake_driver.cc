#include "fake_driver.h"

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <utility>
#include <vector>

#include "host_kernels.h"

namespace undertone::cuda {

class Stream {
 public:
  std::deque<std::function<void()>> work;
};

FakeDriver::~FakeDriver() {
  if (live_bytes != 0 || !pinned_blocks_.empty() || streams_ != 0) {
    std::printf("FAILED the fake driver still has memory or streams\n");
    std::abort();
  }
}

DriverStatus FakeDriver::Fail(DriverError error) const {
  DriverStatus status;
  status.error = error;
  std::snprintf(status.detail, sizeof status.detail, "made up");
  return status;
}

void FakeDriver::Blame(const std::string& what) {
  if (fault_.empty()) fault_ = what;
}

bool FakeDriver::Holds(const Blocks& blocks, const void* at, size_t bytes) const {
  const auto* begin = static_cast<const std::byte*>(at);
  auto after = blocks.upper_bound(begin);
  if (after == blocks.begin()) return false;
  --after;
  return begin + bytes <= after->first + after->second.bytes;
}

// Filled with ones: NaN as floats, nonsense as anything else.
void* FakeDriver::Take(Blocks& blocks, size_t bytes) {
  auto memory = std::make_unique<std::byte[]>(bytes);
  std::memset(memory.get(), 0xff, bytes);
  std::byte* at = memory.get();
  blocks.emplace(at, Block{bytes, std::move(memory)});
  return at;
}

DriverStatus FakeDriver::Describe(DriverInfo* info) {
  const std::lock_guard lock(mutex_);
  *info = {13000, 13000, devices};
  return devices == 0 ? Fail(DriverError::kNoDevice) : DriverStatus{};
}

DriverStatus FakeDriver::DescribeDevice(int, DeviceInfo* info) {
  const std::lock_guard lock(mutex_);
  *info = device;
  return {};
}

DriverStatus FakeDriver::Allocate(int, size_t bytes, void** memory) {
  const std::lock_guard lock(mutex_);
  if (lost_) return Fail(DriverError::kDeviceLost);
  ++allocations;
  const bool made_up = fail_allocation > 0 && --fail_allocation == 0;
  if (made_up || live_bytes + static_cast<int64_t>(bytes) > device.memory_bytes) {
    return Fail(DriverError::kOutOfMemory);
  }
  *memory = Take(device_blocks_, bytes);
  live_bytes += static_cast<int64_t>(bytes);
  peak_bytes = std::max(peak_bytes, live_bytes);
  return {};
}

void FakeDriver::Free(int, void* memory) {
  const std::lock_guard lock(mutex_);
  const auto found = device_blocks_.find(static_cast<std::byte*>(memory));
  if (found == device_blocks_.end()) return Blame("memory is freed that is not there");
  if (busy_streams_ > 0 && !lost_) Blame("memory is freed while a stream has work");
  live_bytes -= static_cast<int64_t>(found->second.bytes);
  device_blocks_.erase(found);
}

DriverStatus FakeDriver::FreeMemory(int, int64_t* bytes) {
  const std::lock_guard lock(mutex_);
  *bytes = device.memory_bytes - live_bytes;
  return {};
}

DriverStatus FakeDriver::AllocatePinned(int, size_t bytes, void** memory) {
  const std::lock_guard lock(mutex_);
  if (lost_) return Fail(DriverError::kDeviceLost);
  ++allocations;
  if (fail_allocation > 0 && --fail_allocation == 0) return Fail(DriverError::kOutOfMemory);
  *memory = Take(pinned_blocks_, bytes);
  return {};
}

void FakeDriver::FreePinned(void* memory) {
  const std::lock_guard lock(mutex_);
  if (pinned_blocks_.erase(static_cast<std::byte*>(memory)) == 0)
    Blame("host memory is freed that is not there");
}

DriverStatus FakeDriver::CreateStream(int, Stream** stream) {
  const std::lock_guard lock(mutex_);
  if (lost_) return Fail(DriverError::kDeviceLost);
  *stream = new Stream;
  ++streams_;
  return {};
}

void FakeDriver::DestroyStream(Stream* stream) {
  const std::lock_guard lock(mutex_);
  if (!stream->work.empty()) {
    --busy_streams_;
    if (!lost_) Blame("a stream with work is destroyed");
  }
  delete stream;
  --streams_;
}

DriverStatus FakeDriver::Queue(Stream* stream, std::function<void()> work) {
  if (lost_) return Fail(DriverError::kDeviceLost);
  if (stream->work.empty()) ++busy_streams_;
  most_queued = std::max<int64_t>(most_queued, busy_streams_);
  stream->work.push_back(std::move(work));
  return {};
}

DriverStatus FakeDriver::CopyToDevice(Stream* stream, void* to, const void* from, size_t bytes) {
  const std::lock_guard lock(mutex_);
  if (!Holds(device_blocks_, to, bytes)) Blame("a copy to outside the device's memory");
  if (Holds(pinned_blocks_, from, bytes)) {
    return Queue(stream, [=] { std::memcpy(to, from, bytes); });
  }
  // Pageable memory is read before the call returns, as CUDA does.
  std::vector<std::byte> read(bytes);
  std::memcpy(read.data(), from, bytes);
  return Queue(stream, [to, read = std::move(read)] { std::memcpy(to, read.data(), read.size()); });
}

DriverStatus FakeDriver::CopyToHost(Stream* stream, void* to, const void* from, size_t bytes) {
  const std::lock_guard lock(mutex_);
  if (!Holds(device_blocks_, from, bytes)) Blame("a copy from outside the device's memory");
  if (!Holds(pinned_blocks_, to, bytes)) Blame("a copy to memory that is not page-locked");
  return Queue(stream, [=] { std::memcpy(to, from, bytes); });
}

DriverStatus FakeDriver::CopyOnDevice(Stream* stream, void* to, const void* from, size_t bytes) {
  const std::lock_guard lock(mutex_);
  if (!Holds(device_blocks_, from, bytes) || !Holds(device_blocks_, to, bytes)) {
    Blame("a copy outside the device's memory");
  }
  return Queue(stream, [=] { std::memcpy(to, from, bytes); });
}

DriverStatus FakeDriver::NextLaunch() {
  ++launches;
  if (lose_device > 0 && --lose_device == 0) lost_ = true;
  if (lost_) return Fail(DriverError::kDeviceLost);
  return fail_launch > 0 && --fail_launch == 0 ? Fail(DriverError::kFailed) : DriverStatus{};
}

DriverStatus FakeDriver::LaunchFrames(Stream* stream, const FrameLaunch& launch) {
  const std::lock_guard lock(mutex_);
  const DriverStatus status = NextLaunch();
  if (!status.ok()) return status;
  const auto shared = static_cast<int64_t>(launch.layout.floats) * static_cast<int64_t>(sizeof(float));
  if (shared > device.shared_bytes_per_block) Blame("a block asks for more shared memory than there is");
  if (launch.layout.lanes * launch.layout.workers > 512) Blame("a block has too many threads");
  if (launch.tiles < 1) Blame("a launch without a tile");
  const size_t jobs = static_cast<size_t>(launch.tiles) * sizeof(TileJob);
  if (!Holds(device_blocks_, launch.jobs, jobs)) Blame("jobs lie outside the device's memory");
  return Queue(stream, [this, launch] {
    if (const std::string fault = RunFramesOnHost(launch, seed_++); !fault.empty()) Blame(fault);
  });
}

DriverStatus FakeDriver::LaunchDeltas(Stream* stream, const DeltaLaunch& launch) {
  const std::lock_guard lock(mutex_);
  const DriverStatus status = NextLaunch();
  if (!status.ok()) return status;
  return Queue(stream, [launch] { RunDeltasOnHost(launch); });
}

DriverStatus FakeDriver::Synchronise(Stream* stream) {
  const std::lock_guard lock(mutex_);
  if (lost_) return Fail(DriverError::kDeviceLost);
  if (!stream->work.empty()) --busy_streams_;
  for (; !stream->work.empty(); stream->work.pop_front()) stream->work.front()();
  if (fault_.empty()) return {};
  DriverStatus status = Fail(DriverError::kFailed);
  std::snprintf(status.detail, sizeof status.detail, "%s", fault_.c_str());
  return status;
}

}  // namespace undertone::cuda
