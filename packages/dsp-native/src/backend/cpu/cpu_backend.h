// The CPU: frames in tiles of one frame a SIMD lane.
#pragma once

#include "backend/backend.h"

namespace undertone {

// Throws as SelectIsa() does.
const Backend& CpuBackend();

}  // namespace undertone
