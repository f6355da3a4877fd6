#include "backend/cuda/cuda_backend.h"

#include <map>
#include <mutex>
#include <utility>

#include "backend/cpu/cpu_backend.h"
#include "backend/cuda/driver_library.h"
#include "backend/cuda/program.h"

namespace undertone::cuda {
namespace {

class Cuda : public Backend {
 public:
  Cuda(Driver& driver, int device, int64_t memory_bytes)
      : driver_(driver), device_(device), memory_bytes_(memory_bytes) {
    DescribeChosen(driver, device);
  }

  std::unique_ptr<FrameProgram> Prepare(std::shared_ptr<const FrameRecipe> recipe) const override {
    return MakeProgram(driver_, device_, memory_bytes_, std::move(recipe), &CpuBackend());
  }

 private:
  Driver& driver_;
  const int device_;
  const int64_t memory_bytes_;
};

}  // namespace

const Backend& CudaBackend(const BackendChoice& choice) {
  static std::mutex mutex;
  static std::map<std::pair<int, int64_t>, std::unique_ptr<const Cuda>> backends;
  const std::lock_guard lock(mutex);
  const int64_t memory_bytes = choice.memory_bytes == 0 ? kDefaultMemoryBytes : choice.memory_bytes;
  auto& backend = backends[{choice.device, memory_bytes}];
  if (!backend) backend = std::make_unique<const Cuda>(OpenDriver(), choice.device, memory_bytes);
  return *backend;
}

}  // namespace undertone::cuda
