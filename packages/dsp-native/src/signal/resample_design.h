// The tables of a resampler that works by blocks: forward FFT, filter and cut of the spectrum, inverse FFT of
// another size.
//
// Filter: sinc under a Kaiser window (Kaiser 1974; formulas in Oppenheim & Schafer, Discrete-Time Signal
// Processing, 7.6), applied by overlap-save. A block of `forward` samples becomes `inverse` samples, so the
// rate becomes inverse / forward. Where that is the ratio wanted, these are the outputs. Where no sizes give
// the ratio, the inverse stands at 1.5 times the band or more, and outputs are interpolated from it under a
// Kaiser-Bessel window whose own response the spectrum has been divided by (as in non-uniform FFTs: Jackson,
// Meyer, Nishimura & Macovski 1991). Blocks that begin between two samples are moved by a turn of their
// spectrum.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "signal/fft.h"

namespace undertone::signal {

// A complex FFT by the passes of signal/fft.h, radices 2, 3, 4, 5, 7, 8 and 9. Natural order in; frequency k
// comes out at positions[k]. The passes transposed, in reverse order, take frequency k at positions[k] and
// give natural order.
struct ComplexFft {
  size_t size;
  std::vector<FftStage> stages;
  std::vector<uint32_t> positions;
};

// `size` >= 1 with no prime factor above 7.
ComplexFft MakeComplexFft(size_t size);

// Bin k of the filtered spectrum: own · Z[k] + mirrored · conj Z[M - k], Z the FFT of the samples taken as
// M = forward / 2 complex points; the filter, the split of a real FFT and all scaling are in the factors.
struct ResampleBin {
  uint32_t own_position;
  uint32_t mirrored_position;
  Twiddle own;
  Twiddle mirrored;
};

struct ResampleStage {
  // Rows a turn is made of: bin k is turned by coarse[k / kTurnRows] · fine[k % kTurnRows].
  static constexpr size_t kTurnRows = 16;

  uint64_t up;  // of the reduced ratio: `up` outputs stand on `down` samples
  uint64_t down;
  size_t forward;  // samples of a block; even
  size_t inverse;  // samples it becomes; even
  size_t before;   // samples of a block in front of the one that its first output stands at or behind
  size_t outputs;  // a block; a multiple of 4
  bool turned;     // blocks begin between samples
  // The rate is divided by 3 and the last pass of the forward FFT has radix 3: of its three outputs the
  // filter needs two, and both at once for each pair of bins, so that the pass is left to the filter.
  bool thirds;
  ComplexFft forward_fft;
  ComplexFft inverse_fft;
  std::vector<ResampleBin> bins;       // 0 … ; above the last one the spectrum is 0
  std::vector<Twiddle> join_factors;   // [k] e^(2 pi i k / inverse), k = 0 … inverse / 4
  size_t taps;                         // 0: the inverse gives the outputs
  std::vector<uint32_t> first_sample;  // [output] of the inverse's, of those it is interpolated from
  std::vector<float> weights;          // [output][tap]
};

// Stages that follow one another, from the first sample's to the last output's rate. All but the last divide
// the rate by a whole number and let pass what the last one needs.
struct ResampleDesign {
  // The design for this pair, built on first use and shared. Rates > 0.
  static std::shared_ptr<const ResampleDesign> Get(int from_hz, int to_hz);

  uint64_t up;  // of the whole
  uint64_t down;
  std::vector<ResampleStage> stages;
  // Outputs of each stage before time 0, and after the end, that the next one needs; 0 for the last.
  std::vector<size_t> margins;
};

}  // namespace undertone::signal
