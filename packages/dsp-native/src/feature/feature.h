// What a feature is: a stage of the per-frame chain, spectrum -> mel -> log -> cepstrum, or a descriptor, one
// value made of a frame's samples or spectrum.
//
// A stage is two things: a function here that turns the settings into tables (in double, rounded once), and a
// kernel in <stage>-inl.h. A kernel is written in the operations on `Lane`, one number a frame, that each
// backend offers (backend/cpu/lane-inl.h lists them); a backend includes the kernels inside its own
// namespace, after its lanes. A new stage is one such pair, a table in recipe.h and a line in registry.cc; a
// new descriptor is a MakeDescriptor(), a table and a ComputeDescriptor() kernel.
#pragma once

#include <cstddef>
#include <memory>
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
void PrepareRow(const FrontEndSpec& spec, FrameRecipe& recipe);

// The recipe that all stages make. Throws kUsage.
std::shared_ptr<const FrameRecipe> MakeRecipe(const FrontEndSpec& spec);

// What a descriptor's kernel sees of the frames; pointers to rows of lanes.
struct FrameView {
  const float* samples;  // `length` rows
  size_t length;
  const float* spectrum;  // `bins` rows of magnitudes; none for descriptors of the samples
  size_t bins;
  const float* previous_spectrum;  // of the frame before
  const float* has_previous;       // one row: 0 for the first frame of a recording, else 1
  float* extremes;                 // 2 FrameRecipe::contrast_kept() rows to work in
  const float* first_inside;       // one row: the frame's first sample that is the recording's, not padding
  const float* end_inside;         // one row: and the first one behind the last
};

}  // namespace undertone
