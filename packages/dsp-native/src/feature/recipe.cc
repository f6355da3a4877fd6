#include "feature/recipe.h"

#include <algorithm>

namespace undertone {
namespace {

template <typename Table>
const Table* FindTable(const FrameRecipe& recipe) {
  for (const Descriptor& descriptor : recipe.descriptors) {
    if (const auto* table = std::get_if<Table>(&descriptor.table)) return table;
  }
  return nullptr;
}

}  // namespace

bool FrameRecipe::has_descriptors(DescriptorDomain domain) const {
  return std::any_of(descriptors.begin(), descriptors.end(),
                     [domain](const Descriptor& d) { return d.domain == domain; });
}

bool FrameRecipe::needs_previous_frame() const { return FindTable<FluxTable>(*this) != nullptr; }

int FrameRecipe::contrast_kept() const {
  int kept = 0;
  for (const Descriptor& descriptor : descriptors) {
    const auto* contrast = std::get_if<ContrastTable>(&descriptor.table);
    if (contrast == nullptr) continue;
    for (int b = 0; b < contrast->count; ++b) kept = std::max(kept, contrast->bands[b].kept);
  }
  return kept;
}

const ZeroCrossingTable* FrameRecipe::crossing_table() const { return FindTable<ZeroCrossingTable>(*this); }

}  // namespace undertone
