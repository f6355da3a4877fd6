// Tables of a real FFT of any 2-3-5-smooth size, for kernels that run it in place and unshuffled.
//
// Even sizes run a complex FFT of half the size on (x[2n], x[2n+1]) and split the result; odd sizes run a
// complex FFT of the full size with a zero imaginary part. The complex FFT is a mixed-radix decimation in
// frequency: natural order in, digit-reversed out, so that nothing moves; `positions` tells where a frequency
// lies.
#pragma once

#include <vector>

namespace undertone {

struct alignas(8) Twiddle {
  float re;
  float im;
};

// One pass over the array. A block of radix * span points splits into `radix` blocks of `span` points:
// y[p][j] = w^(j p) * sum_q x[q][j] e^(-2 pi i p q / radix), w = e^(-2 pi i / (radix * span)).
struct FftStage {
  int radix;
  int span;
  std::vector<Twiddle> twiddles;  // [j][p - 1], radix - 1 a point j; empty when span is 1 (all are 1)
};

struct RealFft {
  int size;          // real points
  int complex_size;  // points of the complex FFT that does the work
  bool split;        // even size: complex_size = size / 2
  std::vector<FftStage> stages;
  std::vector<int> positions;  // [frequency] -> point that holds it, complex_size entries
  // [k] e^(-2 pi i k / size), k = 0 ... complex_size - 1; empty unless split
  std::vector<Twiddle> split_factors;

  // Blocks of the last stage: block b holds the frequencies K + blocks p, p = 0 ... radix - 1.
  int blocks() const { return complex_size / stages.back().radix; }
};

// `size` >= 2 with no prime factor above 5. Angles are computed in double and rounded once.
RealFft MakeRealFft(int size);

}  // namespace undertone
