// From what the backend computes of a frame to the finished row.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "backend/backend.h"
#include "plan/track.h"

namespace undertone {

// Immutable: any number of threads call it at once.
class RowFinisher {
 public:
  // Throws as MakeTrack() does.
  RowFinisher(const FrontEndSpec& spec, std::shared_ptr<const FrameRecipe> recipe,
              const FrameProgram& program, const Backend& backend);

  // The raw row is the finished row: nothing to do.
  bool is_direct() const { return direct_; }
  // Some feature depends on more than its own frame and the one before.
  bool needs_whole_utterance() const;

  // raw_rows: those of one whole utterance, recipe.raw_columns apart; logarithms are changed in place. out:
  // `rows`, stride apart, recipe.columns values each.
  void Finish(const SignalView& signal, int64_t frames, const Tunings& tunings, float* raw_rows, float* rows,
              size_t stride) const;

 private:
  void ApplyPeak(int64_t frames, float* raw_rows) const;
  void FinishPart(const RowPart& part, int64_t frames, const float* raw_rows, float* rows,
                  size_t stride) const;

  const std::shared_ptr<const FrameRecipe> recipe_;
  const FrameProgram& program_;
  const std::optional<LogSpec> peak_log_;       // where the logarithm depends on the utterance's peak
  std::vector<std::unique_ptr<Track>> tracks_;  // one a part, nullptr where it is none
  bool direct_;
};

}  // namespace undertone
