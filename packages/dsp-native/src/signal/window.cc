#include "signal/window.h"

#include <cmath>
#include <numbers>

namespace undertone {
namespace {

double WindowValue(WindowShape shape, double phase) {
  switch (shape) {
    case WindowShape::kHann:
      return 0.5 - 0.5 * std::cos(phase);
    case WindowShape::kHamming:
      return 0.54 - 0.46 * std::cos(phase);
    case WindowShape::kBlackman:
      return 0.42 - 0.5 * std::cos(phase) + 0.08 * std::cos(2 * phase);
    case WindowShape::kPovey:
      return std::pow(0.5 - 0.5 * std::cos(phase), 0.85);
    case WindowShape::kRectangular:
      return 1;
  }
  return 1;
}

}  // namespace

std::vector<double> MakeWindow(WindowShape shape, WindowSymmetry symmetry, int length) {
  const int period = symmetry == WindowSymmetry::kPeriodic ? length : length - 1;
  std::vector<double> window(length);
  for (int i = 0; i < length; ++i) window[i] = WindowValue(shape, 2 * std::numbers::pi * i / period);
  return window;
}

}  // namespace undertone
