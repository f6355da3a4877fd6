// The CUDA kernels, compiled for the host, give what the CPU backend gives, bit for bit.
#include <algorithm>
#include <cmath>
#include <cstring>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "backend/backend.h"
#include "backend/cpu/isa.h"
#include "cuda/fake_backend.h"
#include "cuda/fake_driver.h"
#include "expect.h"
#include "front_ends.h"
#include "plan/plan.h"
#include "tests.h"

namespace undertone::test {
namespace {

using cuda::FakeDriver;

constexpr int64_t kMemoryBytes = int64_t{16} << 20;

bool IsTonal(const FeatureSpec& feature) {
  return std::holds_alternative<ChromaFeature>(feature) ||
         std::holds_alternative<ChromaCqtFeature>(feature) || std::holds_alternative<TonnetzFeature>(feature);
}

// The kernels use fused multiply-adds; so does the CPU under these.
bool CpuFuses() {
  const std::string isa = SelectIsa().name;
  return isa == "avx512" || isa == "avx2" || isa == "neon";
}

void CheckFrontEnd(int index, const FrontEndSpec& spec, Random& random) {
  std::vector<int64_t> offsets{0};
  for (int u = random.Below(4); u >= 0; --u) {
    int64_t length = random.Below(4) == 0 ? random.Below(3) : random.Below(4000);
    if (!AnyLength(spec)) length = std::max(length, EnoughSamples(spec));
    offsets.push_back(offsets.back() + length);
  }
  const auto samples = Noise(random, static_cast<size_t>(offsets.back()));
  const std::vector<float> expected = ExtractAll(Plan(spec, GetBackend("cpu")), samples.get(), offsets);
  FakeDriver driver;
  // Tiles of every size: the less a block shares, the fewer lanes.
  constexpr int64_t kShared[] = {227 << 10, 99 << 10, 64 << 10, 24 << 10};
  driver.device.shared_bytes_per_block = random.Pick(kShared);
  driver.device.shared_bytes_per_multiprocessor = driver.device.shared_bytes_per_block + 1024;
  const std::vector<float> found =
      ExtractAll(Plan(spec, FakeBackend(driver, kMemoryBytes)), samples.get(), offsets);
  Expect(driver.fault().empty(), "front-end %d: %s", index, driver.fault().c_str());
  size_t differing = 0;
  for (size_t i = 0; i < expected.size(); ++i) {
    if (std::memcmp(&expected[i], &found[i], sizeof(float)) != 0) ++differing;
  }
  Expect(found.size() == expected.size() && differing == 0,
         "front-end %d: %zu of %zu values differ from the CPU's", index, differing, expected.size());
}

void TestKernels() {
  Random random(11);
  for (int i = 0; i < 150; ++i) {
    FrontEndSpec spec = RandomFrontEnd(random);
    std::erase_if(spec.features, IsTonal);
    CheckFrontEnd(i, spec, random);
  }
}

}  // namespace

void TestCudaKernels() {
  if (CpuFuses()) {
    TestKernels();
  } else {
    std::printf("cuda-kernels: left out, this instruction set has no fused multiply-add to compare with\n");
  }
}

}  // namespace undertone::test
