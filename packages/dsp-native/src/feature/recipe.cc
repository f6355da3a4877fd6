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

const ZeroCrossingTable* FrameRecipe::crossing_table() const { return FindTable<ZeroCrossingTable>(*this); }

}  // namespace undertone
