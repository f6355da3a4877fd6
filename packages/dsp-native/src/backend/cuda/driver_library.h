// The shared library that holds everything of CUDA.
#pragma once

#include <string>

#include "backend/cuda/driver.h"

namespace undertone::cuda {

// undertone_cuda.so beside the add-on (or the program) that this code is part of, or the file that
// UNDERTONE_CUDA_LIBRARY names.
std::string DriverLibraryPath();

// Opens the library, once a process. Throws kUnsupportedDevice with a sentence that tells a build without
// CUDA from a library that does not load.
Driver& OpenDriver();

// Throws `status`, which is not ok, as the error of the closed list that it stands for. `doing` ends the
// sentence "CUDA failed ...".
[[noreturn]] void ThrowDriverError(const DriverStatus& status, const std::string& doing);
inline void Check(const DriverStatus& status, const char* doing) {
  if (!status.ok()) ThrowDriverError(status, doing);
}

}  // namespace undertone::cuda
