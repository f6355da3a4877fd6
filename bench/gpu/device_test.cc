#include <algorithm>
#include <cstring>
#include <memory>
#include <span>
#include <variant>
#include <vector>

#include "backend/cuda/program.h"
#include "check.h"
#include "core/status.h"
#include "cuda/fake_driver.h"
#include "expect.h"
#include "feature/feature.h"
#include "front_ends.h"
#include "signal/delta.h"
#include "signal/grid.h"

namespace undertone::check {
namespace {

using cuda::Program;
using test::Random;

// What a program computes from the samples of one recording or from rows of it.
bool IsOfFrames(const FeatureSpec& feature) {
  return !std::holds_alternative<ChromaFeature>(feature) && !std::holds_alternative<ChromaCqtFeature>(feature) &&
         !std::holds_alternative<TonnetzFeature>(feature) && !std::holds_alternative<PitchFeature>(feature);
}

struct Batch {
  std::vector<std::vector<float>> recordings;
  std::vector<std::vector<int16_t>> as_int16;
  std::vector<FrameRun> runs;
  std::vector<cuda::RaggedRun> int16_runs;
  int64_t frames = 0;
};

Batch MakeBatch(const FrontEndSpec& spec, Random& random) {
  Batch batch;
  const auto scale = static_cast<float>(spec.samples.full_scale);
  for (int u = 1 + random.Below(4); u > 0; --u) {
    const int64_t length = random.Below(4) == 0 ? random.Below(3) : random.Below(12000);
    batch.recordings.emplace_back();
    batch.as_int16.emplace_back();
    for (int64_t i = 0; i < length; ++i) {
      batch.as_int16.back().push_back(static_cast<int16_t>(random.Below(65536) - 32768));
      batch.recordings.back().push_back(static_cast<float>(batch.as_int16.back().back()) / 32768);
    }
  }
  for (size_t u = 0; u < batch.recordings.size(); ++u) {
    const auto length = static_cast<int64_t>(batch.recordings[u].size());
    const int64_t frames = FrameCount(length, spec.frame);
    if (frames == 0) continue;
    batch.runs.push_back({{batch.recordings[u].data(), 0, length, length, 0, scale}, 0, frames});
    batch.int16_runs.push_back({batch.as_int16[u].data(), 0, length, length, 0, scale, 0, frames});
    batch.frames += frames;
  }
  return batch;
}

// Bits that differ; prints what is wrong.
int CheckFrontEnd(cuda::Driver& driver, const cuda::DeviceInfo& info, const char* name, int index,
                  const FrontEndSpec& spec, Random& random) {
  const auto recipe = MakeRecipe(spec);
  if (recipe->raw_columns == 0) return 0;
  const Batch batch = MakeBatch(spec, random);
  if (batch.runs.empty()) return 0;
  cuda::FakeDriver host;
  host.device = info;
  const DeltaSpec deltas{2, 5, DeltaConvention::kKaldi};
  const std::vector<DeltaKernel> kernels = MakeDeltaKernels(deltas);
  const auto columns = static_cast<size_t>(recipe->raw_columns);
  const size_t values = static_cast<size_t>(batch.frames) * columns;
  const auto run = [&](cuda::Driver& on) {
    // With little memory most batches take several chunks.
    const auto program = MakeProgram(on, 0, cuda::kLeastMemoryBytes, recipe, nullptr);
    std::vector<float> rows(values * 5);
    program->Frames(batch.runs, rows.data(), columns);
    program->RaggedFrames(batch.int16_runs, cuda::SampleFormat::kInt16, cuda::Residence::kPageable,
                          rows.data() + values, columns);
    program->UtteranceRows(batch.runs, deltas, kernels, rows.data() + 2 * values, 3 * columns);
    return rows;
  };
  const std::vector<float> found = run(driver);
  const std::vector<float> expected = run(host);
  int differing = 0;
  for (size_t i = 0; i < found.size(); ++i) differing += std::memcmp(&found[i], &expected[i], sizeof(float)) != 0;
  test::Expect(differing == 0, "%s %d: %d of %zu values differ between device and host", name, index, differing,
               found.size());
  return differing;
}

void TestFixed(cuda::Driver& driver, const cuda::DeviceInfo& info) {
  Random random(31);
  std::vector<FrontEndSpec> specs{LogMel80(), Mfcc13()};
  for (const int size : {400, 512, 1024, 2048, 4096, 8192}) specs.push_back(test::SpectrumSpecOf(size));
  FrontEndSpec descriptors = LogMel80();
  descriptors.features = {LogFeature{},
                          ZeroCrossingRateFeature{Convention::kLibrosa},
                          RmsFeature{true},
                          EnergyEntropyFeature{10, false},
                          CentroidFeature{Convention::kLibrosa},
                          BandwidthFeature{Convention::kPyAudioAnalysis},
                          SkewnessFeature{},
                          KurtosisFeature{},
                          SpectralEntropyFeature{10},
                          FluxFeature{},
                          FlatnessFeature{},
                          RollOffFeature{0.85, Convention::kLibrosa},
                          SlopeFeature{},
                          ContrastFeature{200, 5, 0.02}};
  specs.push_back(descriptors);
  for (size_t i = 0; i < specs.size(); ++i) {
    CheckFrontEnd(driver, info, "fixed front-end", static_cast<int>(i), specs[i], random);
  }
}

void TestRandom(cuda::Driver& driver, const cuda::DeviceInfo& info, int count) {
  Random random(32);
  for (int i = 0; i < count; ++i) {
    FrontEndSpec spec = test::RandomFrontEnd(random);
    std::erase_if(spec.features, [](const FeatureSpec& feature) { return !IsOfFrames(feature); });
    CheckFrontEnd(driver, info, "random front-end", i, spec, random);
  }
}

void TestSteadyMemory(cuda::Driver& driver) {
  constexpr int kBatches = 1000;
  Random random(33);
  const FrontEndSpec spec = LogMel80();
  const auto recipe = MakeRecipe(spec);
  const auto program = MakeProgram(driver, 0, int64_t{64} << 20, recipe, nullptr);
  const auto samples = test::Noise(random, 200000);
  std::vector<float> rows(200000 / 160 * 90);
  const auto run = [&](int64_t length) {
    const FrameRun run{{samples.get(), 0, length, length, 0, 1}, 0, FrameCount(length, spec.frame)};
    program->Frames({&run, 1}, rows.data(), static_cast<size_t>(recipe->raw_columns));
  };
  run(160000);
  int64_t before = 0;
  int64_t after = 0;
  (void)driver.FreeMemory(0, &before);
  for (int i = 0; i < kBatches; ++i) run(1 + random.Below(160000));
  (void)driver.FreeMemory(0, &after);
  test::Expect(after >= before, "device memory grew by %lld bytes over %d batches",
               static_cast<long long>(before - after), kBatches);
}

}  // namespace

int RunDeviceTests(cuda::Driver& driver, const cuda::DeviceInfo& info, int count) {
  std::printf("gpu_check: %s, compute capability %d.%d\n", info.name, info.major, info.minor);
  TestFixed(driver, info);
  std::printf("gpu_check: fixed front-ends, device against host: %d failures\n", test::failures);
  TestRandom(driver, info, count);
  std::printf("gpu_check: %d random front-ends too: %d failures\n", count, test::failures);
  // Under compute-sanitizer, which asks for few front-ends, a thousand batches would take too long.
  if (count >= 100) {
    TestSteadyMemory(driver);
    std::printf("gpu_check: device memory over 1,000 batches too: %d failures\n", test::failures);
  }
  return test::failures;
}

}  // namespace undertone::check
