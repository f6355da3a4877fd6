// The resampler over random rates, lengths and chunkings: as many samples as promised, the same bits in any
// chunking, and a constant stays what it is away from the ends.
#include <algorithm>
#include <cmath>
#include <cstring>
#include <vector>

#include "backend/cpu/resample.h"
#include "core/samples.h"
#include "expect.h"
#include "tests.h"

namespace undertone::test {
namespace {

constexpr int kRates[] = {8000, 11025, 12000, 16000, 22050, 24000, 24414, 32000, 44100, 48000, 96000};
constexpr int kLengths[] = {0, 1, 2, 3, 127, 997, 1000, 7919};

Samples InOneCall(int from, int to, const float* samples, size_t count) {
  Resampler resampler(from, to);
  Samples out;
  resampler.Process(samples, count, &out);
  resampler.Finish(&out);
  return out;
}

// Each chunk in a block of its own, some of them empty.
Samples InChunks(int from, int to, const float* samples, size_t count, Random& random) {
  Resampler resampler(from, to);
  Samples out;
  const int longest = 1 + random.Below(3) * random.Below(4000);
  for (size_t at = 0; at < count;) {
    const size_t size = std::min(static_cast<size_t>(random.Below(longest + 1)), count - at);
    const auto chunk = ExactBlock<float>(size);
    std::copy_n(samples + at, size, chunk.get());
    resampler.Process(chunk.get(), size, &out);
    at += size;
  }
  resampler.Finish(&out);
  return out;
}

// From output `first` on, fed from the sample that the resampler asks for.
Samples FromTheMiddle(int from, int to, const float* samples, size_t count, uint64_t first, Random& random) {
  Resampler resampler(from, to, first);
  Samples out;
  for (size_t at = std::min<uint64_t>(resampler.first_input(), count); at < count;) {
    const size_t size = std::min(1 + static_cast<size_t>(random.Below(3000)), count - at);
    resampler.Process(samples + at, size, &out);
    at += size;
  }
  resampler.Finish(&out);
  return out;
}

void CheckStart(int from, int to, const float* samples, size_t count, const Samples& whole, uint64_t first,
                Random& random) {
  const Samples rest = FromTheMiddle(from, to, samples, count, first, random);
  const size_t expected = whole.size() - std::min<size_t>(whole.size(), first);
  Expect(rest.size() == expected &&
             (expected == 0 || std::memcmp(rest.data(), whole.data() + first, expected * sizeof(float)) == 0),
         "%d to %d Hz: %zu samples from output %zu on differ", from, to, count, static_cast<size_t>(first));
}

void CheckPair(int from, int to, size_t count, Random& random) {
  const auto samples = Noise(random, count);
  const Samples whole = InOneCall(from, to, samples.get(), count);
  const size_t expected = (count * static_cast<size_t>(to) + static_cast<size_t>(from) - 1) / from;
  Expect(whole.size() == expected, "%d to %d Hz: %zu samples of %zu, expected %zu", from, to, whole.size(),
         count, expected);
  // The filter's step response overshoots, but by far less than this.
  Expect(std::all_of(whole.begin(), whole.end(), [](float x) { return std::abs(x) < 4; }),
         "%d to %d Hz: a sample out of all proportion", from, to);
  const Samples chunked = InChunks(from, to, samples.get(), count, random);
  Expect(whole.size() == chunked.size() &&
             (whole.empty() || std::memcmp(whole.data(), chunked.data(), whole.size() * sizeof(float)) == 0),
         "%d to %d Hz: %zu samples differ by chunking", from, to, count);
  const auto outputs = static_cast<int>(whole.size());
  for (const int first : {0, 1, outputs / 2, outputs - 1, outputs, outputs + 1, 3 * outputs}) {
    if (first >= 0) CheckStart(from, to, samples.get(), count, whole, static_cast<uint64_t>(first), random);
  }
  for (int i = 0; i < 3; ++i) {
    CheckStart(from, to, samples.get(), count, whole, static_cast<uint64_t>(random.Below(outputs + 1)),
               random);
  }
}

void TestConstant(int from, int to) {
  const std::vector<float> ones(20000, 1.0f);
  const Samples out = InOneCall(from, to, ones.data(), ones.size());
  double worst = 0;
  for (size_t i = out.size() / 3; i < out.size() * 2 / 3; ++i) {
    worst = std::max(worst, std::abs(static_cast<double>(out[i]) - 1));
  }
  Expect(worst < 1e-6, "%d to %d Hz: a constant moves by %g", from, to, worst);
}

}  // namespace

void TestResampler() {
  Random random(4);
  for (int i = 0; i < 60; ++i) {
    CheckPair(random.Pick(kRates), random.Pick(kRates), static_cast<size_t>(random.Pick(kLengths)), random);
    // Rates without common factors have interpolated phases.
    CheckPair(1000 + random.Below(99000), 1000 + random.Below(47000), static_cast<size_t>(random.Below(3000)),
              random);
  }
  // Long enough for many blocks.
  CheckPair(48000, 16000, 50021, random);
  CheckPair(8000, 16000, 20011, random);
  CheckPair(44100, 16000, 60013, random);
  CheckPair(96000, 11025, 90001, random);
  CheckPair(1000000, 1000, 5003, random);
  CheckPair(1000000, 1000, 300007, random);
  CheckPair(1000, 1000000, 53, random);
  TestConstant(48000, 16000);
  TestConstant(24414, 16000);
  TestConstant(8000, 16000);
}

}  // namespace undertone::test
