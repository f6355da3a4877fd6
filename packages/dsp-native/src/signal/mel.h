// Mel filterbanks: overlapping triangles over the bins of a spectrum.
#pragma once

#include <vector>

#include "core/front_end.h"

namespace undertone {

// The bins under one triangle: first_bin, first_bin + 1, ...
struct MelBand {
  int first_bin;
  std::vector<double> weights;
};

// slope hz follows librosa.filters.mel: triangles linear in Hz between mel-spaced corners, over bins 0 ...
// size/2. slope mel follows Kaldi's MelBanks: triangles linear in mel, over the bins below the Nyquist
// frequency. slope bin: triangles between whole bins, corners rounded down to floor((size + 1) f / rate), as
// the Python tools that follow HTK do. norm slaney scales each triangle by 2 / (its width in Hz). Throws
// kUsage for a triangle that no bin lies under: its feature would be a constant.
std::vector<MelBand> MakeMelBands(const MelSpec& mel, int sample_rate_hz, int fft_size);

}  // namespace undertone
