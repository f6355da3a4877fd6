#include <algorithm>
#include <cmath>
#include <cstdio>

#include "core/status.h"
#include "feature/descriptors.h"

namespace undertone {
namespace {

[[noreturn]] void ThrowEmptyBand(int fft_size, double low_hz, double high_hz) {
  char message[200];
  std::snprintf(message, sizeof message,
                "Expected a larger size for frame.fftSize but received %d of type number: no bin lies in the "
                "spectral-contrast band from %.1f to %.1f Hz",
                fft_size, low_hz, high_hz);
  throw Error(StatusCode::kUsage, message);
}

}  // namespace

// Bands 0 ... f, f ... 2 f, and so on, both ends included, as librosa takes them: every band but the lowest
// begins one bin below its lower edge, the highest runs to the Nyquist frequency, and every band but the
// highest gives up its last bin, after the number of bins to average has been counted.
Descriptor MakeDescriptor(const ContrastFeature& feature, const FrontEndSpec& spec) {
  const int fft_size = spec.spectrum.descriptor_fft_size.value_or(spec.frame.fft_size);
  const int last_bin = fft_size / 2;
  const double bin_hz = static_cast<double>(spec.sample_rate_hz) / fft_size;
  ContrastTable table{};
  for (int band = 0; band <= feature.bands; ++band) {
    const bool lowest = band == 0;
    const bool highest = band == feature.bands;
    const double low_hz = lowest ? 0 : std::ldexp(feature.f_min_hz, band - 1);
    const double high_hz = std::ldexp(feature.f_min_hz, band);
    const int inside = static_cast<int>(std::ceil(low_hz / bin_hz));
    const int last_inside = std::min(last_bin, static_cast<int>(std::floor(high_hz / bin_hz)));
    const int first = lowest ? inside : inside - 1;
    const int counted = (highest ? last_bin : last_inside) - first + 1;
    const int bins = highest ? counted : counted - 1;
    const int kept = std::max(1, static_cast<int>(std::nearbyint(feature.quantile * counted)));
    if (inside > last_inside || bins < kept) ThrowEmptyBand(fft_size, low_hz, high_hz);
    table.bands[static_cast<size_t>(table.count++)] = {first, bins, kept};
  }
  return {DescriptorDomain::kSpectrum, last_bin + 1, kAbsent, table};
}

}  // namespace undertone
