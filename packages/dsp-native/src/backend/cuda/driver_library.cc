#include "backend/cuda/driver_library.h"

#include <dlfcn.h>
#include <unistd.h>

#include <cstdlib>

#include "core/status.h"

namespace undertone::cuda {
namespace {

constexpr const char* kFactory = "undertone_cuda_driver";
using Factory = Driver* (*)(uint32_t interface_version);

// An address inside the binary that this file was linked into.
const char kHere = 0;

[[noreturn]] void ThrowUnsupported(const std::string& message) {
  throw Error(StatusCode::kUnsupportedDevice, message);
}

std::string DlError() {
  const char* message = dlerror();
  return message == nullptr ? "no reason given" : message;
}

Driver& Open() {
  const std::string path = DriverLibraryPath();
  if (access(path.c_str(), F_OK) != 0) {
    ThrowUnsupported("CUDA is not in this build: there is no " + path +
                     ". Install the CUDA toolkit (nvcc), run `npm run setup`, or use the CPU");
  }
  void* library = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) ThrowUnsupported("The CUDA library of this build does not load: " + DlError());
  const auto factory = reinterpret_cast<Factory>(dlsym(library, kFactory));
  Driver* driver = factory == nullptr ? nullptr : factory(kDriverInterface);
  if (driver == nullptr) {
    ThrowUnsupported("The CUDA library " + path +
                     " is of another version than the add-on: run `npm run setup` again");
  }
  return *driver;
}

std::string Detail(const DriverStatus& status) {
  return status.detail[0] == '\0' ? "" : std::string(" (") + status.detail + ")";
}

}  // namespace

std::string DriverLibraryPath() {
  if (const char* named = std::getenv("UNDERTONE_CUDA_LIBRARY"); named != nullptr && *named != '\0')
    return named;
  Dl_info info{};
  std::string folder = ".";
  if (dladdr(&kHere, &info) != 0 && info.dli_fname != nullptr) {
    const std::string self = info.dli_fname;
    const size_t slash = self.rfind('/');
    if (slash != std::string::npos) folder = self.substr(0, slash);
  }
  return folder + "/undertone_cuda.so";
}

Driver& OpenDriver() {
  // A failure throws, and the next call tries again.
  static Driver& driver = Open();
  return driver;
}

void ThrowDriverError(const DriverStatus& status, const std::string& doing) {
  switch (status.error) {
    case DriverError::kNoDriver:
      ThrowUnsupported("CUDA is in this build but not on this machine: no NVIDIA driver answers" +
                       Detail(status) + ". Check nvidia-smi, or use the CPU");
    case DriverError::kNoDevice:
      ThrowUnsupported("CUDA is in this build but not on this machine: the driver shows no device" +
                       Detail(status) + ". Check nvidia-smi, or use the CPU");
    case DriverError::kUnsupportedDevice:
      ThrowUnsupported("This build has no code for this GPU" + Detail(status) +
                       ": it needs compute capability 7.5 or more, and a build for it");
    case DriverError::kOutOfMemory:
      throw Error(StatusCode::kOutOfMemory,
                  "The GPU has no memory left " + doing + Detail(status) + ": ask for less by --gpu-memory");
    case DriverError::kDeviceLost:
      throw Error(StatusCode::kInternal, "The GPU stopped working " + doing + Detail(status) +
                                             ": nothing more can be computed on it in this process");
    default:
      throw Error(StatusCode::kInternal, "CUDA failed " + doing + Detail(status));
  }
}

}  // namespace undertone::cuda
