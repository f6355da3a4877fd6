#include "backend/cpu/isa.h"

#include <hwy/targets.h>

#include <cstdlib>
#include <cstring>

#include "backend/cpu/tile_kernels.h"
#include "core/status.h"

namespace undertone {
namespace {

struct NamedTarget {
  const char* name;
  int64_t target;
};

// Best first. Several Highway targets may go under one of our names; the best that is there is taken.
constexpr NamedTarget kTargets[] = {
    {"avx512", HWY_AVX3_DL}, {"avx512", HWY_AVX3},   {"avx2", HWY_AVX2},     {"sse4", HWY_SSE4},
    {"neon", HWY_NEON},      {"scalar", HWY_EMU128}, {"scalar", HWY_SCALAR},
};

bool IsScalar(int64_t target) { return target == HWY_EMU128 || target == HWY_SCALAR; }

std::vector<Isa> FindAvailable() {
  const int64_t supported = hwy::SupportedTargets();
  std::vector<Isa> found;
  for (const NamedTarget& entry : kTargets) {
    const TileKernels* kernels = KernelsOf(entry.target);
    // Any machine runs plain C++, whether or not Highway lists it.
    if (kernels == nullptr || !(IsScalar(entry.target) || (supported & entry.target) != 0)) continue;
    if (found.empty() || std::strcmp(found.back().name, entry.name) != 0)
      found.push_back({entry.name, kernels, entry.target});
  }
  return found;
}

std::string NamesOf(const std::vector<Isa>& isas) {
  std::string names;
  for (const Isa& isa : isas) names += (names.empty() ? "" : ", ") + std::string(isa.name);
  return names;
}

// First read wins: workers of one process must agree, and getenv may not race with a setenv later on.
const std::string& RequestedIsa() {
  static const std::string requested = [] {
    const char* value = std::getenv("UNDERTONE_ISA");
    return std::string(value == nullptr ? "" : value);
  }();
  return requested;
}

[[noreturn]] void ThrowUnavailable(const std::string& name) {
  std::string known;
  bool is_known = false;
  bool in_build = false;
  const char* previous = "";
  for (const NamedTarget& entry : kTargets) {
    if (std::strcmp(previous, entry.name) != 0)
      known += (known.empty() ? "" : ", ") + std::string(entry.name);
    previous = entry.name;
    if (name != entry.name) continue;
    is_known = true;
    in_build = in_build || KernelsOf(entry.target) != nullptr;
  }
  if (!is_known) {
    throw Error(StatusCode::kUsage, "Expected one of " + known + " for UNDERTONE_ISA but received \"" + name +
                                        "\" of type string");
  }
  const char* where = in_build ? "this machine does not have" : "is not in this build";
  throw Error(StatusCode::kUnsupportedDevice,
              "UNDERTONE_ISA asks for " + name + ", which " + where + ": it has " + NamesOf(AvailableIsas()));
}

const Isa& Choose() {
  const std::string& requested = RequestedIsa();
  if (requested.empty()) return AvailableIsas().front();
  for (const Isa& isa : AvailableIsas()) {
    if (requested != isa.name) continue;
    hwy::DisableTargets(isa.target - 1);
    hwy::GetChosenTarget().DeInit();  // whatever was dispatched before chooses again
    return isa;
  }
  ThrowUnavailable(requested);
}

}  // namespace

const std::vector<Isa>& AvailableIsas() {
  static const std::vector<Isa> available = FindAvailable();
  return available;
}

const Isa& SelectIsa() {
  static const Isa& chosen = Choose();
  return chosen;
}

}  // namespace undertone
