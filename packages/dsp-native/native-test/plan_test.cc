// Random front-ends over ragged batches: a frame is the same bit for bit in a batch, alone and in spans.
#include "plan/plan.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <memory>
#include <variant>
#include <vector>

#include "backend/backend.h"
#include "core/status.h"
#include "expect.h"
#include "front_ends.h"
#include "signal/grid.h"
#include "tests.h"

namespace undertone::test {
namespace {

struct Features {
  std::vector<int64_t> rows;  // where each utterance's rows begin, and their number
  std::unique_ptr<float[]> values;
};

Features Extract(const Plan& plan, const float* samples, const std::vector<int64_t>& offsets) {
  Features features{plan.RowOffsets(samples, offsets), nullptr};
  features.values = ExactBlock<float>(static_cast<size_t>(features.rows.back()) * plan.columns());
  plan.Extract(samples, offsets, features.values.get());
  return features;
}

bool SameBits(const float* a, const float* b, size_t count) {
  return count == 0 || std::memcmp(a, b, count * sizeof(float)) == 0;
}

// Lengths around those where something changes: none, one sample, a frame and its neighbours, many tiles.
int64_t RandomLength(const FrameSpec& frame, Random& random) {
  switch (random.Below(8)) {
    case 0:
      return 0;
    case 1:
      return 1;
    case 2:
      return frame.length_samples - 1;
    case 3:
      return frame.length_samples;
    case 4:
      return frame.length_samples + 1;
    case 5:
      return 1 + random.Below(frame.hop_samples);
    default:
      return random.Below(4000);
  }
}

// Frames [first, first + frames) from a block that holds exactly the samples they need.
void ExtractFromSpan(const Plan& plan, const FrontEndSpec& spec, const float* samples, int64_t total,
                     int64_t first, int64_t frames, float* out) {
  const FrameSpec& frame = spec.frame;
  const int64_t before = frame.pre_emphasis != 0 && frame.pre_emphasis_scope == PreEmphasisScope::kSignal;
  // Flux compares with the frame before.
  const bool compares =
      std::any_of(spec.features.begin(), spec.features.end(),
                  [](const FeatureSpec& feature) { return std::holds_alternative<FluxFeature>(feature); });
  int64_t begin = FrameStart(compares && first > 0 ? first - 1 : first, frame) - before;
  int64_t end = FrameStart(first + frames - 1, frame) + frame.length_samples;
  const bool whole = (begin < 0 || end > total) && frame.padding != Padding::kZero;
  begin = whole ? 0 : std::clamp<int64_t>(begin, 0, total);
  end = whole ? total : std::clamp<int64_t>(end, begin, total);
  const auto block = ExactBlock<float>(static_cast<size_t>(end - begin));
  std::copy(samples + begin, samples + end, block.get());
  // The length may be unknown as long as the end is not near, nor mirrored into the padding in front.
  const bool told = whole || FrameStart(first + frames - 1, frame) + frame.length_samples > total;
  plan.ExtractSpan({block.get(), begin, end - begin, told ? total : kUnknownTotal, first, frames}, out);
}

void CheckSpans(const Plan& plan, const FrontEndSpec& spec, const float* samples, int64_t total,
                const float* expected, Random& random, int front_end) {
  const int64_t count = FrameCount(total, spec.frame);
  for (int64_t first = 0; first < count;) {
    const int64_t frames = std::min<int64_t>(1 + random.Below(40), count - first);
    const size_t size = static_cast<size_t>(frames) * plan.columns();
    const auto rows = ExactBlock<float>(size);
    ExtractFromSpan(plan, spec, samples, total, first, frames, rows.get());
    Expect(SameBits(rows.get(), expected + static_cast<size_t>(first) * plan.columns(), size),
           "front-end %d: frames %lld to %lld of a span differ", front_end, static_cast<long long>(first),
           static_cast<long long>(first + frames));
    first += frames;
  }
}

void CheckFrontEnd(int index, Random& random) {
  const FrontEndSpec spec = RandomFrontEnd(random);
  std::vector<int64_t> offsets{0};
  for (int u = random.Below(6); u >= 0; --u) {
    int64_t length = RandomLength(spec.frame, random);
    if (!AnyLength(spec)) length = std::max(length, EnoughSamples(spec));
    offsets.push_back(offsets.back() + length);
  }
  const auto samples = Noise(random, static_cast<size_t>(offsets.back()));
  const Plan plan(spec, GetBackend("cpu"));
  const Features batch = Extract(plan, samples.get(), offsets);
  const size_t size = static_cast<size_t>(batch.rows.back()) * plan.columns();
  Expect(std::all_of(batch.values.get(), batch.values.get() + size, [](float x) { return std::isfinite(x); }),
         "front-end %d: a feature is not finite", index);
  for (size_t u = 0; u + 1 < offsets.size(); ++u) {
    const auto length = static_cast<size_t>(offsets[u + 1] - offsets[u]);
    const auto alone = ExactBlock<float>(length);
    std::copy_n(samples.get() + offsets[u], length, alone.get());
    const Features single = Extract(plan, alone.get(), {0, static_cast<int64_t>(length)});
    const float* expected = batch.values.get() + static_cast<size_t>(batch.rows[u]) * plan.columns();
    const int64_t rows = batch.rows[u + 1] - batch.rows[u];
    Expect(single.rows.back() == rows &&
               SameBits(single.values.get(), expected, static_cast<size_t>(rows) * plan.columns()),
           "front-end %d: utterance %zu of %zu samples differs alone and in a batch", index, u, length);
    if (!Streams(spec)) continue;
    CheckSpans(plan, spec, alone.get(), static_cast<int64_t>(length), expected, random, index);
  }
}

void TestRefusals() {
  FrontEndSpec spec = SpectrumSpecOf(64);
  spec.statistics = {{StatisticKind::kMean}};
  const Plan plan(spec, GetBackend("cpu"));
  const auto samples = ExactBlock<float>(63);
  StatusCode code = StatusCode::kInternal;
  try {
    plan.RowOffsets(samples.get(), std::vector<int64_t>{0, 63});
  } catch (const Error& error) {
    code = error.code();
  }
  Expect(code == StatusCode::kTooShort, "statistics of no frame are not refused");
}

}  // namespace

void TestPlan() {
  Random random(3);
  for (int i = 0; i < 400; ++i) CheckFrontEnd(i, random);
  TestRefusals();
}

}  // namespace undertone::test
