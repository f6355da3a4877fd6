// Contract in measure.h.
#include "backend/cuda/measure.h"

#include <algorithm>
#include <chrono>
#include <cstring>
#include <vector>

#include "backend/cuda/driver_library.h"
#include "backend/cuda/program.h"
#include "backend/cuda/program_pack.h"
#include "feature/feature.h"
#include "signal/grid.h"

namespace undertone::cuda {
namespace {

template <typename Act>
double Seconds(const Act& act) {
  const auto begin = std::chrono::steady_clock::now();
  act();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

// Seconds of one `act`.
template <typename Act, typename Wait>
double MedianSeconds(const Effort& effort, const Act& act, const Wait& wait) {
  act();
  wait();
  int repeats = 1;
  const auto round = [&] {
    for (int i = 0; i < repeats; ++i) act();
    wait();
  };
  while (Seconds(round) < effort.least_seconds) repeats *= 2;
  std::vector<double> times;
  for (int i = 0; i < effort.rounds; ++i) times.push_back(Seconds(round) / repeats);
  std::nth_element(times.begin(), times.begin() + effort.rounds / 2, times.end());
  return times[static_cast<size_t>(effort.rounds) / 2];
}

class Queue {
 public:
  Queue(Driver& driver, int device) : driver_(driver) {
    Check(driver.CreateStream(device, &stream_), "while making a stream");
  }
  ~Queue() { driver_.DestroyStream(stream_); }
  Queue(const Queue&) = delete;
  Queue& operator=(const Queue&) = delete;
  Stream* get() const { return stream_; }
  void Wait() const { Check(driver_.Synchronise(stream_), "while measuring"); }

 private:
  Driver& driver_;
  Stream* stream_ = nullptr;
};

class PinnedMemory {
 public:
  PinnedMemory(Driver& driver, int device, size_t bytes) : driver_(driver) {
    Check(driver.AllocatePinned(device, bytes, &memory_), "for page-locked memory");
    std::memset(memory_, 0, bytes);
  }
  ~PinnedMemory() { driver_.FreePinned(memory_); }
  PinnedMemory(const PinnedMemory&) = delete;
  PinnedMemory& operator=(const PinnedMemory&) = delete;
  template <typename T>
  T* as() const {
    return static_cast<T*>(memory_);
  }

 private:
  Driver& driver_;
  void* memory_ = nullptr;
};

// Noise that no two runs of a sum share, cheap to make.
void FillNoise(int16_t* samples, int64_t count) {
  uint32_t state = 1;
  for (int64_t i = 0; i < count; ++i) {
    state = state * 1664525u + 1013904223u;
    samples[i] = static_cast<int16_t>(state >> 16);
  }
}

std::vector<RaggedRun> RunsOf(const FrontEndSpec& spec, const void* samples, size_t sample_bytes,
                              const MadeUpBatch& batch) {
  std::vector<RaggedRun> runs;
  for (int64_t i = 0; i < batch.recordings; ++i) {
    const auto* at =
        static_cast<const std::byte*>(samples) + static_cast<size_t>(i * batch.samples) * sample_bytes;
    runs.push_back({at, 0, batch.samples, batch.samples, 0, 1, 0, FrameCount(batch.samples, spec.frame)});
  }
  return runs;
}

}  // namespace

Bandwidths MeasureBandwidths(Driver& driver, int device, size_t bytes, const Effort& effort) {
  const PinnedMemory pinned(driver, device, bytes);
  DeviceMemory from(driver, device);
  DeviceMemory to(driver, device);
  Check(from.Allocate(bytes), "for a copy");
  Check(to.Allocate(bytes), "for a copy");
  const Queue queue(driver, device);
  const auto wait = [&] { queue.Wait(); };
  const auto rate = [&](const auto& act) {
    return static_cast<double>(bytes) / MedianSeconds(effort, act, wait);
  };
  Bandwidths found{};
  found.to_device =
      rate([&] { Check(driver.CopyToDevice(queue.get(), from.get(), pinned.as<void>(), bytes), "to copy"); });
  found.to_host =
      rate([&] { Check(driver.CopyToHost(queue.get(), pinned.as<void>(), from.get(), bytes), "to copy"); });
  found.device =
      2 * rate([&] { Check(driver.CopyOnDevice(queue.get(), to.get(), from.get(), bytes), "to copy"); });
  return found;
}

Measured MeasureResident(Driver& driver, int device, const FrontEndSpec& spec, const TileLayout& layout,
                         SampleFormat format, const MadeUpBatch& batch, const Effort& effort) {
  const auto recipe = MakeRecipe(spec);
  const BatchShape shape{recipe->frame,       format, layout.lanes, recipe->needs_previous_frame(),
                         recipe->raw_columns, {},     false};
  std::vector<std::byte> image;
  PackProgram(*recipe, layout, nullptr, &image);
  DeviceMemory tables(driver, device);
  Check(tables.Allocate(image.size()), "for tables");
  const ProgramView view = PackProgram(*recipe, layout, tables.get(), &image);
  const auto runs = RunsOf(spec, nullptr, shape.sample_bytes(), batch);
  Chunker chunker(shape, runs, SIZE_MAX);
  Chunk chunk;
  chunker.Next(&chunk);
  std::vector<std::byte> input(chunk.rows_at);
  if (format == SampleFormat::kInt16) {
    FillNoise(reinterpret_cast<int16_t*>(input.data()), chunk.samples);
  } else {
    std::vector<int16_t> noise(static_cast<size_t>(chunk.samples));
    FillNoise(noise.data(), chunk.samples);
    std::transform(noise.begin(), noise.end(), reinterpret_cast<float*>(input.data()),
                   [](int16_t x) { return static_cast<float>(x) / 32768; });
  }
  FillJobs(shape, runs, chunk, reinterpret_cast<TileJob*>(input.data() + chunk.jobs_at));
  DeviceMemory memory(driver, device);
  Check(memory.Allocate(chunk.bytes), "for samples and rows");
  const Queue queue(driver, device);
  Check(driver.CopyToDevice(queue.get(), tables.get(), image.data(), image.size()), "while copying tables");
  Check(driver.CopyToDevice(queue.get(), memory.get(), input.data(), input.size()), "while copying samples");
  queue.Wait();
  FrameLaunch launch{};
  launch.program = view;
  launch.layout = layout;
  launch.jobs = reinterpret_cast<const TileJob*>(memory.get() + chunk.jobs_at);
  launch.tiles = static_cast<int>(chunk.tiles);
  launch.samples = memory.get();
  launch.format = format;
  launch.rows = reinterpret_cast<float*>(memory.get() + chunk.rows_at);
  launch.stride = shape.row_columns();
  const double seconds = MedianSeconds(
      effort, [&] { Check(driver.LaunchFrames(queue.get(), launch), "while computing"); },
      [&] { queue.Wait(); });
  return {static_cast<double>(chunk.rows) / seconds, static_cast<double>(chunk.bytes) / seconds};
}

Measured MeasureHostToHost(Driver& driver, int device, const FrontEndSpec& spec, const MadeUpBatch& batch,
                           const Effort& effort) {
  const auto recipe = MakeRecipe(spec);
  const int64_t frames = batch.recordings * FrameCount(batch.samples, spec.frame);
  const size_t row_bytes = static_cast<size_t>(recipe->raw_columns) * sizeof(float);
  const PinnedMemory samples(driver, device,
                             static_cast<size_t>(batch.recordings * batch.samples) * sizeof(int16_t));
  const PinnedMemory rows(driver, device, static_cast<size_t>(frames) * row_bytes);
  FillNoise(samples.as<int16_t>(), batch.recordings * batch.samples);
  const auto runs = RunsOf(spec, samples.as<void>(), sizeof(int16_t), batch);
  const auto program = MakeProgram(driver, device, int64_t{384} << 20, recipe, nullptr);
  const double seconds = MedianSeconds(
      effort,
      [&] {
        program->RaggedFrames(runs, SampleFormat::kInt16, Residence::kPinned, rows.as<float>(),
                              static_cast<size_t>(recipe->raw_columns));
      },
      [] {});
  const double bytes = static_cast<double>(batch.recordings * batch.samples) * sizeof(int16_t);
  return {static_cast<double>(frames) / seconds, bytes / seconds};
}

}  // namespace undertone::cuda
