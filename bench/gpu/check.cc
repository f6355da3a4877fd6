// gpu_check test [front-ends]           the device against the host; exit status 1 when something differs
// gpu_check bench figures.json [peer]   figures
// Exit status 3: there is no CUDA device; 4: wrong use. See check.sh.
#include "check.h"

#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "backend/cuda/description.h"
#include "backend/cuda/driver_library.h"
#include "core/status.h"

namespace {

constexpr int kFailed = 1;
constexpr int kNoDevice = 3;
constexpr int kUsage = 4;
constexpr int kFrontEnds = 200;

int Run(int argc, char** argv, undertone::cuda::Driver& driver, const undertone::cuda::Description& found) {
  const undertone::cuda::DeviceInfo& info = found.devices.front();
  if (std::strcmp(argv[1], "test") == 0) {
    const int count = argc > 2 ? std::atoi(argv[2]) : kFrontEnds;
    return undertone::check::RunDeviceTests(driver, info, count) == 0 ? 0 : kFailed;
  }
  const undertone::cuda::DriverInfo versions{found.runtime_version, found.driver_version,
                                             static_cast<int>(found.devices.size())};
  undertone::check::RunBench(driver, versions, info, argv[2], argc > 3 ? argv[3] : "");
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  const bool test = argc >= 2 && std::strcmp(argv[1], "test") == 0;
  const bool bench = argc >= 3 && std::strcmp(argv[1], "bench") == 0;
  if (!test && !bench) {
    std::fprintf(stderr, "gpu_check test [front-ends] | gpu_check bench figures.json [peer.json]\n");
    return kUsage;
  }
  const undertone::cuda::Description found = undertone::cuda::Describe();
  if (!found.reason.empty()) {
    std::printf("gpu_check: nothing was run: %s\n", found.reason.c_str());
    return kNoDevice;
  }
  try {
    return Run(argc, argv, undertone::cuda::OpenDriver(), found);
  } catch (const undertone::Error& error) {
    std::printf("gpu_check: %s: %s\n", undertone::StatusName(error.code()), error.what());
    return kFailed;
  }
}
