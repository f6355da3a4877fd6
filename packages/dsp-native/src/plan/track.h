// Features computed along a whole utterance, outside the tiles of frames: pitch, and what rests on a tuning
// or on a constant-Q transform.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "backend/backend.h"
#include "core/front_end.h"
#include "plan/tunings.h"

namespace undertone {

struct Utterance {
  std::span<const float> samples;  // all of it, conditioned (finite, at full scale, normalised)
  int64_t frames;
  const Tunings& tunings;
};

// Immutable: any number of threads call it at once.
class Track {
 public:
  virtual ~Track() = default;

  // out: a row a frame, `stride` floats apart, of as many values as the feature has columns. Frame t is that
  // of signal/grid.h.
  virtual void Run(const Utterance& utterance, float* rows, size_t stride) const = 0;
};

// ★ The track of a feature, nullptr for one that is not a track. Throws kUsage.
std::unique_ptr<Track> MakeTrack(const FeatureSpec& feature, const FrontEndSpec& spec,
                                 const Backend& backend);

}  // namespace undertone
