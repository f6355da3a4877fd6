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
  // Output 0 stands at source sample `offset`, which may lie before the first.
  StageStream(const signal::ResampleStage& stage, int64_t offset);
  StageStream(StageStream&&) = default;
  ~StageStream();

  // Appends to `out` the tiles that `samples` more source samples complete.
  void Process(const float* in, size_t samples, Samples* out);
  // Appends the rest, `total` outputs in all.
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
  uint64_t produced_ = 0;
};

// One stream of samples.
class Resampler {
 public:
  Resampler(int from_hz, int to_hz);

  // Appends to `out` what `samples` more source samples complete. Not after Finish.
  void Process(const float* in, size_t samples, Samples* out);
  // Appends the rest.
  void Finish(Samples* out);

 private:
  Samples* Target(size_t i, Samples* out);

  std::shared_ptr<const signal::ResampleDesign> design_;
  std::vector<StageStream> streams_;
  std::vector<Samples> between_;  // what all stages but the last hand on
  uint64_t consumed_ = 0;
};

}  // namespace undertone
