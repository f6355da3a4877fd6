// The CUDA backend over a fake driver.
#pragma once

#include <memory>
#include <utility>
#include <vector>

#include "backend/backend.h"
#include "backend/cpu/cpu_backend.h"
#include "backend/cuda/program.h"
#include "fake_driver.h"
#include "plan/plan.h"

namespace undertone::test {

class FakeBackend : public Backend {
 public:
  FakeBackend(cuda::FakeDriver& driver, int64_t memory_bytes, int device = 0)
      : driver_(driver), memory_bytes_(memory_bytes), device_(device) {}
  std::unique_ptr<FrameProgram> Prepare(std::shared_ptr<const FrameRecipe> recipe) const override {
    return cuda::MakeProgram(driver_, device_, memory_bytes_, std::move(recipe), &CpuBackend());
  }

 private:
  cuda::FakeDriver& driver_;
  const int64_t memory_bytes_;
  const int device_;
};

inline std::vector<float> ExtractAll(const Plan& plan, const float* samples,
                                     const std::vector<int64_t>& offsets) {
  const std::vector<int64_t> rows = plan.RowOffsets(samples, offsets);
  std::vector<float> values(static_cast<size_t>(rows.back()) * plan.columns());
  plan.Extract(samples, offsets, values.data());
  return values;
}

}  // namespace undertone::test
