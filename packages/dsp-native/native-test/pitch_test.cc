// Pitch: random settings over exactly sized blocks, and settings that must be refused.
#include "signal/pitch.h"

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "core/status.h"
#include "expect.h"
#include "tests.h"

namespace undertone::test {
namespace {

void CheckTracker(int index, Random& random) {
  const double f_min = 20 + random.Below(200);
  const int lag = static_cast<int>(std::ceil(16000 / f_min));
  const signal::PitchTracker tracker(
      {16000, f_min, f_min + 1 + random.Below(3000), std::max(16, 2 * lag) + random.Below(300), 0.1, 0.45});
  const int64_t count = random.Below(3000);
  const int64_t hop = 1 + random.Below(index % 2 ? 3000 : 200);
  const int64_t frames = 1 + count / hop;
  const auto samples = Noise(random, static_cast<size_t>(count));
  const size_t size = static_cast<size_t>(frames) * signal::kPitchColumns;
  const auto rows = ExactBlock<float>(size);
  tracker.Run(samples.get(), count, random.Below(200) - 100, hop, frames, rows.get(), signal::kPitchColumns);
  Expect(std::all_of(rows.get(), rows.get() + size, [](float x) { return std::isfinite(x); }),
         "pitch %d: a value is not finite", index);
}

void CheckRefusal(const signal::PitchSettings& settings) {
  bool refused = false;
  try {
    const signal::PitchTracker tracker(settings);
  } catch (const Error& error) {
    refused = error.code() == StatusCode::kUsage;
  }
  Expect(refused, "pitch from %g to %g Hz in %d samples is not refused", settings.f_min_hz, settings.f_max_hz,
         settings.frame_samples);
}

}  // namespace

void TestPitch() {
  Random random(7);
  for (int i = 0; i < 100; ++i) CheckTracker(i, random);
  CheckRefusal({16000, 65, 500, 493, 0.1, 0.45});
  CheckRefusal({16000, 65, 4001, 512, 0.1, 0.45});
  CheckRefusal({16000, 500, 500, 512, 0.1, 0.45});
}

}  // namespace undertone::test
