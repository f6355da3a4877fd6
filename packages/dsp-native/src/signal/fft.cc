#include "signal/fft.h"

#include <cmath>
#include <cstdint>
#include <numbers>

#include "core/status.h"

namespace undertone {
namespace {

// Fours first: a radix-4 pass does the work of two radix-2 passes with half the memory traffic.
std::vector<int> Radices(int size) {
  std::vector<int> radices;
  for (const int radix : {4, 2, 3, 5}) {
    for (; size % radix == 0; size /= radix) radices.push_back(radix);
  }
  if (size != 1) throw Error(StatusCode::kUsage, "Expected a product of 2s, 3s and 5s for frame.fftSize");
  if (radices.empty()) radices.push_back(1);  // one point
  return radices;
}

Twiddle UnitRoot(int64_t k, int64_t size) {
  const double angle = -2 * std::numbers::pi * static_cast<double>(k % size) / static_cast<double>(size);
  return {static_cast<float>(std::cos(angle)), static_cast<float>(std::sin(angle))};
}

FftStage MakeStage(int radix, int span) {
  FftStage stage{radix, span, {}};
  if (span == 1) return stage;
  for (int j = 0; j < span; ++j) {
    for (int p = 1; p < radix; ++p) {
      stage.twiddles.push_back(UnitRoot(int64_t{j} * p, int64_t{radix} * span));
    }
  }
  return stage;
}

// Frequency k = p1 + r1 (p2 + r2 (p3 + ...)) ends at p1 * span1 + p2 * span2 + ...
int Position(int frequency, const std::vector<FftStage>& stages) {
  int position = 0;
  for (const FftStage& stage : stages) {
    position += frequency % stage.radix * stage.span;
    frequency /= stage.radix;
  }
  return position;
}

}  // namespace

RealFft MakeRealFft(int size) {
  RealFft fft{};
  fft.size = size;
  fft.split = size % 2 == 0;
  fft.complex_size = fft.split ? size / 2 : size;
  int span = fft.complex_size;
  for (const int radix : Radices(fft.complex_size)) {
    span /= radix;
    fft.stages.push_back(MakeStage(radix, span));
  }
  // The last stage is the one that the split joins; an FFT of one stage gets an empty one.
  if (fft.split && fft.stages.size() == 1) fft.stages.push_back(MakeStage(1, 1));
  for (int k = 0; k < fft.complex_size; ++k) fft.positions.push_back(Position(k, fft.stages));
  if (fft.split) {
    for (int k = 0; k < fft.complex_size; ++k) fft.split_factors.push_back(UnitRoot(k, size));
  }
  return fft;
}

}  // namespace undertone
