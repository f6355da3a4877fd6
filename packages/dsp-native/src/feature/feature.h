// What a feature is: a stage of the per-frame chain, spectrum -> mel -> log -> cepstrum.
//
// A stage is two things: a function here that turns the settings into tables (in double, rounded once), and a
// kernel in <stage>-inl.h. A kernel is written in the operations on `Lane`, one number a frame, that each
// backend offers (backend/cpu/lane-inl.h lists them); a backend includes the kernels inside its own
// namespace, after its lanes. A new feature is one such pair, a table in recipe.h and a line in registry.cc.
#pragma once

#include <span>

#include "core/front_end.h"
#include "feature/recipe.h"

namespace undertone {

struct FeatureStage {
  // The settings group that it implements.
  const char* name;
  // Adds the stage's tables to the recipe, or nothing when the settings do not ask for it. Throws kUsage.
  void (*prepare)(const FrontEndSpec& spec, FrameRecipe& recipe);
};

// In the order of the signal's flow.
std::span<const FeatureStage> FeatureStages();

void PrepareSpectrum(const FrontEndSpec& spec, FrameRecipe& recipe);
void PrepareMel(const FrontEndSpec& spec, FrameRecipe& recipe);
void PrepareLog(const FrontEndSpec& spec, FrameRecipe& recipe);
void PrepareCepstrum(const FrontEndSpec& spec, FrameRecipe& recipe);

}  // namespace undertone
