// No allocation per frame: ten times as many frames ask for memory exactly as often. AddressSanitizer's hooks
// count, which see operator new, malloc and Highway's aligned allocator alike; other builds leave this out.
#include <cstddef>
#include <cstdio>
#include <vector>

#include "backend/backend.h"
#include "backend/cpu/resample.h"
#include "core/samples.h"
#include "expect.h"
#include "front_ends.h"
#include "plan/plan.h"
#include "plan/recording.h"
#include "signal/grid.h"
#include "tests.h"
#include "wav_bytes.h"

#ifdef __SANITIZE_ADDRESS__
// Of sanitizer/allocator_interface.h, which GCC does not install.
extern "C" int __sanitizer_install_malloc_and_free_hooks(void (*)(const volatile void*, size_t),
                                                         void (*)(const volatile void*));

namespace undertone::test {
namespace {

struct Allocations {
  size_t count = 0;
  size_t bytes = 0;
};
Allocations so_far;

void CountAllocation(const volatile void*, size_t bytes) {
  ++so_far.count;
  so_far.bytes += bytes;
}
void IgnoreFree(const volatile void*) {}

template <typename Work>
Allocations During(Work work) {
  const Allocations before = so_far;
  work();
  return {so_far.count - before.count, so_far.bytes - before.bytes};
}

Allocations OfExtract(const Plan& plan, size_t samples) {
  const auto noise = ExactBlock<float>(samples);
  const std::vector<int64_t> offsets{0, static_cast<int64_t>(samples)};
  const auto out =
      ExactBlock<float>(static_cast<size_t>(plan.RowOffsets(noise.get(), offsets).back()) * plan.columns());
  const auto extract = [&] { plan.Extract(noise.get(), offsets, out.get()); };
  // The first utterance of a tuning makes that tuning's tables, which the plan keeps.
  extract();
  return During(extract);
}

Allocations OfSpan(const Plan& plan, const FrameSpec& frame, int64_t frames) {
  const int64_t samples = FrameStart(frames - 1, frame) + frame.length_samples;
  const auto noise = ExactBlock<float>(static_cast<size_t>(samples));
  const auto out = ExactBlock<float>(static_cast<size_t>(frames) * plan.columns());
  return During([&] { plan.ExtractSpan({noise.get(), 0, samples, kUnknownTotal, 0, frames}, out.get()); });
}

void TestFrontEnds() {
  Random random(8);
  for (int i = 0; i < 40; ++i) {
    FrontEndSpec spec = RandomFrontEnd(random);
    spec.frame.placement = Placement::kSnip;
    // These make another number of frames of the samples.
    spec.samples.excerpt.reset();
    spec.samples.gate.reset();
    spec.sequence.reset();
    const Plan plan(spec, GetBackend("cpu"));
    const auto samples_of = [&](int64_t frames) {
      return static_cast<size_t>(FrameStart(frames - 1, spec.frame) + spec.frame.length_samples);
    };
    const Allocations few = OfExtract(plan, samples_of(100));
    const Allocations many = OfExtract(plan, samples_of(1000));
    Expect(few.count == many.count, "front-end %d: %zu allocations for 100 frames, %zu for 1000", i,
           few.count, many.count);
    if (!Streams(spec)) {
      continue;
    }
    const Allocations short_span = OfSpan(plan, spec.frame, 100);
    const Allocations long_span = OfSpan(plan, spec.frame, 1000);
    // Highway staggers its blocks by up to 512 bytes, one after the other.
    Expect(short_span.count == long_span.count && long_span.bytes <= short_span.bytes + 512 * long_span.count,
           "front-end %d: %zu bytes for a span of 100 frames, %zu for 1000", i, short_span.bytes,
           long_span.bytes);
  }
}

// A stream in steady state works in the memory that it has.
void TestResamplerStream() {
  Resampler resampler(44100, 16000);
  const std::vector<float> block(4096, 0.5f);
  Samples out;
  out.reserve(block.size());
  const auto feed = [&](int blocks) {
    for (int i = 0; i < blocks; ++i) {
      out.clear();
      resampler.Process(block.data(), block.size(), &out);
    }
  };
  feed(50);
  const Allocations steady = During([&] { feed(500); });
  Expect(steady.count == 0, "resampler: %zu allocations in 500 blocks of a stream", steady.count);
}

// A recording read block after block works in the memory that it has.
void TestRecording() {
  Random random(9);
  constexpr WavKind kKind{"pcm_s16le", 1, 16};
  constexpr size_t kBytesASecond = 44100 * 4;
  const TemporaryFile file;
  file.Write(MakeWav(WavContainer::kRiff, kKind, 2, 44100, RandomBytes(random, 20 * kBytesASecond)));
  Recording recording(file.path(), {ChannelChoice::Kind::kMix, 0}, 16000);
  PcmPiece piece;
  const auto read = [&](int blocks) {
    for (int i = 0; i < blocks; ++i) recording.Read(1600, &piece);
  };
  // The resampler gathers up to a second or two before its first tile of blocks is full.
  read(60);
  const Allocations steady = During([&] { read(130); });
  Expect(steady.count == 0, "recording: %zu allocations in 130 blocks", steady.count);
}

}  // namespace

void TestAllocation() {
  __sanitizer_install_malloc_and_free_hooks(CountAllocation, IgnoreFree);
  Expect(During([] { ExactBlock<float>(1); }).count == 1, "the hooks count nothing");
  TestFrontEnds();
  TestResamplerStream();
  TestRecording();
}

}  // namespace undertone::test

#else

namespace undertone::test {

void TestAllocation() { std::printf("allocation: left out, it needs AddressSanitizer\n"); }

}  // namespace undertone::test

#endif
