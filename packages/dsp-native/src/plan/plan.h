// A front-end made ready to run: the one object that extraction needs.
//
// Immutable after construction and shared between threads; a call's working memory is its own, allocated once
// a call.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "backend/backend.h"
#include "core/front_end.h"
#include "plan/one_row.h"
#include "plan/row_finisher.h"
#include "plan/work.h"
#include "signal/delta.h"

namespace undertone {

// Some frames of one recording of which samples [begin, begin + count) are in memory.
struct SpanRequest {
  const float* samples;
  int64_t begin;
  int64_t count;
  int64_t total;  // kUnknownTotal while it is not known
  int64_t first_frame;
  int64_t frames;
};

class Plan {
 public:
  // `spec` is resolved and in range. Throws kUsage for settings that cannot be computed.
  Plan(FrontEndSpec spec, const Backend& backend);

  // Values of a row.
  size_t columns() const;

  // What a frame asks for at least, or nullopt; see work.h.
  std::optional<FrameWork> Work() const { return CountFrameWork(spec_, *recipe_); }

  // Row indices at which utterances begin, and the number of rows: as many entries as `offsets`, the sample
  // indices at which utterances begin and end. The samples matter under a gate only. Throws kTooShort for an
  // utterance that has no result: nothing left by excerpt or gate, too few frames for librosa's deltas or a
  // sequence, or none for statistics.
  std::vector<int64_t> RowOffsets(const float* samples, std::span<const int64_t> offsets) const;

  // Features of many utterances. samples: float32 at full scale 1; out: RowOffsets().back() rows of columns()
  // values.
  void Extract(const float* samples, std::span<const int64_t> offsets, float* out) const;

  // Throws kUsage where Span() would: settings that need the whole utterance, frames that the recording does
  // not have, or samples that the span does not hold.
  void CheckSpan(const SpanRequest& request) const;

  // out: request.frames rows of columns() values, bit for bit those of Extract().
  void ExtractSpan(const SpanRequest& request, float* out) const;

 private:
  size_t base_columns() const { return static_cast<size_t>(recipe_->columns); }
  size_t frame_columns() const { return base_columns() * (1 + delta_kernels_.size()); }
  int64_t RowsOf(int64_t frames) const { return OneRowPerUtterance(spec_) ? 1 : frames; }
  bool needs_whole_utterance() const;

  void ExtractGroup(std::span<const FrameRun> runs, float* out) const;
  void BaseRows(std::span<const FrameRun> runs, int64_t frames, float* rows, size_t stride) const;

  const FrontEndSpec spec_;
  const std::shared_ptr<const FrameRecipe> recipe_;
  const std::unique_ptr<const FrameProgram> program_;
  const RowFinisher finisher_;
  const std::vector<DeltaKernel> delta_kernels_;
  std::vector<size_t> feature_widths_;  // columns of each feature, in row order
};

}  // namespace undertone
