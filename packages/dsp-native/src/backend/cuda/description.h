// What CUDA this build and machine have, for `doctor` and run records.
#pragma once

#include <string>
#include <vector>

#include "backend/cuda/driver.h"

namespace undertone::cuda {

struct Description {
  bool built = false;       // the library is there
  std::string library;      // where it is, or would be
  int runtime_version = 0;  // as CUDA numbers them; 0 where there is none
  int driver_version = 0;
  std::vector<DeviceInfo> devices;
  std::string reason;  // why no device can be used, one sentence; empty where one can
};

// Opens the library where there is one. Never throws for what is missing.
Description Describe();

// The same of an open driver.
Description Describe(Driver& driver);

}  // namespace undertone::cuda
