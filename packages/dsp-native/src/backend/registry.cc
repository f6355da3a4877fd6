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
