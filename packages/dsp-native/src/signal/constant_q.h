// The constant-Q transform that librosa.feature.chroma_cqt folds: seven octaves of 36 bins from C1 on,
// evaluated as librosa.cqt does. Each octave runs at the lowest rate that halving leads to, so that all
// octaves need the same filters; a filter is a Hann window of Q periods of its frequency, transformed, and
// freed of its smallest bins, which hold a hundredth of its magnitude together. The last step shows: next to
// a loud stretch of the recording, a quiet frame holds what the missing bins let through.
#pragma once

#include <complex>
#include <cstddef>
#include <memory>
#include <vector>

namespace undertone::signal {

constexpr int kConstantQOctaves = 7;
constexpr int kBinsPerOctave = 36;

// One filter: the frame's value is |sum_k spectrum[first_bin + k] weights[k]|.
struct ConstantQFilter {
  int first_bin;
  std::vector<std::complex<float>> weights;
};

// Filters of one octave, lowest first, over spectra of `fft_size` points.
struct ConstantQBank {
  int fft_size;
  std::vector<ConstantQFilter> filters;
};

struct ConstantQOctave {
  int halvings;     // of the recording's rate
  int hop_samples;  // at the halved rate
  double gain;      // of its values, so that all octaves weigh the same
  std::shared_ptr<const ConstantQBank> bank;
};

// Highest octave first. `tuning`: distance from A = 440 Hz in bins, -0.5 ... 0.5. Where an odd hop is
// reached, further octaves keep the rate and their filters grow. rate_hz >= ConstantQLowestRateHz().
std::vector<ConstantQOctave> MakeConstantQ(int rate_hz, int hop_samples, double tuning);

// The lowest rate that holds the highest filter under any tuning.
int ConstantQLowestRateHz();

// The pitch class, C = 0, that bin 0 ... 35 of an octave belongs to: three bins each, the middle one in tune.
inline int PitchClassOfBin(int bin) { return (bin + 1) / 3 % 12; }

}  // namespace undertone::signal
