// Deliberate defects, one an argument, that the sanitizers must report: a gate that cannot fail is none.
#include <climits>
#include <cstdio>
#include <cstring>
#include <string>
#include <vector>

#include "backend/backend.h"
#include "front_ends.h"
#include "plan/plan.h"

namespace {

using namespace undertone;

// The kernels write one value beyond the caller's block.
void WriteBeyond() {
  const Plan plan(test::SpectrumSpecOf(64), GetBackend("cpu"));
  const std::vector<float> samples(6400, 0.5f);
  const std::vector<int64_t> offsets{0, 6400};
  const size_t values = static_cast<size_t>(plan.RowOffsets(nullptr, offsets).back()) * plan.columns();
  const auto out = test::ExactBlock<float>(values - 1);
  plan.Extract(samples.data(), offsets, out.get());
}

// The kernels read one sample beyond the caller's block.
void ReadBeyond() {
  const Plan plan(test::SpectrumSpecOf(64), GetBackend("cpu"));
  const auto samples = test::ExactBlock<float>(6399);
  const std::vector<int64_t> offsets{0, 6400};
  std::vector<float> out(static_cast<size_t>(plan.RowOffsets(nullptr, offsets).back()) * plan.columns());
  plan.Extract(samples.get(), offsets, out.data());
}

// Within a vector's capacity, beyond its size.
void OverflowContainer() {
  std::vector<float> values(10);
  values.reserve(100);
  volatile float* data = values.data();
  data[10] = 1;
}

void OverflowInteger(int more) {
  volatile int largest = INT_MAX;
  std::printf("%d\n", largest + more);
}

void Leak() {
  volatile auto* lost = new std::vector<float>(1000);
  lost = nullptr;
  (void)lost;
}

}  // namespace

int main(int argc, char** argv) {
  const std::string defect = argc == 2 ? argv[1] : "";
  if (defect == "write") WriteBeyond();
  if (defect == "read") ReadBeyond();
  if (defect == "container") OverflowContainer();
  if (defect == "integer") OverflowInteger(argc);
  if (defect == "leak") Leak();
  return 0;
}
