// Chroma: the energy of each of the twelve pitch classes, C first, and tonnetz, their tonal centroid.
#pragma once

#include <cstddef>
#include <vector>

namespace undertone::signal {

constexpr int kChroma = 12;
constexpr int kTonnetz = 6;

// [bin][pitch class] weights of spectral bins, as librosa.filters.chroma makes them: under each bin a
// Gaussian bump around its pitch, as wide as the bin is in semitones but at least one; each bin's weights
// have length 1 and are scaled by a Gaussian over octaves around the fifth, two octaves wide. `tuning`: the
// recording's distance from A = 440 Hz, in semitones.
std::vector<float> MakeChromaFilters(int rate_hz, int fft_size, double tuning);

// Divides 12 values >= 0 by their largest; a row without a value of normal size stays as it is
// (librosa.util.normalize with norm inf).
void NormaliseChroma(float* chroma);

// out: six values, the sines and cosines of the chroma along the circles of fifths, of minor and of major
// thirds (Harte, Sandler, Gasser 2006; librosa.feature.tonnetz); 0 of silence.
void Tonnetz(const float* chroma, float* tonnetz);

}  // namespace undertone::signal
