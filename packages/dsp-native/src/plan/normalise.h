// Per-utterance sample normalisation.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "backend/backend.h"
#include "core/front_end.h"
#include "core/samples.h"

namespace undertone {

// What the backends make of a sample before they shift and scale it.
inline double CleanSample(float x) {
  if (!std::isfinite(x)) return 0;
  return std::clamp(x, -kLargestSample, kLargestSample);
}

// A whole utterance of `count` samples, with the shift and scale that the settings ask for.
// z-score: mean 0 and population deviation 1; peak: largest magnitude 1. Both undo samples.fullScale, which
// comes before them. An utterance without deviation (or without a sample off 0) becomes all zeros.
SignalView ViewUtterance(const SamplesSpec& spec, const float* samples, int64_t count);

// The samples of a whole utterance as frames see them: clean, shifted and scaled.
Samples ConditionedSamples(const SignalView& signal);

}  // namespace undertone
