#include "backend/cuda/description.h"

#include <unistd.h>

#include "backend/cuda/driver_library.h"
#include "core/status.h"

namespace undertone::cuda {

Description Describe(Driver& driver) {
  Description description;
  try {
    DriverInfo info{};
    const DriverStatus status = driver.Describe(&info);
    description.runtime_version = info.runtime_version;
    description.driver_version = info.driver_version;
    Check(status, "while counting devices");
    for (int device = 0; device < info.devices; ++device) {
      DeviceInfo found{};
      Check(driver.DescribeDevice(device, &found), "while describing a device");
      description.devices.push_back(found);
    }
  } catch (const Error& error) {
    description.devices.clear();
    description.reason = error.what();
  }
  return description;
}

Description Describe() {
  Description description;
  try {
    description = Describe(OpenDriver());
  } catch (const Error& error) {
    description.reason = error.what();
  }
  description.library = DriverLibraryPath();
  description.built = access(description.library.c_str(), F_OK) == 0;
  return description;
}

}  // namespace undertone::cuda
