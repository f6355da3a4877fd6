#include "signal/dct.h"

#include <cmath>
#include <numbers>

namespace undertone {

std::vector<double> MakeDct(int coefficients, int bands) {
  std::vector<double> matrix;
  matrix.reserve(static_cast<size_t>(coefficients) * bands);
  for (int k = 0; k < coefficients; ++k) {
    const double scale = std::sqrt((k == 0 ? 1.0 : 2.0) / bands);
    for (int b = 0; b < bands; ++b) {
      matrix.push_back(scale * std::cos(std::numbers::pi * k * (b + 0.5) / bands));
    }
  }
  return matrix;
}

std::vector<double> MakeLifter(int coefficients, double length, int first_index) {
  std::vector<double> factors(coefficients, 1.0);
  if (length == 0) return factors;
  for (int i = 0; i < coefficients; ++i) {
    factors[i] = 1 + length / 2 * std::sin(std::numbers::pi * (i + first_index) / length);
  }
  return factors;
}

}  // namespace undertone
