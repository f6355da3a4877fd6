// Analysis windows.
#pragma once

#include <vector>

#include "core/front_end.h"

namespace undertone {

// `length` >= 2 values. periodic: the period is `length` (scipy.signal.get_window, librosa); symmetric: first
// and last value are equal, the period is `length` - 1 (Kaldi, numpy.hanning). Blackman has the classic
// coefficients .42 .5 .08; povey is Kaldi's hann^0.85.
std::vector<double> MakeWindow(WindowShape shape, WindowSymmetry symmetry, int length);

}  // namespace undertone
