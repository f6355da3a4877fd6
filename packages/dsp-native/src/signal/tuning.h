// How far a recording is tuned from A = 440 Hz, as librosa.estimate_tuning finds it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace undertone::signal {

// Tunings are told apart to a hundredth of a bin: index 0 ... 99 stands for -0.5, -0.49, ... 0.49 bins.
constexpr int kTunings = 100;
constexpr int kInTune = kTunings / 2;
inline double TuningOf(int index) { return static_cast<double>(index) / kTunings - 0.5; }

// The bins [first, end) among which peaks are looked for: 150 to 4000 Hz, below the Nyquist frequency.
struct PeakRange {
  int first_bin;
  int end_bin;
};
PeakRange TuningPeakRange(int rate_hz, int fft_size);

// A bin of a spectrum that is larger than the one below and not smaller than the one above.
struct SpectralPeak {
  int bin;
  float below;
  float here;
  float above;
};

// The top of the parabola through the three bins.
struct Pitch {
  double octaves;  // above A0, 27.5 Hz
  float height;
};
Pitch Interpolate(const SpectralPeak& peak, double hz_per_bin);

// Collects the pitches of a recording's spectral peaks; librosa.piptrack takes peaks above a tenth of their
// frame's maximum. Memory: five bytes a peak, a dozen peaks a frame.
class TuningEstimate {
 public:
  explicit TuningEstimate(int bins_per_octave) : bins_per_octave_(bins_per_octave) {}

  void Add(const Pitch& pitch);

  // The hundredth of a bin that most peaks lie in, of those at least as high as the median peak; the lowest
  // of several; kInTune without any peak (silence).
  int Index() const;

 private:
  int bins_per_octave_;
  std::vector<float> heights_;
  std::vector<uint8_t> indices_;
};

}  // namespace undertone::signal
