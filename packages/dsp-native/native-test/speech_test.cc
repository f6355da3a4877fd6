// Detection of speech: random specs over exactly sized rows, in pieces of any size, and specs that must be
// refused.
#include "plan/speech.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "core/status.h"
#include "expect.h"
#include "tests.h"

namespace undertone::test {
namespace {

SpeechSpec RandomSpec(Random& random) {
  SpeechSpec spec;
  spec.bands = 1 + random.Below(90);
  spec.first_column = random.Below(5);
  spec.columns = spec.first_column + spec.bands + random.Below(5);
  spec.high_band = random.Below(spec.bands + 1);
  spec.log_scale = random.Uniform(0.2f, 5);
  spec.band_offsets.assign(static_cast<size_t>(spec.bands), random.Uniform(-3, 3));
  const int groups = 1 + random.Below(std::min(12, spec.bands));
  for (int g = 0; g <= groups; ++g) spec.group_edges.push_back(g * spec.bands / groups);
  spec.block_frames = 8 + random.Below(60);
  spec.side_blocks = 1 + random.Below(7);
  spec.min_side_blocks = 1 + random.Below(spec.side_blocks + 1);
  spec.floor_bias = 1;
  spec.power_floor_bias = 0.3f;
  spec.cap = 2.3f;
  spec.range = 6.5f;
  spec.threshold = 0.5f;
  spec.peak = 6;
  spec.peak_threshold = 0.9f;
  spec.min_run_frames = 1 + random.Below(spec.block_frames / 4);
  spec.gap_frames = random.Below(spec.block_frames / 4);
  spec.lead_frames = random.Below(spec.block_frames / 4);
  spec.hangover_frames = random.Below(spec.block_frames / 4);
  return spec;
}

SpeechFrames Detect(const SpeechSpec& spec, const float* rows, size_t frames, Random* pieces) {
  SpeechDetector detector(spec);
  SpeechFrames decided;
  const auto columns = static_cast<size_t>(spec.columns);
  for (size_t at = 0; at < frames;) {
    const size_t most = frames - at;
    const size_t count = pieces ? std::min<size_t>(most, 1 + static_cast<size_t>(pieces->Below(90))) : most;
    const auto exact = ExactBlock<float>(count * columns);
    std::memcpy(exact.get(), rows + at * columns, count * columns * sizeof(float));
    detector.Push(exact.get(), count, &decided);
    at += count;
    const auto waiting = static_cast<int64_t>(at - decided.speech.size());
    Expect(waiting <= detector.lookahead_frames(), "speech: %lld frames wait",
           static_cast<long long>(waiting));
  }
  detector.End(&decided);
  return decided;
}

void CheckPieces(int index, Random& random) {
  const SpeechSpec spec = RandomSpec(random);
  const auto frames = static_cast<size_t>(random.Below(900));
  const size_t values = frames * static_cast<size_t>(spec.columns);
  auto rows = Noise(random, values);
  // Loudness that comes and goes, and values that no logarithm should be.
  for (size_t i = 0; i < values; ++i) {
    const size_t frame = i / static_cast<size_t>(spec.columns);
    rows[i] = rows[i] * 2 + (frame / 37 % 3 == 1 ? 4.0f : -4.0f);
    if (index % 5 == 0 && random.Below(500) == 0) rows[i] = random.Chance() ? 1e30f : -1e30f;
  }
  const SpeechFrames whole = Detect(spec, rows.get(), frames, nullptr);
  const SpeechFrames pieces = Detect(spec, rows.get(), frames, &random);
  Expect(whole.speech.size() == frames, "speech %d: %zu of %zu frames", index, whole.speech.size(), frames);
  Expect(whole.speech == pieces.speech && whole.power == pieces.power && whole.noise == pieces.noise &&
             whole.high == pieces.high,
         "speech %d: pieces differ from the whole", index);
  const auto finite = [](const std::vector<float>& all) {
    return std::all_of(all.begin(), all.end(), [](float x) { return std::isfinite(x); });
  };
  Expect(finite(whole.power) && finite(whole.noise) && finite(whole.high), "speech %d: a value is not finite",
         index);
}

template <typename Change>
void CheckRefusal(const char* what, Change change) {
  Random random(3);
  SpeechSpec spec = RandomSpec(random);
  change(&spec);
  bool refused = false;
  try {
    const SpeechDetector detector(spec);
  } catch (const Error& error) {
    refused = error.code() == StatusCode::kUsage;
  }
  Expect(refused, "speech: %s is not refused", what);
}

}  // namespace

void TestSpeech() {
  Random random(11);
  for (int i = 0; i < 60; ++i) CheckPieces(i, random);
  CheckRefusal("a band outside the row", [](SpeechSpec* spec) { spec->first_column = spec->columns; });
  CheckRefusal("a missing offset", [](SpeechSpec* spec) { spec->band_offsets.pop_back(); });
  CheckRefusal("a group outside the bands",
               [](SpeechSpec* spec) { spec->group_edges.back() = spec->bands + 1; });
  CheckRefusal("an empty group", [](SpeechSpec* spec) { spec->group_edges = {0, 0}; });
  CheckRefusal("a block of no frame", [](SpeechSpec* spec) { spec->block_frames = 0; });
  CheckRefusal("a hangover beyond a block",
               [](SpeechSpec* spec) { spec->hangover_frames = spec->block_frames; });
  CheckRefusal("high bands beyond the bands", [](SpeechSpec* spec) { spec->high_band = spec->bands + 1; });
  CheckRefusal("a first block before the recording", [](SpeechSpec* spec) { spec->first_block = -1; });
}

}  // namespace undertone::test
