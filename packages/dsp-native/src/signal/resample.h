// Rational resampling: a linear-phase, delay-compensated, band-limited interpolator that streams.
//
// In: mono float32 at `from_hz`, in pieces of any size. Out: ceil(samples · to_hz / from_hz) samples at
// `to_hz`; output k stands at source time k · from_hz / to_hz, so nothing is shifted. Before the first and
// after the last sample the source is taken to be zero. The pieces do not matter: any chunking gives the same
// bits under one instruction set; different instruction sets may differ in the last bits.
//
// Filter: sinc under a Kaiser window (Kaiser 1974; formulas in Oppenheim & Schafer, Discrete-Time Signal
// Processing, 7.6). With N the lower of the two Nyquist frequencies: flat within 0.001 dB up to 0.9 N, more
// than 100 dB down from N on, so nothing aliases. Each phase sums to 1. The figures are measured by
// test/conformance/resample.test.ts. Tables are built once per pair of rates and shared by all threads; a
// table is bounded by 2^20 coefficients: where the exact phases would need more than 2^17, coefficients are
// interpolated (cubic Lagrange, error below -130 dB).
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace undertone::signal {

// Immutable coefficients for one pair of rates.
class ResampleTable {
 public:
  // The table for this pair, built on first use. Rates > 0.
  static std::shared_ptr<const ResampleTable> Get(int from_hz, int to_hz);
  ResampleTable(int from_hz, int to_hz);

  // Of the reduced ratio: `up` outputs stand on `down` source samples.
  uint64_t up() const { return up_; }
  uint64_t down() const { return down_; }
  // An output at source time n + f reads the samples n - half + 1 … n + half.
  size_t half() const { return half_; }
  // Floats from one row to the next: 2 · half rounded up, the rest zero.
  size_t stride() const { return stride_; }
  bool interpolated() const { return interpolated_; }
  // Interpolated tables: rows a source sample.
  size_t steps() const { return steps_; }
  // Exact: row p holds phase p / up. Interpolated: row q holds phase (q - 1) / steps.
  const float* row(size_t index) const { return rows_.get() + index * stride_; }
  size_t coefficients() const { return row_count_ * stride_; }

 private:
  void FillRow(double phase, double scale, float* to) const;

  uint64_t up_;
  uint64_t down_;
  double half_width_;
  size_t half_;
  size_t stride_;
  bool interpolated_;
  size_t steps_;
  size_t row_count_;
  struct AlignedFree {
    void operator()(float* memory) const;
  };
  std::unique_ptr<float[], AlignedFree> rows_;
};

// One stream of samples.
class Resampler {
 public:
  Resampler(int from_hz, int to_hz);

  // Appends to `out` what `samples` more source samples complete. Not after Finish.
  void Process(const float* in, size_t samples, std::vector<float>* out);
  // Appends the rest.
  void Finish(std::vector<float>* out);

 private:
  void Produce(std::vector<float>* out, uint64_t limit);

  std::shared_ptr<const ResampleTable> table_;
  std::vector<float> window_;  // source samples still needed, then kPadding zeros
  size_t next_ = 0;            // index in window_ of the first sample the next output reads
  uint64_t phase_ = 0;         // its phase, in units of 1 / up
  uint64_t consumed_ = 0;      // source samples received
  uint64_t produced_ = 0;
};

}  // namespace undertone::signal
