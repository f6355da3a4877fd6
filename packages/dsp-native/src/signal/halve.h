// Halves a rate: every second sample of the low-passed signal, without delay.
//
// Filter: sinc under a Kaiser window, flat up to 0.913 of the new Nyquist frequency and more than 100 dB down
// from that frequency on: the edges of soxr's 'hq', which librosa halves the octaves of its constant-Q
// transform with. signal/resample.h does the same for any two rates of a stream; this one is for signals in
// memory, and for the one ratio it takes a quarter of the time.
#pragma once

#include <cstddef>
#include <cstdint>

namespace undertone::signal {

// Samples of the fine signal on either side that an output reads.
size_t HalveReach();

// Part of a signal of `total` samples: samples [begin, end) of it. It is 0 before 0 and from `total` on.
struct SignalPart {
  const float* samples;
  int64_t begin;
  int64_t end;
  int64_t total;
};

// out: samples [out_begin, out_end) of the halved signal, whose sample n stands at sample 2 n of the fine
// one. The part holds what they read, HalveReach() around them, as far as the signal goes. A sample does not
// depend on how a signal is cut into calls.
void Halve(const SignalPart& part, int64_t out_begin, int64_t out_end, float* out);

}  // namespace undertone::signal
