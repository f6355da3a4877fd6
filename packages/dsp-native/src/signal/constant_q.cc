#include "signal/constant_q.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <utility>

namespace undertone::signal {
namespace {

const double kLowestHz = 440 * std::exp2(-45.0 / 12);  // C1
// Share of a filter's magnitudes that is left out (librosa: sparsity).
constexpr double kSparsity = 0.01;
// Equivalent noise bandwidth of a Hann window, in bins, as librosa has it.
constexpr double kHannBandwidth = 1.50018310546875;

// Q of neighbours a 36th of an octave apart: centre over bandwidth.
double Quality() {
  const double ratio = std::exp2(2.0 / kBinsPerOctave);
  return (ratio + 1) / (ratio - 1);
}

double HighestHz(double tuning) {
  const double bins = kConstantQOctaves * kBinsPerOctave - 1 + tuning;
  return kLowestHz * std::exp2(bins / kBinsPerOctave) * (1 + kHannBandwidth / 2 / Quality());
}

struct ComplexArray {
  explicit ComplexArray(size_t size) : re(size), im(size) {}
  size_t size() const { return re.size(); }
  std::vector<double> re;
  std::vector<double> im;
};

// e^(-2 pi i k / size), k below size / 2.
ComplexArray MakeRoots(size_t size) {
  ComplexArray roots(size / 2);
  for (size_t k = 0; k < roots.size(); ++k) {
    const double angle = -2 * std::numbers::pi * static_cast<double>(k) / static_cast<double>(size);
    roots.re[k] = std::cos(angle);
    roots.im[k] = std::sin(angle);
  }
  return roots;
}

// Plain radix-2 FFT in place, for tables only; the size is a power of two.
void Transform(const ComplexArray& roots, ComplexArray& x) {
  const size_t size = x.size();
  for (size_t i = 1, j = 0; i < size; ++i) {
    size_t bit = size / 2;
    for (; (j & bit) != 0; bit /= 2) j ^= bit;
    j ^= bit;
    if (i >= j) continue;
    std::swap(x.re[i], x.re[j]);
    std::swap(x.im[i], x.im[j]);
  }
  for (size_t half = 1; half < size; half *= 2) {
    const size_t step = size / (2 * half);
    for (size_t block = 0; block < size; block += 2 * half) {
      for (size_t k = 0; k < half; ++k) {
        const size_t low = block + k;
        const size_t high = low + half;
        const double re = x.re[high] * roots.re[k * step] - x.im[high] * roots.im[k * step];
        const double im = x.re[high] * roots.im[k * step] + x.im[high] * roots.re[k * step];
        x.re[high] = x.re[low] - re;
        x.im[high] = x.im[low] - im;
        x.re[low] += re;
        x.im[low] += im;
      }
    }
  }
}

// The smallest magnitude that stays: those below it hold less than kSparsity of the sum together, those up to
// and with it do not.
double SparsityThreshold(std::vector<double> magnitudes) {
  double total = 0;
  for (const double magnitude : magnitudes) total += magnitude;
  std::sort(magnitudes.begin(), magnitudes.end());
  double sum = 0;
  for (const double magnitude : magnitudes) {
    sum += magnitude;
    if (sum >= kSparsity * total) return magnitude;
  }
  return 0;
}

// From a whole spectrum's bins up to the Nyquist frequency to those that stay; bins between them that go are
// 0.
ConstantQFilter Sparse(const ComplexArray& spectrum, double scale) {
  std::vector<double> magnitudes(spectrum.size() / 2 + 1);
  for (size_t k = 0; k < magnitudes.size(); ++k) magnitudes[k] = std::hypot(spectrum.re[k], spectrum.im[k]);
  const double threshold = SparsityThreshold(magnitudes);
  size_t first = 0;
  while (magnitudes[first] < threshold) ++first;
  size_t end = magnitudes.size();
  while (magnitudes[end - 1] < threshold) --end;
  ConstantQFilter filter{static_cast<int>(first), {}};
  for (size_t k = first; k < end; ++k) {
    const double kept = magnitudes[k] < threshold ? 0 : scale;
    filter.weights.emplace_back(static_cast<float>(kept * spectrum.re[k]),
                                static_cast<float>(kept * spectrum.im[k]));
  }
  return filter;
}

// A filter of `length` (not whole) samples around `frequency` cycles a sample. Its frame is centred on sample
// fft_size / 2.
ConstantQFilter MakeFilter(double frequency, double length, const ComplexArray& roots) {
  const size_t fft_size = 2 * roots.size();
  const auto before = static_cast<size_t>(std::ceil(length / 2));
  const size_t count = before + static_cast<size_t>(std::floor(length / 2));
  ComplexArray filter(fft_size);
  const size_t first = fft_size / 2 - before;
  double sum = 0;
  for (size_t i = 0; i < count; ++i) {
    const double turn = static_cast<double>(i) / static_cast<double>(count);
    const double window = 0.5 - 0.5 * std::cos(2 * std::numbers::pi * turn);
    const double angle =
        2 * std::numbers::pi * frequency * (static_cast<double>(i) - static_cast<double>(before));
    filter.re[first + i] = window * std::cos(angle);
    filter.im[first + i] = window * std::sin(angle);
    sum += window;
  }
  Transform(roots, filter);
  // A sinusoid gives its amplitude times the root of the filter's length.
  return Sparse(filter, std::sqrt(length) / static_cast<double>(fft_size) / sum);
}

// lowest: frequency of the first filter in cycles a sample.
ConstantQBank MakeBank(double lowest) {
  const double quality = Quality();
  const auto fft_size = static_cast<size_t>(std::exp2(std::ceil(std::log2(quality / lowest))));
  const ComplexArray roots = MakeRoots(fft_size);
  ConstantQBank bank{static_cast<int>(fft_size), {}};
  for (int bin = 0; bin < kBinsPerOctave; ++bin) {
    const double frequency = lowest * std::exp2(static_cast<double>(bin) / kBinsPerOctave);
    bank.filters.push_back(MakeFilter(frequency, quality / frequency, roots));
  }
  return bank;
}

// How often librosa halves the rate before the first octave.
int EarlyHalvings(int rate_hz, int hop_samples, double tuning) {
  const double spare = std::log2(rate_hz / 2.0 / HighestHz(tuning));
  const int by_rate = std::max(0, static_cast<int>(std::ceil(spare)) - 2);
  int twos = 0;
  while (hop_samples % (2 << twos) == 0) ++twos;
  return std::min(by_rate, std::max(0, twos - kConstantQOctaves + 1));
}

}  // namespace

std::vector<ConstantQOctave> MakeConstantQ(int rate_hz, int hop_samples, double tuning) {
  int halvings = EarlyHalvings(rate_hz, hop_samples, tuning);
  int hop = hop_samples >> halvings;
  double rate = std::ldexp(rate_hz, -halvings);
  double gain = 1;
  double lowest_hz = kLowestHz * std::exp2(tuning / kBinsPerOctave) * std::exp2(kConstantQOctaves - 1);
  std::vector<ConstantQOctave> octaves;
  std::shared_ptr<const ConstantQBank> bank;
  for (int octave = 0; octave < kConstantQOctaves; ++octave) {
    if (!bank) bank = std::make_shared<const ConstantQBank>(MakeBank(lowest_hz / rate));
    octaves.push_back({halvings, hop, gain, bank});
    lowest_hz /= 2;
    if (hop % 2 != 0) {
      bank = nullptr;
      continue;
    }
    // The rate goes down with the frequencies, so the filters stay what they are.
    ++halvings;
    hop /= 2;
    rate /= 2;
    gain *= std::numbers::sqrt2;
  }
  return octaves;
}

int ConstantQLowestRateHz() { return static_cast<int>(std::ceil(2 * HighestHz(0.5))); }

}  // namespace undertone::signal
