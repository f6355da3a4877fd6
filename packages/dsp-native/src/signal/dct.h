// Cosine transform and liftering of cepstra.
#pragma once

#include <vector>

#include "core/front_end.h"

namespace undertone {

// Rows of the orthonormal DCT-II over `bands` values: row k is sqrt(2/B) cos(pi k (b + 1/2) / B), row 0
// sqrt(1/B). Row-major [coefficient][band] (scipy.fft.dct(type=2, norm='ortho'); Kaldi's ComputeDctMatrix).
std::vector<double> MakeDct(int coefficients, int bands);

// Factor of cepstrum i: 1 + L/2 sin(pi (i + first) / L); all 1 when L is 0.
std::vector<double> MakeLifter(int coefficients, double length, int first_index);

}  // namespace undertone
