// Contract and filter in halve.h. The sums are compiled once per instruction set (Google Highway).
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "signal/halve.cc"
#include <hwy/foreach_target.h>  // must come before highway.h
#include <hwy/highway.h>

#include <algorithm>
#include <cstddef>

HWY_BEFORE_NAMESPACE();
namespace undertone::signal {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// At most 16 lanes: kLanesMost.
using Lanes = hn::CappedTag<float, 16>;
using Vector = hn::Vec<Lanes>;

size_t LaneCount() { return hn::Lanes(Lanes()); }

// Transposes blocks of 4 x 4, which never cross a 128-bit border: four rows of every lane at a time. in:
// lane l's values from in + l * distance on; out: rows of lanes.
HWY_INLINE void ToRows(const float* in, size_t distance, size_t rows, float* out) {
  const size_t lanes = LaneCount();
#if HWY_TARGET != HWY_SCALAR
  const hn::FixedTag<float, 4> d;
  for (size_t lane = 0; lane < lanes; lane += 4) {
    const float* from = in + lane * distance;
    for (size_t row = 0; row < rows; row += 4) {
      const auto a = hn::LoadU(d, from + row);
      const auto b = hn::LoadU(d, from + distance + row);
      const auto c = hn::LoadU(d, from + 2 * distance + row);
      const auto e = hn::LoadU(d, from + 3 * distance + row);
      const auto low_ac = hn::InterleaveLower(d, a, c);
      const auto high_ac = hn::InterleaveUpper(d, a, c);
      const auto low_be = hn::InterleaveLower(d, b, e);
      const auto high_be = hn::InterleaveUpper(d, b, e);
      float* to = out + row * lanes + lane;
      hn::Store(hn::InterleaveLower(d, low_ac, low_be), d, to);
      hn::Store(hn::InterleaveUpper(d, low_ac, low_be), d, to + lanes);
      hn::Store(hn::InterleaveLower(d, high_ac, high_be), d, to + 2 * lanes);
      hn::Store(hn::InterleaveUpper(d, high_ac, high_be), d, to + 3 * lanes);
    }
  }
#else
  for (size_t row = 0; row < rows * lanes; ++row) out[row] = in[row / lanes + row % lanes * distance];
#endif
}

// out[lane * length + i]: lane of row i, the same transposition the other way.
HWY_INLINE void ToStretches(Vector row0, Vector row1, Vector row2, Vector row3, size_t length, float* out) {
  const Lanes d;
  const size_t lanes = hn::Lanes(d);
  HWY_ALIGN float rows[4 * 16];
#if HWY_TARGET != HWY_SCALAR
  const Vector low02 = hn::InterleaveLower(d, row0, row2);
  const Vector high02 = hn::InterleaveUpper(d, row0, row2);
  const Vector low13 = hn::InterleaveLower(d, row1, row3);
  const Vector high13 = hn::InterleaveUpper(d, row1, row3);
  row0 = hn::InterleaveLower(d, low02, low13);
  row1 = hn::InterleaveUpper(d, low02, low13);
  row2 = hn::InterleaveLower(d, high02, high13);
  row3 = hn::InterleaveUpper(d, high02, high13);
#endif
  hn::Store(row0, d, rows);
  hn::Store(row1, d, rows + lanes);
  hn::Store(row2, d, rows + 2 * lanes);
  hn::Store(row3, d, rows + 3 * lanes);
  // Lane 4 b + i lies at block b of row i.
  for (size_t lane = 0; lane < lanes; ++lane) {
    std::copy_n(rows + lane % 4 * lanes + lane / 4 * 4, 4, out + lane * length);
  }
}

// Adds sum_j tap(j) (before[-j] + after[j]) to four neighbouring rows of sums, j = 1 ... pairs, a multiple of
// four. before and after are every second row of a tile; each row is loaded once and serves four sums.
HWY_INLINE void AddPairs(const float* before, const float* after, const float* taps, size_t pairs,
                         Vector& sum0, Vector& sum1, Vector& sum2, Vector& sum3) {
  const Lanes d;
  const size_t row = 2 * hn::Lanes(d);
  const auto step = [&](size_t j, Vector& left0, Vector left1, Vector left2, Vector left3, Vector right0,
                        Vector right1, Vector right2, Vector& right3) HWY_ATTR {
    left0 = hn::Load(d, before - j * row);
    right3 = hn::Load(d, after + (j + 3) * row);
    const Vector tap = hn::Set(d, taps[2 * j]);
    sum0 = hn::MulAdd(tap, hn::Add(left0, right0), sum0);
    sum1 = hn::MulAdd(tap, hn::Add(left1, right1), sum1);
    sum2 = hn::MulAdd(tap, hn::Add(left2, right2), sum2);
    sum3 = hn::MulAdd(tap, hn::Add(left3, right3), sum3);
  };
  Vector l0 = hn::Load(d, before), l1 = l0, l2 = hn::Load(d, before + row);
  Vector l3 = hn::Load(d, before + 2 * row);
  Vector r0 = hn::Load(d, after + row), r1 = hn::Load(d, after + 2 * row);
  Vector r2 = hn::Load(d, after + 3 * row), r3 = r2;
  // After four steps every row is again in the variable it began in, so none is ever moved.
  for (size_t j = 1; j <= pairs; j += 4) {
    step(j, l0, l1, l2, l3, r0, r1, r2, r3);
    step(j + 1, l3, l0, l1, l2, r1, r2, r3, r0);
    step(j + 2, l2, l3, l0, l1, r2, r3, r0, r1);
    step(j + 3, l1, l2, l3, l0, r3, r0, r1, r2);
  }
}

// Filters `lanes` stretches of a signal side by side. in: stretch l begins at in + l * 2 * length, with 2 *
// pairs samples before its first output's place, and room for as many, and 8 more, after its last. tile: 2 *
// (length + 2 * pairs + 4) rows. out: `length` outputs a stretch, a multiple of 4, one stretch after the
// other.
void FilterStretches(const float* in, const float* taps, size_t pairs, size_t length, float* tile,
                     float* out) {
  const Lanes d;
  const size_t lanes = hn::Lanes(d);
  ToRows(in, 2 * length, 2 * (length + 2 * pairs + 4), tile);
  for (size_t n = 0; n < length; n += 4) {
    const float* even = tile + 2 * (n + pairs) * lanes;
    const float* odd = even + lanes;
    const Vector middle = hn::Set(d, taps[0]);
    Vector sum0 = hn::Mul(middle, hn::Load(d, even));
    Vector sum1 = hn::Mul(middle, hn::Load(d, even + 2 * lanes));
    Vector sum2 = hn::Mul(middle, hn::Load(d, even + 4 * lanes));
    Vector sum3 = hn::Mul(middle, hn::Load(d, even + 6 * lanes));
    AddPairs(even, even, taps, pairs, sum0, sum1, sum2, sum3);
    // Sample 2 n + 2 j - 1 is odd row n + j - 1, and 2 n - (2 j - 1) is odd row n - j.
    AddPairs(odd, odd - 2 * lanes, taps - 1, pairs, sum0, sum1, sum2, sum3);
    ToStretches(sum0, sum1, sum2, sum3, length, out + n);
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace undertone::signal
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
#include <hwy/aligned_allocator.h>

#include <algorithm>
#include <cmath>
#include <new>
#include <numbers>
#include <vector>

#include "core/samples.h"
#include "signal/halve.h"

namespace undertone::signal {

HWY_EXPORT(LaneCount);
HWY_EXPORT(FilterStretches);

namespace {

// In units of the new Nyquist frequency, a quarter of the rate.
constexpr double kPassEdge = 0.913;
constexpr double kStopEdge = 1.0;
constexpr double kAttenuationDb = 102;
// Outputs of a stretch: one pass of the kernel filters as many stretches as a vector has lanes, in a tile of
// memory that the second-level cache holds.
constexpr size_t kLongestStretch = 500;

double BesselI0(double x) {
  double sum = 1;
  double term = 1;
  for (int k = 1; term > sum * 1e-17; ++k) {
    term *= (x / (2 * k)) * (x / (2 * k));
    sum += term;
  }
  return sum;
}

// taps[k] = h[k] = h[-k], an odd number of them: 2 * pairs + 1; pairs is a multiple of four.
std::vector<float> MakeTaps() {
  constexpr double kPi = std::numbers::pi;
  const double beta = 0.1102 * (kAttenuationDb - 8.7);
  const double width = (kStopEdge - kPassEdge) * kPi / 2;
  const double length = (kAttenuationDb - 7.95) / (2.285 * width);
  const size_t pairs = 4 * static_cast<size_t>(std::ceil(length / 16));
  const double cutoff = (kPassEdge + kStopEdge) / 2 / 2;
  const double half_width = static_cast<double>(2 * pairs + 1);
  std::vector<double> taps(2 * pairs + 1);
  double sum = 0;
  for (size_t k = 0; k < taps.size(); ++k) {
    const double x = static_cast<double>(k);
    const double sinc = k == 0 ? 1 : std::sin(kPi * cutoff * x) / (kPi * cutoff * x);
    const double place = x / half_width;
    taps[k] = sinc * BesselI0(beta * std::sqrt(1 - place * place));
    sum += k == 0 ? taps[k] : 2 * taps[k];
  }
  std::vector<float> rounded(taps.size());
  for (size_t k = 0; k < taps.size(); ++k) rounded[k] = static_cast<float>(taps[k] / sum);
  return rounded;
}

const std::vector<float>& Taps() {
  static const std::vector<float> taps = MakeTaps();
  return taps;
}

}  // namespace

size_t HalveReach() { return Taps().size() - 1; }

namespace {

// Samples [begin, begin + count) of a signal.
void Copy(const SignalPart& part, int64_t begin, size_t count, float* out) {
  const int64_t end = begin + static_cast<int64_t>(count);
  const int64_t first = std::clamp(std::max<int64_t>(part.begin, 0), begin, end);
  const int64_t last = std::clamp(std::min(part.end, part.total), first, end);
  std::fill_n(out, first - begin, 0.0f);
  std::copy_n(part.samples + (first - part.begin), last - first, out + (first - begin));
  std::fill_n(out + (last - begin), end - last, 0.0f);
}

size_t DivideUp(size_t a, size_t b) { return (a + b - 1) / b; }

}  // namespace

void Halve(const SignalPart& part, int64_t out_begin, int64_t out_end, float* out) {
  if (out_end <= out_begin) return;
  const std::vector<float>& taps = Taps();
  const size_t pairs = taps.size() / 2;
  const size_t lanes = HWY_DYNAMIC_DISPATCH(LaneCount)();
  const size_t count = static_cast<size_t>(out_end - out_begin);
  // Stretches of the same length in every pass, so that none is half empty.
  const size_t passes = DivideUp(count, lanes * kLongestStretch);
  const size_t length = 4 * DivideUp(count, 4 * lanes * passes);
  const size_t rows = 2 * (length + 2 * pairs + 4);
  const size_t outputs = lanes * length;
  Samples samples(2 * outputs + rows);
  Samples filtered(outputs);
  const auto tile = hwy::AllocateAligned<float>(rows * lanes);
  if (!tile) throw std::bad_alloc();
  for (size_t done = 0; done < count; done += outputs) {
    const int64_t first = out_begin + static_cast<int64_t>(done);
    Copy(part, 2 * (first - static_cast<int64_t>(pairs)), samples.size(), samples.data());
    HWY_DYNAMIC_DISPATCH(FilterStretches)
    (samples.data(), taps.data(), pairs, length, tile.get(), filtered.data());
    std::copy_n(filtered.begin(), std::min(outputs, count - done), out + done);
  }
}

}  // namespace undertone::signal

#endif  // HWY_ONCE
