// The CUDA backend as the registry has it.
#pragma once

#include "backend/backend.h"

namespace undertone::cuda {

// The backend of the shared library's driver, one a device and memory ceiling. Throws kUnsupportedDevice with
// the reason why there is none, kUsage for a device that the machine does not have.
const Backend& CudaBackend(const BackendChoice& choice);

}  // namespace undertone::cuda
