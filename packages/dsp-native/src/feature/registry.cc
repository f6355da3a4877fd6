// ★ The stages of the per-frame chain, one line each, in order.
#include "feature/feature.h"

namespace undertone {
namespace {

constexpr FeatureStage kStages[] = {
    {"spectrum", PrepareSpectrum}, {"mel", PrepareMel},      {"log", PrepareLog},
    {"cepstrum", PrepareCepstrum}, {"features", PrepareRow},
};

}  // namespace

std::span<const FeatureStage> FeatureStages() { return kStages; }

std::shared_ptr<const FrameRecipe> MakeRecipe(const FrontEndSpec& spec) {
  auto recipe = std::make_shared<FrameRecipe>();
  recipe->frame = spec.frame;
  for (const FeatureStage& stage : FeatureStages()) stage.prepare(spec, *recipe);
  return recipe;
}

}  // namespace undertone
