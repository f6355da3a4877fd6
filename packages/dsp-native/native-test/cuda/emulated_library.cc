// undertone_cuda_emulated.so: what the add-on opens as its CUDA library where UNDERTONE_CUDA_LIBRARY names
// it. For tests: the road from JavaScript to the kernels and back, without a GPU.
#include <cstdio>

#include "fake_driver.h"

extern "C" __attribute__((visibility("default"))) undertone::cuda::Driver* undertone_cuda_driver(
    uint32_t interface_version) {
  // Never deleted: plans may outlive everything else.
  static auto* driver = [] {
    auto* made = new undertone::cuda::FakeDriver;
    std::snprintf(made->device.name, sizeof made->device.name, "emulation on the host, no GPU");
    return made;
  }();
  return interface_version == undertone::cuda::kDriverInterface ? driver : nullptr;
}
