// The samples of a WAV file: interleaved codes to planar float32, full scale 1.
//
// Integers are divided by 2^(bits - 1); A-law and µ-law codes become those of the tables of ITU-T G.711,
// divided by 2^15; doubles beyond float32 become infinity.
#pragma once

#include <cstddef>
#include <cstdint>

namespace undertone::codec {

struct WavSamples {
  const char* codec;  // FFmpeg's name
  uint16_t tag;       // of the fmt chunk
  int bytes;          // of one sample

  // In: `frames` × `channels` samples from `from` on. Out: planes[channel][at … at + frames).
  void (*deinterleave)(const uint8_t* from, size_t channels, size_t frames, float* const* planes, size_t at);
};

// The entry for a format tag and a sample size; null when nobody writes such. For A-law and µ-law the tag
// alone says it all: recorders write all sorts of things into the size.
const WavSamples* FindWavSamples(uint16_t tag, int bits);

}  // namespace undertone::codec
