// Features computed along a whole utterance, outside the tiles of frames: pitch, and what rests on a tuning
// or on a constant-Q transform.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "core/front_end.h"

namespace undertone {

// Immutable: any number of threads call it at once.
class Track {
 public:
  virtual ~Track() = default;

  // samples: a whole utterance, conditioned (finite, at full scale, normalised). out: `frames` rows, `stride`
  // floats apart, of as many values as the feature has columns. Frame t is that of signal/grid.h.
  virtual void Run(std::span<const float> samples, int64_t frames, float* rows, size_t stride) const = 0;
};

// ★ The track of a feature, nullptr for one that is not a track. Throws kUsage.
std::unique_ptr<Track> MakeTrack(const FeatureSpec& feature, const FrontEndSpec& spec);

}  // namespace undertone
