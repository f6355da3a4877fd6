// Front-ends for the native tests.
#pragma once

#include <cstdint>

#include "core/front_end.h"
#include "expect.h"

namespace undertone::test {

// The power spectrum of `size` samples under no window, frame after frame.
FrontEndSpec SpectrumSpecOf(int size);

// Any valid front-end of frames up to 625 samples at 16 kHz, deltas of the librosa convention aside (they
// refuse short utterances).
FrontEndSpec RandomFrontEnd(Random& random);

// True when frames can be computed along a stream.
bool Streams(const FrontEndSpec& spec);

// True when no utterance is too short.
bool AnyLength(const FrontEndSpec& spec);
// Samples of which nothing is too short, whatever the settings.
int64_t EnoughSamples(const FrontEndSpec& spec);

}  // namespace undertone::test
