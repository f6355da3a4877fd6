#include "signal/chroma.h"

#include <algorithm>
#include <cfloat>
#include <cmath>
#include <numbers>

namespace undertone::signal {

namespace {

constexpr double kCentreOctave = 5;
constexpr double kOctaveWidth = 2;
// A0; pitch classes count from A until they are turned to begin with C.
constexpr double kOctaveHz = 440.0 / 16;
constexpr int kCToA = 3;

// Place of each of `fft_size` bins in semitones above A0. The bin of 0 Hz is put one and a half octaves below
// bin 1.
std::vector<double> BinSemitones(int rate_hz, int fft_size, double tuning) {
  std::vector<double> semitones(static_cast<size_t>(fft_size));
  const double reference_hz = kOctaveHz * std::exp2(tuning / kChroma);
  for (size_t k = 1; k < semitones.size(); ++k) {
    const double hz = static_cast<double>(k) * rate_hz / fft_size;
    semitones[k] = kChroma * std::log2(hz / reference_hz);
  }
  semitones[0] = semitones[1] - 1.5 * kChroma;
  return semitones;
}

double Gauss(double x) { return std::exp(-0.5 * x * x); }

}  // namespace

std::vector<float> MakeChromaFilters(int rate_hz, int fft_size, double tuning) {
  const size_t bins = static_cast<size_t>(fft_size) / 2 + 1;
  std::vector<float> weights(bins * kChroma);
  const std::vector<double> semitones = BinSemitones(rate_hz, fft_size, tuning);
  for (size_t k = 0; k < bins; ++k) {
    const double width = k + 1 < semitones.size() ? std::max(semitones[k + 1] - semitones[k], 1.0) : 1.0;
    double column[kChroma];
    double energy = 0;
    for (int c = 0; c < kChroma; ++c) {
      const double apart = semitones[k] - c;
      // Within half an octave of the nearest tone of the class, -6 included.
      const double distance = apart - kChroma * std::floor((apart + kChroma / 2.0) / kChroma);
      column[c] = Gauss(2 * distance / width);
      energy += column[c] * column[c];
    }
    const double scale = Gauss((semitones[k] / kChroma - kCentreOctave) / kOctaveWidth) / std::sqrt(energy);
    for (int c = 0; c < kChroma; ++c) {
      const size_t from_c = static_cast<size_t>((c + kChroma - kCToA) % kChroma);
      weights[k * kChroma + from_c] = static_cast<float>(column[c] * scale);
    }
  }
  return weights;
}

void NormaliseChroma(float* chroma) {
  const float largest = *std::max_element(chroma, chroma + kChroma);
  if (largest < FLT_MIN) return;
  for (int c = 0; c < kChroma; ++c) chroma[c] /= largest;
}

void Tonnetz(const float* chroma, float* tonnetz) {
  struct Circle {
    double radius;
    double turns;  // half turns a semitone
  };
  constexpr Circle kCircles[] = {{1, 7.0 / 6}, {1, 3.0 / 2}, {0.5, 2.0 / 3}};
  static const auto kWeights = [&] {
    std::vector<double> weights(kTonnetz * kChroma);
    for (int p = 0; p < kTonnetz; ++p) {
      const Circle& circle = kCircles[p / 2];
      for (int c = 0; c < kChroma; ++c) {
        const double angle = std::numbers::pi * (circle.turns * c - (p % 2 == 0 ? 0.5 : 0));
        weights[static_cast<size_t>(p * kChroma + c)] = circle.radius * std::cos(angle);
      }
    }
    return weights;
  }();
  double length = 0;
  for (int c = 0; c < kChroma; ++c) length += chroma[c];
  if (length < FLT_MIN) length = 1;
  for (int p = 0; p < kTonnetz; ++p) {
    double sum = 0;
    for (int c = 0; c < kChroma; ++c) sum += kWeights[static_cast<size_t>(p * kChroma + c)] * chroma[c];
    tonnetz[p] = static_cast<float>(sum / length);
  }
}

}  // namespace undertone::signal
