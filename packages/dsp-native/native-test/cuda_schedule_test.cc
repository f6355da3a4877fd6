// What the host does for the CUDA backend, over a fake driver: chunks under a ceiling, two at a time, memory
// that does not grow, and what becomes of errors.
#include <cmath>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "backend/backend.h"
#include "backend/cuda/description.h"
#include "backend/cuda/driver_library.h"
#include "core/status.h"
#include "cuda/fake_backend.h"
#include "cuda/fake_driver.h"
#include "expect.h"
#include "feature/feature.h"
#include "front_ends.h"
#include "plan/plan.h"
#include "tests.h"

namespace undertone::test {
namespace {

using cuda::FakeDriver;

constexpr int64_t kMemoryBytes = cuda::kLeastMemoryBytes;

// Energies of short frames: many rows for little work.
FrontEndSpec EnergySpec() {
  FrontEndSpec spec = SpectrumSpecOf(16);
  spec.features = {EnergyFeature{false}, ZeroCrossingRateFeature{Convention::kLibrosa}, FluxFeature{}};
  return spec;
}

FrontEndSpec DeltaSpecs(DeltaConvention convention) {
  FrontEndSpec spec = EnergySpec();
  spec.deltas = {2, 9, convention};
  return spec;
}

struct Outcome {
  std::string message;  // empty: no error
  StatusCode code = StatusCode::kInternal;
};

template <typename Act>
Outcome OutcomeOf(const Act& act) {
  try {
    act();
  } catch (const Error& error) {
    return {error.what(), error.code()};
  }
  return {};
}

void ExpectError(const Outcome& outcome, StatusCode code, const char* message) {
  Expect(outcome.code == code && outcome.message.find(message) != std::string::npos,
         "expected %s: %s, but got %s: %s", StatusName(code), message, StatusName(outcome.code),
         outcome.message.c_str());
}

// As many samples as take several chunks under the least ceiling.
struct LongBatch {
  std::unique_ptr<float[]> samples;
  std::vector<int64_t> offsets{0, 17, 250000, 250000, 310000, 480000};

