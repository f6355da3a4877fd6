// ★ The backends, one entry each, by the name that settings and records store.
#include "backend/backend.h"
#include "backend/cpu/cpu_backend.h"
#include "core/status.h"

namespace undertone {
namespace {

struct BackendEntry {
  const char* name;
  const Backend& (*get)();
};

constexpr BackendEntry kBackends[] = {
    {"cpu", CpuBackend},
};

}  // namespace

std::vector<std::string> BackendNames() {
  std::vector<std::string> names;
  for (const BackendEntry& entry : kBackends) names.push_back(entry.name);
  return names;
}

const Backend& GetBackend(const std::string& name) {
  for (const BackendEntry& entry : kBackends) {
    if (name == entry.name) return entry.get();
  }
  throw Error(StatusCode::kUsage,
              "Expected the name of a backend of this build but received \"" + name + "\"");
}

}  // namespace undertone
