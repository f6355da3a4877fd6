#include "feature/recipe.h"

#include <algorithm>

namespace undertone {
bool FrameRecipe::has_descriptors(DescriptorDomain domain) const {
  return std::any_of(descriptors.begin(), descriptors.end(),
                     [domain](const Descriptor& d) { return d.domain == domain; });
}

bool FrameRecipe::needs_previous_frame() const {
  return std::any_of(descriptors.begin(), descriptors.end(),
                     [](const Descriptor& d) { return std::holds_alternative<FluxTable>(d.table); });
}

int FrameRecipe::contrast_kept() const {
  int kept = 0;
  for (const Descriptor& descriptor : descriptors) {
    const auto* contrast = std::get_if<ContrastTable>(&descriptor.table);
    if (contrast == nullptr) continue;
    for (int b = 0; b < contrast->count; ++b) kept = std::max(kept, contrast->bands[b].kept);
  }
  return kept;
}

}  // namespace undertone
