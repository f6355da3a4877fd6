#include "plan/plan.h"

#include <algorithm>
#include <deque>
#include <string>
#include <utility>

#include "core/status.h"
#include "feature/feature.h"
#include "plan/cmvn.h"
#include "plan/cut.h"
#include "plan/normalise.h"
#include "plan/statistics.h"
#include "signal/grid.h"

namespace undertone {
namespace {

// With the search for peaks where a feature rests on the tuning of these frames.
std::shared_ptr<const FrameRecipe> RecipeOf(const FrontEndSpec& spec) {
  auto recipe = MakeRecipe(spec);
  if (Tunings(spec).empty()) return recipe;
  auto listening = std::make_shared<FrameRecipe>(*recipe);
  listening->peaks = signal::TuningPeakRange(spec.sample_rate_hz, spec.frame.fft_size);
  return listening;
}

std::vector<DeltaKernel> KernelsFor(const FrontEndSpec& spec) {
  return spec.deltas ? MakeDeltaKernels(*spec.deltas) : std::vector<DeltaKernel>();
}

double HopSeconds(const FrontEndSpec& spec) {
  return static_cast<double>(spec.frame.hop_samples) / spec.sample_rate_hz;
}

std::string Range(int64_t begin, int64_t end) { return std::to_string(begin) + " to " + std::to_string(end); }

}  // namespace

Plan::Plan(FrontEndSpec spec, const Backend& backend)
    : spec_(std::move(spec)),
      recipe_(RecipeOf(spec_)),
      program_(backend.Prepare(recipe_)),
      finisher_(spec_, recipe_, *program_, backend),
      delta_kernels_(KernelsFor(spec_)) {
  for (const RowPart& part : recipe_->parts) feature_widths_.push_back(static_cast<size_t>(part.columns));
}

size_t Plan::columns() const { return OutputColumns(spec_, frame_columns()); }

bool Plan::needs_whole_utterance() const {
  return spec_.samples.normalise != Normalise::kNone || CutsUtterance(spec_.samples) ||
         finisher_.needs_whole_utterance() || spec_.cmvn || spec_.deltas || OneRowPerUtterance(spec_);
}

std::vector<int64_t> Plan::RowOffsets(const float* samples, std::span<const int64_t> offsets) const {
  std::vector<int64_t> rows{0};
  for (size_t u = 0; u + 1 < offsets.size(); ++u) {
    const int64_t whole = offsets[u + 1] - offsets[u];
    const int64_t count = CutLength(spec_.samples, samples + offsets[u], whole);
    const int64_t frames = FrameCount(count, spec_.frame);
    const std::string utterance = "Utterance " + std::to_string(u) + " has ";
    if (const std::string lacking = LackingSamples(spec_.samples, whole, count); !lacking.empty()) {
      throw Error(StatusCode::kTooShort, utterance + lacking);
    }
    if (const std::string lacking = LackingFrames(spec_, frames); !lacking.empty()) {
      throw Error(StatusCode::kTooShort, utterance + std::to_string(frames) + " frames (" +
                                             std::to_string(count) + " samples); " + lacking);
    }
    rows.push_back(rows.back() + RowsOf(frames));
  }
  return rows;
}

void Plan::Extract(const float* samples, std::span<const int64_t> offsets, float* out) const {
  std::vector<FrameRun> group;
  std::deque<Samples> cut;  // of the group
  int64_t frames = 0;
  for (size_t u = 0; u + 1 < offsets.size(); ++u) {
    const float* utterance = samples + offsets[u];
    int64_t count = offsets[u + 1] - offsets[u];
    if (CutsUtterance(spec_.samples)) {
      cut.push_back(CutUtterance(spec_.samples, utterance, count));
      utterance = cut.back().data();
      count = static_cast<int64_t>(cut.back().size());
    }
    const int64_t utterance_frames = FrameCount(count, spec_.frame);
    if (utterance_frames > 0) {
      group.push_back({ViewUtterance(spec_.samples, utterance, count), 0, utterance_frames});
      frames += utterance_frames;
    }
    const bool last = u + 2 == offsets.size();
    if (group.empty() || (frames < program_->group_frames() && !last)) continue;
    ExtractGroup(group, out);
    for (const FrameRun& run : group) out += static_cast<size_t>(RowsOf(run.frames)) * columns();
    group.clear();
    cut.clear();
    frames = 0;
  }
}

// Runs are whole utterances.
void Plan::ExtractGroup(std::span<const FrameRun> runs, float* out) const {
  int64_t frames = 0;
  for (const FrameRun& run : runs) frames += run.frames;
  const size_t stride = frame_columns();
  const bool one_row = OneRowPerUtterance(spec_);
  std::vector<float> track(one_row ? static_cast<size_t>(frames) * stride : 0);
  float* rows = one_row ? track.data() : out;
  Summariser summariser(spec_.statistics, HopSeconds(spec_));
  // Where nothing comes between base features and their deltas, the backend makes both.
  const bool together = spec_.deltas && !spec_.cmvn && finisher_.is_direct();
  if (together) {
    program_->UtteranceRows(runs, *spec_.deltas, delta_kernels_, rows, stride);
  } else {
    BaseRows(runs, frames, rows, stride);
  }
  for (const FrameRun& run : runs) {
    if (spec_.cmvn) ApplyCmvn(*spec_.cmvn, rows, run.frames, stride, base_columns());
    if (spec_.deltas && !together)
      AppendDeltas(*spec_.deltas, delta_kernels_, rows, run.frames, stride, base_columns());
    if (spec_.sequence) {
      FlattenRows(spec_, rows, stride, feature_widths_, out);
    } else if (one_row) {
      SummariseRows(spec_, rows, run.frames, stride, base_columns(), summariser, out);
    }
    if (one_row) out += columns();
    rows += static_cast<size_t>(run.frames) * stride;
  }
}

// Base features of `frames` frames in all. Runs are whole utterances.
void Plan::BaseRows(std::span<const FrameRun> runs, int64_t frames, float* rows, size_t stride) const {
  if (finisher_.is_direct()) {
    program_->Frames(runs, rows, stride);
    return;
  }
  const size_t raw_stride = static_cast<size_t>(recipe_->raw_columns);
  std::vector<float> raw(static_cast<size_t>(frames) * raw_stride);
  std::vector<Tunings> tunings(runs.size(), Tunings(spec_));
  std::vector<FrameRun> listened(runs.begin(), runs.end());
  for (size_t i = 0; i < runs.size(); ++i) listened[i].peaks = &tunings[i];
  if (raw_stride > 0 || recipe_->peaks) program_->Frames(listened, raw.data(), raw_stride);
  float* raw_rows = raw.data();
  for (size_t i = 0; i < runs.size(); ++i) {
    const FrameRun& run = runs[i];
    finisher_.Finish(run.signal, run.frames, tunings[i], raw_rows, rows, stride);
    raw_rows += static_cast<size_t>(run.frames) * raw_stride;
    rows += static_cast<size_t>(run.frames) * stride;
  }
}

void Plan::CheckSpan(const SpanRequest& request) const {
  // Beyond any recording; keeps index arithmetic from overflowing.
  constexpr int64_t kMostFrames = int64_t{1} << 40;
  if (needs_whole_utterance()) {
    throw Error(
        StatusCode::kUsage,
        "Expected settings without samples.excerpt, samples.gate, samples.normalise, log.reference max, "
        "log.topDb, features along the utterance (contrast, chroma, tonnetz, pitch), cmvn, deltas, "
        "statistics "
        "and sequence for extractSpan: they need the whole utterance");
  }
  const int64_t end = request.begin + request.count;
  if (end > request.total) {
    throw Error(StatusCode::kUsage,
                "Expected a span inside the recording's " + std::to_string(request.total) +
                    " samples for span but received samples " + Range(request.begin, end));
  }
  const int64_t frame_end = request.first_frame + request.frames;
  const int64_t frame_count = std::min(kMostFrames, FrameCount(request.total, spec_.frame));
  if (frame_end > frame_count) {
    throw Error(StatusCode::kUsage, "Expected frames below " + std::to_string(frame_count) +
                                        " for firstFrame but received frames " +
                                        Range(request.first_frame, frame_end));
  }
  if (request.frames == 0) return;

  const bool emphasised =
      spec_.frame.pre_emphasis != 0 && spec_.frame.pre_emphasis_scope == PreEmphasisScope::kSignal;
  const bool previous = recipe_->needs_previous_frame() && request.first_frame > 0;
  const int64_t first = FrameStart(request.first_frame - (previous ? 1 : 0), spec_.frame);
  const int64_t last = FrameStart(frame_end - 1, spec_.frame) + spec_.frame.length_samples;
  const auto require = [&](int64_t index) {
    const int64_t source = PaddedIndex(index, request.total, spec_.frame.padding);
    if (source == kPadZero) return;
    const int64_t earliest = emphasised && source > 0 ? source - 1 : source;
    if (earliest >= request.begin && source < end) return;
    throw Error(StatusCode::kUsage, "Expected a span that holds sample " + std::to_string(source) +
                                        (emphasised ? " and the one before it" : "") + ", which frames " +
                                        Range(request.first_frame, frame_end) +
                                        " need, for span but received samples " + Range(request.begin, end));
  };
  // The outermost samples inside the recording stand for all between them; each mirrored one is looked at.
  const int64_t inner_first = std::clamp<int64_t>(first, 0, request.total - 1);
  const int64_t inner_last = std::clamp<int64_t>(last - 1, 0, request.total - 1);
  if (last > 0 && first < request.total) {
    require(inner_first);
    require(inner_last);
  }
  for (int64_t i = first; i < std::min<int64_t>(last, 0); ++i) require(i);
  for (int64_t i = std::max(first, request.total); i < last; ++i) require(i);
}

void Plan::ExtractSpan(const SpanRequest& request, float* out) const {
  CheckSpan(request);
  if (request.frames == 0) return;
  const SignalView signal{request.samples,
                          request.begin,
                          request.begin + request.count,
                          request.total,
                          0,
                          static_cast<float>(spec_.samples.full_scale)};
  const FrameRun run{signal, request.first_frame, request.frames};
  program_->Frames({&run, 1}, out, columns());
}

}  // namespace undertone
