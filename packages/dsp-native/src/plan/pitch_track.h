// Pitch as a feature of a row.
#pragma once

#include <memory>

#include "plan/track.h"

namespace undertone {

// Columns f0_hz, voicing, voiced, hnr_db: contract in signal/pitch.h, around the middles of the front-end's
// frames; zeros stand beyond the utterance, whatever frame.padding says. Throws kUsage.
std::unique_ptr<Track> MakePitchTrack(const PitchFeature& feature, const FrontEndSpec& spec);

}  // namespace undertone
