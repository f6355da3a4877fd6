// Rational resampling: a linear-phase, delay-compensated, band-limited interpolator that streams.
//
// In: mono float32 at `from_hz`, in pieces of any size. Out: ceil(samples · to_hz / from_hz) samples at
// `to_hz`; output k stands at source time k · from_hz / to_hz, so nothing is shifted. Before the first and
// after the last sample the source is taken to be zero. The pieces do not matter: blocks stand at fixed
// places, so any chunking gives the same bits under one instruction set; different instruction sets may
// differ in the last bits. Method: signal/resample_design.h; a tile holds a block a lane.
//
// With N the lower of the two Nyquist frequencies: flat up to 0.913 N, nothing from N on, the edges of soxr's
// HQ. The figures stand in docs/performance.md; test/conformance/resample.test.ts measures them. Memory is
// bounded by the pieces and one tile, whatever the rates.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "backend/cpu/resample_kernel.h"
#include "core/samples.h"
#include "signal/resample_design.h"

namespace undertone {

// One stage of one stream.
class StageStream {
 public:
  // Output 0 stands at source sample `offset`, which may lie before the first. Outputs come from block
  // `first_block` on, and samples from `first_sample` on, which is 0 or not behind FirstSample.
  StageStream(const signal::ResampleStage& stage, int64_t offset, uint64_t first_block, int64_t first_sample);
  StageStream(StageStream&&) = default;
  ~StageStream();

  // The first source sample that block `block` reads, below 0 where it reads zeros.
  static int64_t FirstSample(const signal::ResampleStage& stage, int64_t offset, uint64_t block);

  // Appends to `out` the tiles that `samples` more source samples complete.
  void Process(const float* in, size_t samples, Samples* out);
  // Appends the rest, `total` outputs in all, counted from output 0.
  void Finish(uint64_t total, Samples* out);

 private:
  struct Place {
    size_t begin;    // index in window_ of a block's first sample
    uint64_t phase;  // of its first output, in units of 1 / up of a sample
  };

  Place After(Place place, size_t blocks) const;
  size_t Begin(Place place) const;
  size_t End(size_t blocks) const;  // of the next blocks, in window_
  void RunTile(size_t blocks, size_t held, const float* in, Samples* out);

  const signal::ResampleStage* stage_;
  const ResampleKernel* kernel_;
  Samples window_;  // source samples from before the next block on
  Place next_{};
  uint64_t produced_;  // counted from output 0
};

// One stream of samples.
class Resampler {
 public:
  // From output `first_output` (at most kMaxFirstOutput) on: what comes out is what a stream from sample 0
  // gives there, bit for bit, for the blocks stand at the same places. In: samples from first_input() on.
  Resampler(int from_hz, int to_hz, uint64_t first_output = 0);

  // 100 days at the highest rate; products with a rate stay in 64 bits.
  static constexpr uint64_t kMaxFirstOutput = uint64_t{1} << 43;

  uint64_t first_input() const { return first_input_; }

  // Appends to `out` what `samples` more source samples complete. Not after Finish.
  void Process(const float* in, size_t samples, Samples* out);
  // Appends the rest.
  void Finish(Samples* out);

 private:
  Samples* Target(size_t i, Samples* out);
  void Drop(size_t from, Samples* out);

  std::shared_ptr<const signal::ResampleDesign> design_;
  std::vector<StageStream> streams_;
  std::vector<Samples> between_;  // what all stages but the last hand on
  uint64_t first_output_;
  uint64_t first_input_ = 0;
  uint64_t consumed_;  // counted from sample 0
  uint64_t surplus_;   // outputs of the first block before first_output_ that are still to come
};

}  // namespace undertone
