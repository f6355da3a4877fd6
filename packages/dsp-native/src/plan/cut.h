// The part of an utterance that is framed: an excerpt of it, without what a gate finds too quiet.
#pragma once

#include <cstdint>
#include <string>

#include "core/front_end.h"
#include "core/samples.h"

namespace undertone {

// True when the settings cut anything.
bool CutsUtterance(const SamplesSpec& spec);

// Samples that are left of an utterance of `count` samples at full scale 1.
// excerpt: those from offset_samples on, at most length_samples; with pad as many, zeros behind, unless the
// utterance ends before the offset. gate, on what the excerpt left: those around which the mean of |x| over
// window_samples is above the threshold, as pandas' rolling(window, min_periods=1, center=True).mean():
// sample i looks at i - window/2 … i + (window - 1)/2, at the ends at what there is. Running sums in double.
int64_t CutLength(const SamplesSpec& spec, const float* samples, int64_t count);
Samples CutUtterance(const SamplesSpec& spec, const float* samples, int64_t count);

// Why nothing is left, the end of a sentence; empty where `left` > 0 or nothing is cut.
std::string LackingSamples(const SamplesSpec& spec, int64_t count, int64_t left);

}  // namespace undertone
