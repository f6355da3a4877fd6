#include "signal/mel.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <string>

#include "core/status.h"

namespace undertone {
namespace {

// Slaney's Auditory Toolbox: linear below 1 kHz, logarithmic above (librosa.hz_to_mel with htk=False).
constexpr double kSlaneyHzPerMel = 200.0 / 3;
constexpr double kSlaneyBreakHz = 1000;
constexpr double kSlaneyBreakMel = kSlaneyBreakHz / kSlaneyHzPerMel;
const double kSlaneyLogStep = std::log(6.4) / 27;

double HzToMel(double hz, MelScale scale) {
  if (scale == MelScale::kHtk) return 2595 * std::log10(1 + hz / 700);
  if (hz < kSlaneyBreakHz) return hz / kSlaneyHzPerMel;
  return kSlaneyBreakMel + std::log(hz / kSlaneyBreakHz) / kSlaneyLogStep;
}

double MelToHz(double mel, MelScale scale) {
  if (scale == MelScale::kHtk) return 700 * (std::pow(10, mel / 2595) - 1);
  if (mel < kSlaneyBreakMel) return mel * kSlaneyHzPerMel;
  return kSlaneyBreakHz * std::exp(kSlaneyLogStep * (mel - kSlaneyBreakMel));
}

// Triangle with corners on one axis (Hz, mel or bins), evaluated at `x` of the same axis. Whole-bin corners
// may coincide: that side is then upright.
double Triangle(double x, double left, double centre, double right) {
  if (x < left || x > right) return 0;
  const double rising = centre > left ? (x - left) / (centre - left) : 1;
  const double falling = right > centre ? (right - x) / (right - centre) : 0;
  return std::min(rising, falling);
}

// Where the triangles' corners lie on the axis of `slope`.
double CornerOf(double mel, double hz, MelSlope slope, int sample_rate_hz, int fft_size) {
  switch (slope) {
    case MelSlope::kMel:
      return mel;
    case MelSlope::kHz:
      return hz;
    case MelSlope::kBin:
      return std::floor((fft_size + 1) * hz / sample_rate_hz);
  }
  return hz;
}

[[noreturn]] void ThrowEmptyBand(const MelSpec& mel, int band, double left_hz, double right_hz) {
  char message[256];
  std::snprintf(
      message, sizeof message,
      "Expected fewer bands, a larger frame.fftSize or a higher mel.fMinHz for mel.bands but received %d "
      "of type number: no FFT bin lies in band %d (%.1f to %.1f Hz)",
      mel.bands, band, left_hz, right_hz);
  throw Error(StatusCode::kUsage, message);
}

// Drops the zeros at both ends, and what is only rounding of a bin that lies on a corner.
MelBand Sparse(const std::vector<double>& weights, double height) {
  const auto inside = [height](double weight) { return weight > 1e-9 * height; };
  const auto first = std::find_if(weights.begin(), weights.end(), inside);
  const auto last = std::find_if(weights.rbegin(), weights.rend(), inside).base();
  if (first == weights.end()) return {0, {}};
  return {static_cast<int>(first - weights.begin()), {first, last}};
}

}  // namespace

std::vector<MelBand> MakeMelBands(const MelSpec& mel, int sample_rate_hz, int fft_size) {
  const bool in_mel = mel.slope == MelSlope::kMel;
  // Kaldi leaves the Nyquist bin out.
  const int bins = in_mel ? (fft_size + 1) / 2 : fft_size / 2 + 1;
  const double low = HzToMel(mel.f_min_hz, mel.scale);
  const double step = (HzToMel(mel.f_max_hz, mel.scale) - low) / (mel.bands + 1);

  std::vector<MelBand> bands;
  std::vector<double> weights(bins);
  for (int band = 0; band < mel.bands; ++band) {
    double corners[3];
    double corners_hz[3];
    for (int i = 0; i < 3; ++i) {
      const double corner = low + step * (band + i);
      corners_hz[i] = MelToHz(corner, mel.scale);
      corners[i] = CornerOf(corner, corners_hz[i], mel.slope, sample_rate_hz, fft_size);
    }
    const double height = mel.norm == MelNorm::kSlaney ? 2 / (corners_hz[2] - corners_hz[0]) : 1;
    for (int bin = 0; bin < bins; ++bin) {
      const double hz = static_cast<double>(bin) * sample_rate_hz / fft_size;
      const double x = in_mel ? HzToMel(hz, mel.scale) : mel.slope == MelSlope::kBin ? bin : hz;
      weights[bin] = height * Triangle(x, corners[0], corners[1], corners[2]);
    }
    bands.push_back(Sparse(weights, height));
    if (bands.back().weights.empty()) ThrowEmptyBand(mel, band, corners_hz[0], corners_hz[2]);
  }
  return bands;
}

}  // namespace undertone