  explicit LongBatch(unsigned seed) {
    Random random(seed);
    samples = Noise(random, static_cast<size_t>(offsets.back()));
  }
};

bool Close(const std::vector<float>& a, const std::vector<float>& b) {
  if (a.size() != b.size()) return false;
  for (size_t i = 0; i < a.size(); ++i) {
    if (!(std::abs(a[i] - b[i]) <= 1e-5f + 1e-4f * std::abs(a[i]))) return false;
  }
  return true;
}

void TestCeiling(const FrontEndSpec& spec, const char* what) {
  const LongBatch batch(21);
  FakeDriver driver;
  const std::vector<float> expected =
      ExtractAll(Plan(spec, GetBackend("cpu")), batch.samples.get(), batch.offsets);
  const std::vector<float> found =
      ExtractAll(Plan(spec, FakeBackend(driver, kMemoryBytes)), batch.samples.get(), batch.offsets);
  Expect(Close(expected, found), "%s: a batch in chunks differs from the CPU's", what);
  Expect(driver.fault().empty(), "%s: %s", what, driver.fault().c_str());
  Expect(driver.peak_bytes <= kMemoryBytes, "%s: %lld bytes of device memory", what,
         static_cast<long long>(driver.peak_bytes));
  Expect(driver.launches > 2, "%s: one chunk only", what);
  Expect(driver.most_queued == 3, "%s: no chunk is copied while another is computed", what);
}

// A device with less memory than allowed: smaller chunks, the same features.
void TestShortMemory() {
  const LongBatch batch(22);
  FakeDriver driver;
  const FrontEndSpec spec = EnergySpec();
  const Plan plan(spec, FakeBackend(driver, int64_t{64} << 20));
  const std::vector<float> expected = ExtractAll(plan, batch.samples.get(), batch.offsets);
  FakeDriver small;
  small.device.memory_bytes = int64_t{1} << 20;
  const Plan squeezed(spec, FakeBackend(small, int64_t{64} << 20));
  const std::vector<float> found = ExtractAll(squeezed, batch.samples.get(), batch.offsets);
  Expect(expected == found, "features differ where memory is short");
  Expect(small.launches > driver.launches, "chunks do not become smaller where memory is short");
  FakeDriver none;
  none.device.memory_bytes = 64 << 10;
  const Outcome outcome = OutcomeOf([&] {
    const Plan starved(spec, FakeBackend(none, kMemoryBytes));
    ExtractAll(starved, batch.samples.get(), batch.offsets);
  });
  ExpectError(outcome, StatusCode::kOutOfMemory,
              "The GPU has no memory left for a batch of frames (made up)");
}

// Whichever allocation fails: smaller chunks, or the error, and the next batch works.
void TestFailingAllocations() {
  const std::vector<int64_t> offsets{0, 3000};
  Random random(23);
  const auto samples = Noise(random, 3000);
  const std::vector<float> expected =
      ExtractAll(Plan(EnergySpec(), GetBackend("cpu")), samples.get(), offsets);
  for (int n = 1; n <= 8; ++n) {
    FakeDriver driver;
    driver.fail_allocation = n;
    std::unique_ptr<Plan> plan;
    const Outcome made =
        OutcomeOf([&] { plan = std::make_unique<Plan>(EnergySpec(), FakeBackend(driver, kMemoryBytes)); });
    if (!plan) {
      ExpectError(made, StatusCode::kOutOfMemory, "The GPU has no memory left for a plan's tables");
      continue;
    }
    Expect(Close(ExtractAll(*plan, samples.get(), offsets), expected), "allocation %d fails: other features",
           n);
    Expect(driver.fault().empty(), "allocation %d fails: %s", n, driver.fault().c_str());
  }
}

void TestFailures() {
  const LongBatch batch(24);
  const FrontEndSpec spec = EnergySpec();
  FakeDriver driver;
  const Plan plan(spec, FakeBackend(driver, kMemoryBytes));
  const auto extract = [&] { return ExtractAll(plan, batch.samples.get(), batch.offsets); };
  const std::vector<float> expected = extract();
  driver.fail_launch = 3;
  ExpectError(OutcomeOf(extract), StatusCode::kInternal, "CUDA failed while computing features (made up)");
  Expect(extract() == expected, "other features after a failed launch");
  driver.lose_device = 3;
  for (int i = 0; i < 2; ++i) {
    ExpectError(OutcomeOf(extract), StatusCode::kInternal,
                "nothing more can be computed on it in this process");
    if (i == 0) driver.lose_device = 0;
  }
}

void TestSteadyMemory() {
  FakeDriver driver;
  const Plan plan(DeltaSpecs(DeltaConvention::kKaldi), FakeBackend(driver, kMemoryBytes));
  Random random(25);
  const auto samples = Noise(random, 4000);
  const auto run = [&](int64_t length) { ExtractAll(plan, samples.get(), {0, length / 3, length}); };
  run(4000);
  const int64_t allocations = driver.allocations;
  const int64_t bytes = driver.live_bytes;
  for (int i = 0; i < 1000; ++i) run(20 + random.Below(400));
  Expect(driver.allocations == allocations && driver.live_bytes == bytes,
         "memory is taken again for later batches");
}

void TestSamplesOfSixteenBits() {
  FakeDriver driver;
  const FrontEndSpec spec = EnergySpec();
  const auto recipe = MakeRecipe(spec);
  const auto program = cuda::MakeProgram(driver, 0, kMemoryBytes, recipe, nullptr);
  Random random(26);
  std::vector<int16_t> whole(1000);
  std::vector<float> floats;
  for (int16_t& sample : whole) {
    sample = static_cast<int16_t>(random.Below(65536) - 32768);
    floats.push_back(static_cast<float>(sample) / 32768);
  }
  const int64_t frames = 1000 / 16;
  const size_t columns = static_cast<size_t>(recipe->raw_columns);
  std::vector<float> expected(static_cast<size_t>(frames) * columns), found(expected.size());
  const auto run = [&](const void* samples, cuda::SampleFormat format, float* rows) {
    const cuda::RaggedRun ragged{samples, 0, 1000, 1000, 0, 1, 0, frames};
    program->RaggedFrames({&ragged, 1}, format, cuda::Residence::kPageable, rows, columns);
  };
  run(floats.data(), cuda::SampleFormat::kFloat32, expected.data());
  run(whole.data(), cuda::SampleFormat::kInt16, found.data());
  Expect(expected == found, "samples of 16 bits and the same in float32 have different features");
}

// Page-locked samples and rows are copied from and to where they are.
void TestPinnedCallers() {
  const FrontEndSpec spec = EnergySpec();
  const auto recipe = MakeRecipe(spec);
  FakeDriver driver;
  constexpr int64_t kSamples = 200000;
  const int64_t frames = kSamples / 16;
  const size_t values = static_cast<size_t>(frames) * static_cast<size_t>(recipe->raw_columns);
  void* samples = nullptr;
  void* rows = nullptr;
  (void)driver.AllocatePinned(0, kSamples * sizeof(float), &samples);
  (void)driver.AllocatePinned(0, values * sizeof(float), &rows);
  Random random(27);
  for (int64_t i = 0; i < kSamples; ++i) static_cast<float*>(samples)[i] = random.Uniform(-1, 1);
  {
    const auto program = cuda::MakeProgram(driver, 0, kMemoryBytes, recipe, nullptr);
    // Three recordings, of which the first two lie side by side.
    std::vector<cuda::RaggedRun> runs;
    for (const auto& [begin, end] : {std::pair<int64_t, int64_t>{0, 160}, {160, 80000}, {96000, kSamples}}) {
      runs.push_back(
          {static_cast<float*>(samples) + begin, 0, end - begin, end - begin, 0, 1, 0, (end - begin) / 16});
    }
    std::vector<float> expected(values);
    const auto columns = static_cast<size_t>(recipe->raw_columns);
    program->RaggedFrames(runs, cuda::SampleFormat::kFloat32, cuda::Residence::kPageable, expected.data(),
                          columns);
    program->RaggedFrames(runs, cuda::SampleFormat::kFloat32, cuda::Residence::kPinned,
                          static_cast<float*>(rows), columns);
    const size_t used = static_cast<size_t>(frames - 1000) * columns;
    Expect(std::memcmp(expected.data(), rows, used * sizeof(float)) == 0,
           "page-locked samples give other features");
  }
  Expect(driver.fault().empty(), "page-locked samples: %s", driver.fault().c_str());
  driver.FreePinned(samples);
  driver.FreePinned(rows);
}

void TestRefusals() {
  FakeDriver driver;
  const auto prepare = [&](const FrontEndSpec& spec, int64_t memory_bytes = kMemoryBytes, int device = 0) {
    return OutcomeOf([&] { const Plan plan(spec, FakeBackend(driver, memory_bytes, device)); });
  };
  FrontEndSpec spec = SpectrumSpecOf(512);
  spec.features = {SpectrumFeature{}, ChromaFeature{SpectrumKind::kPower}};
  ExpectError(
      prepare(spec), StatusCode::kUsage,
      "Expected a feature that the CUDA backend computes for features.1.kind but received \"chroma\" of type "
      "string: it rests on the tuning");
  ExpectError(
      prepare(SpectrumSpecOf(65536)), StatusCode::kUsage,
      "Expected a smaller frame.fftSize for this GPU but received 65536 of type number: a frame takes");
  ExpectError(prepare(EnergySpec(), 1 << 20), StatusCode::kUsage,
              "MiB for --gpu-memory but received 1 of type number");
  ExpectError(prepare(EnergySpec(), kMemoryBytes, 3), StatusCode::kUnsupportedDevice,
              "The device cuda:3 is not on this machine: it has 1 CUDA device(s)");
  driver.devices = 0;
  ExpectError(prepare(EnergySpec()), StatusCode::kUnsupportedDevice,
              "CUDA is in this build but not on this machine: the driver shows no device (made up)");
  const cuda::Description description = cuda::Describe(driver);
  Expect(description.devices.empty() &&
             description.reason.find("the driver shows no device") != std::string::npos,
         "a machine without a device is described as: %s", description.reason.c_str());
  driver.devices = 2;
  Expect(cuda::Describe(driver).devices.size() == 2 && cuda::Describe(driver).reason.empty(),
         "two devices are not described");
}

// Every other error of a driver has its sentence and its code.
void TestErrorMap() {
  const auto thrown = [](cuda::DriverError error) {
    cuda::DriverStatus status;
    status.error = error;
    return OutcomeOf([&] { cuda::ThrowDriverError(status, "while testing"); });
  };
  ExpectError(thrown(cuda::DriverError::kNoDriver), StatusCode::kUnsupportedDevice,
              "no NVIDIA driver answers");
  ExpectError(thrown(cuda::DriverError::kUnsupportedDevice), StatusCode::kUnsupportedDevice,
              "no code for this GPU: it needs compute capability 7.5");
  ExpectError(thrown(cuda::DriverError::kOutOfMemory), StatusCode::kOutOfMemory,
              "The GPU has no memory left while testing: ask for less by --gpu-memory");
}

}  // namespace

void TestCudaSchedule() {
  TestCeiling(EnergySpec(), "descriptors");
  TestCeiling(DeltaSpecs(DeltaConvention::kKaldi), "Kaldi's deltas");
  TestShortMemory();
  TestFailingAllocations();
  TestFailures();
  TestSteadyMemory();
  TestSamplesOfSixteenBits();
  TestPinnedCallers();
  TestRefusals();
  TestErrorMap();
}

}  // namespace undertone::test
