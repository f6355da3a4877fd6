// ★ The backends, one entry each, by the name that settings and records store.
#include "backend/backend.h"
#include "backend/cpu/cpu_backend.h"
#include "backend/cuda/cuda_backend.h"
#include "core/status.h"

namespace undertone {
namespace {

struct BackendEntry {
  const char* name;
  const Backend& (*get)(const BackendChoice& choice);
};

constexpr BackendEntry kBackends[] = {
    {"cpu", [](const BackendChoice&) -> const Backend& { return CpuBackend(); }},
    {"cuda", cuda::CudaBackend},
};

}  // namespace

void FrameProgram::UtteranceRows(std::span<const FrameRun> runs, const DeltaSpec& deltas,
                                 const std::vector<DeltaKernel>& kernels, float* rows, size_t stride) const {
  Frames(runs, rows, stride);
  const size_t columns = stride / (1 + kernels.size());
  for (const FrameRun& run : runs) {
    AppendDeltas(deltas, kernels, rows, run.frames, stride, columns);
    rows += static_cast<size_t>(run.frames) * stride;
  }
}

std::vector<std::string> BackendNames() {
  std::vector<std::string> names;
  for (const BackendEntry& entry : kBackends) names.push_back(entry.name);
  return names;
}

const Backend& GetBackend(const BackendChoice& choice) {
  for (const BackendEntry& entry : kBackends) {
    if (choice.name == entry.name) return entry.get(choice);
  }
  throw Error(StatusCode::kUsage, "Expected the name of a backend of this build but received \"" +
                                      choice.name + "\" of type string");
}

}  // namespace undertone
