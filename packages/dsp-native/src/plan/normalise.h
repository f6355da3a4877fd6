// Per-utterance sample normalisation.
#pragma once

#include <cstdint>
#include <vector>

#include "backend/backend.h"
#include "core/front_end.h"

namespace undertone {

// What the backends make of a sample before they shift and scale it.
double CleanSample(float x);

// A whole utterance of `count` samples, with the shift and scale that the settings ask for.
// z-score: mean 0 and population deviation 1; peak: largest magnitude 1. Both undo samples.fullScale, which
// comes before them. An utterance without deviation (or without a sample off 0) becomes all zeros.
SignalView ViewUtterance(const SamplesSpec& spec, const float* samples, int64_t count);

// The samples of a whole utterance as frames see them: clean, shifted and scaled.
std::vector<float> ConditionedSamples(const SignalView& signal);

}  // namespace undertone
