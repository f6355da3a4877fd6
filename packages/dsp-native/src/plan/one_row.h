// From an utterance's rows to the one row that stands for it, where the settings ask for that.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "core/front_end.h"
#include "plan/statistics.h"

namespace undertone {

// True when an utterance becomes one row instead of one a frame.
bool OneRowPerUtterance(const FrontEndSpec& spec);

// Values of a row that is handed out, where a frame has `frame_columns`.
size_t OutputColumns(const FrontEndSpec& spec, size_t frame_columns);

// What an utterance of `frames` frames lacks for a result: the end of a sentence, empty where it lacks
// nothing. An utterance without frames and without statistics has a result: no rows.
std::string LackingFrames(const FrontEndSpec& spec, int64_t frames);

// Statistics of rows that hold base features, Δ and ΔΔ, each `columns` wide and as many as the stride holds.
// out: block after block, in each [statistic][column], so that a set with deltas begins with the set without.
// Frames that have no delta (DeltaEdge) are no part of its statistics.
void SummariseRows(const FrontEndSpec& spec, const float* rows, int64_t frames, size_t stride, size_t columns,
                   Summariser& summariser, float* out);

// The first spec.sequence->frames rows in one: feature after feature, each frame after frame. widths: the
// columns of each feature, in row order, base features only; Δ and ΔΔ follow as features of their own.
void FlattenRows(const FrontEndSpec& spec, const float* rows, size_t stride, std::span<const size_t> widths,
                 float* out);

}  // namespace undertone
