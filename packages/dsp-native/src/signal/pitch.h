// Fundamental frequency with voicing (YIN) and harmonic-to-noise ratio, along a recording.
//
// In: mono float32, finite, below 2^24 in magnitude. Frame t is the frame_samples samples around sample
// first_centre + t · hop, itself the first of the second half; zeros stand before and after the recording.
// Out: kPitchColumns values a frame: F0 in Hz, 0 in unvoiced frames; voicing, 1 - d' of the period but at
// least 0; voiced, 1 or 0; harmonic-to-noise ratio in dB. A frame's values depend on its own samples only,
// bit for bit: neither on the other frames of the call nor on its place among them.
//
// F0: YIN (de Cheveigné & Kawahara 2002, steps 2 to 5) in librosa 0.11's form. With x = 0 beyond the frame,
//   d(k) = Σ_j (x[j] - x[j + k])² over the whole frame, lags k = 1 … ceil(rate / f_min),
//   d'(k) = d(k) · k / (d(1) + … + d(k)).
// The period is the first trough of d' from lag floor(rate / f_max) on that is below trough_threshold, else
// the lowest value; a parabola through its neighbours refines it, but not at either end of the range.
// Voicing: a frame is voiced where d' of its period, before refinement, is below voiced_threshold.
//
// Harmonic-to-noise ratio: 10 log10(r / (1 - r)) (Boersma 1993), r the normalised cross-correlation of two
// stretches of ceil(rate / f_min) samples one period apart, placed evenly around the middle of the frame,
// less the mean of both; a parabola through the neighbouring lags refines r. It is within kLowestHnrDb …
// kHighestHnrDb, and states the best period of unvoiced frames too, where it is mostly below 4 dB.
//
// Degenerate frames: digital silence (a sum of d below 1e-30) has aperiodicity 1, so it is unvoiced; where
// nothing but a constant is left, the ratio is kLowestHnrDb.
#pragma once

#include <cstddef>
#include <cstdint>

namespace undertone::signal {

struct PitchSettings {
  int sample_rate_hz;
  double f_min_hz;
  double f_max_hz;    // above f_min_hz, at most a quarter of the rate
  int frame_samples;  // at least two periods of f_min_hz
  double trough_threshold;
  double voiced_threshold;
};

constexpr size_t kPitchColumns = 4;
constexpr float kLowestHnrDb = -20;
constexpr float kHighestHnrDb = 40;

// Immutable: any number of threads call Run at once. A call's working memory is its own, and does not grow
// with the number of frames.
class PitchTracker {
 public:
  // Throws kUsage for settings outside the bounds above.
  explicit PitchTracker(const PitchSettings& settings);

  // samples: the recording's `count`. hop > 0. rows: `frames` of them, `stride` floats apart.
  void Run(const float* samples, int64_t count, int64_t first_centre, int64_t hop, int64_t frames,
           float* rows, size_t stride) const;

 private:
  PitchSettings settings_;
  int min_lag_;
  int max_lag_;
};

}  // namespace undertone::signal
