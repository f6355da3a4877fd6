// Chroma, constant-Q chroma and tonnetz: features that rest on the tuning of the whole utterance.
#pragma once

#include <memory>

#include "plan/track.h"

namespace undertone {

// librosa.feature.chroma_stft: two passes over the spectra, for the tuning and for the chroma.
std::unique_ptr<Track> MakeChromaTrack(const ChromaFeature& feature, const FrontEndSpec& spec,
                                       const Backend& backend);

enum class ConstantQOutput { kChroma, kTonnetz };

// librosa.feature.chroma_cqt and tonnetz. The transform and its tuning are of the samples before
// pre-emphasis, padded with zeros, in frames of their own lengths; only the hop is the front-end's. Throws
// kUsage for a placement other than 'centre', and for a rate that the highest bin does not fit in.
std::unique_ptr<Track> MakeConstantQTrack(ConstantQOutput output, const FrontEndSpec& spec,
                                          const Backend& backend);

}  // namespace undertone
