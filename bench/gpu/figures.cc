#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "backend/cuda/driver_library.h"
#include "backend/cuda/program.h"
#include "backend/cuda/program_pack.h"
#include "check.h"
#include "core/status.h"
#include "feature/feature.h"
#include "signal/grid.h"

namespace undertone::check {
namespace {

using cuda::Check;

constexpr int kRounds = 7;
constexpr int64_t kSamples = 160000;  // ten seconds a recording

template <typename Act>
double Seconds(const Act& act) {
  const auto begin = std::chrono::steady_clock::now();
  act();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

// Seconds of one `act`: the median of kRounds rounds of as many as take a fifth of a second.
template <typename Act, typename Wait>
double MedianSeconds(const Act& act, const Wait& wait) {
  act();
  wait();
  int repeats = 1;
  const auto round = [&] {
    for (int i = 0; i < repeats; ++i) act();
    wait();
  };
  while (Seconds(round) < 0.2) repeats *= 2;
  std::vector<double> times;
  for (int i = 0; i < kRounds; ++i) times.push_back(Seconds(round) / repeats);
  std::nth_element(times.begin(), times.begin() + kRounds / 2, times.end());
  return times[kRounds / 2];
}

class Queue {
 public:
  explicit Queue(cuda::Driver& driver) : driver_(driver) {
    Check(driver.CreateStream(0, &stream_), "while making a stream");
  }
  ~Queue() { driver_.DestroyStream(stream_); }
  Queue(const Queue&) = delete;
  Queue& operator=(const Queue&) = delete;
  cuda::Stream* get() const { return stream_; }
  void Wait() const { Check(driver_.Synchronise(stream_), "while measuring"); }

 private:
  cuda::Driver& driver_;
  cuda::Stream* stream_ = nullptr;
};

class PinnedMemory {
 public:
  PinnedMemory(cuda::Driver& driver, size_t bytes) : driver_(driver) {
    Check(driver.AllocatePinned(0, bytes, &memory_), "for page-locked memory");
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
  cuda::Driver& driver_;
  void* memory_ = nullptr;
};

struct Bandwidths {
  double to_device;  // bytes a second
  double to_host;
  double device;  // read and written together
};

Bandwidths MeasureBandwidths(cuda::Driver& driver) {
  constexpr size_t kBytes = size_t{256} << 20;
  const PinnedMemory pinned(driver, kBytes);
  cuda::DeviceMemory from(driver, 0);
  cuda::DeviceMemory to(driver, 0);
  Check(from.Allocate(kBytes), "for a copy");
  Check(to.Allocate(kBytes), "for a copy");
  const Queue queue(driver);
  const auto wait = [&] { queue.Wait(); };
  const auto rate = [&](const auto& act) { return static_cast<double>(kBytes) / MedianSeconds(act, wait); };
  Bandwidths found{};
  found.to_device =
      rate([&] { Check(driver.CopyToDevice(queue.get(), from.get(), pinned.as<void>(), kBytes), "to copy"); });
  found.to_host =
      rate([&] { Check(driver.CopyToHost(queue.get(), pinned.as<void>(), from.get(), kBytes), "to copy"); });
  found.device = 2 * rate([&] { Check(driver.CopyOnDevice(queue.get(), to.get(), from.get(), kBytes), "to copy"); });
  return found;
}

// Noise that no two runs of a sum share, cheap to make.
void FillNoise(int16_t* samples, int64_t count) {
  uint32_t state = 1;
  for (int64_t i = 0; i < count; ++i) {
    state = state * 1664525u + 1013904223u;
    samples[i] = static_cast<int16_t>(state >> 16);
  }
}

struct Figure {
  std::string name;
  double frames_per_second;
  double bytes_per_second;
  int lanes;
  int workers;
};

std::vector<cuda::RaggedRun> Recordings(const FrontEndSpec& spec, const void* samples, size_t sample_bytes,
                                        int64_t recordings) {
  std::vector<cuda::RaggedRun> runs;
  for (int64_t i = 0; i < recordings; ++i) {
    const auto* at = static_cast<const std::byte*>(samples) + static_cast<size_t>(i * kSamples) * sample_bytes;
    runs.push_back({at, 0, kSamples, kSamples, 0, 1, 0, FrameCount(kSamples, spec.frame)});
  }
  return runs;
}

// Samples and rows stay in device memory; nothing but the kernel is measured.
Figure MeasureResident(cuda::Driver& driver, const FrontEndSpec& spec, const cuda::TileLayout& layout,
                       cuda::SampleFormat format, int64_t recordings) {
  const auto recipe = MakeRecipe(spec);
  const cuda::BatchShape shape{recipe->frame, format, layout.lanes, recipe->needs_previous_frame(),
                               recipe->raw_columns, {}, false};
  std::vector<std::byte> image;
  cuda::PackProgram(*recipe, layout, nullptr, &image);
  cuda::DeviceMemory tables(driver, 0);
  Check(tables.Allocate(image.size()), "for tables");
  const cuda::ProgramView view = cuda::PackProgram(*recipe, layout, tables.get(), &image);
  const auto runs = Recordings(spec, nullptr, shape.sample_bytes(), recordings);
  cuda::Chunker chunker(shape, runs, SIZE_MAX);
  cuda::Chunk chunk;
  chunker.Next(&chunk);
  std::vector<std::byte> input(chunk.rows_at);
  if (format == cuda::SampleFormat::kInt16) {
    FillNoise(reinterpret_cast<int16_t*>(input.data()), chunk.samples);
  } else {
    std::vector<int16_t> noise(static_cast<size_t>(chunk.samples));
    FillNoise(noise.data(), chunk.samples);
    std::transform(noise.begin(), noise.end(), reinterpret_cast<float*>(input.data()),
                   [](int16_t x) { return static_cast<float>(x) / 32768; });
  }
  cuda::FillJobs(shape, runs, chunk, reinterpret_cast<cuda::TileJob*>(input.data() + chunk.jobs_at));
  cuda::DeviceMemory memory(driver, 0);
  Check(memory.Allocate(chunk.bytes), "for samples and rows");
  const Queue queue(driver);
  Check(driver.CopyToDevice(queue.get(), tables.get(), image.data(), image.size()), "while copying tables");
  Check(driver.CopyToDevice(queue.get(), memory.get(), input.data(), input.size()), "while copying samples");
  queue.Wait();
  cuda::FrameLaunch launch{};
  launch.program = view;
  launch.layout = layout;
  launch.jobs = reinterpret_cast<const cuda::TileJob*>(memory.get() + chunk.jobs_at);
  launch.tiles = static_cast<int>(chunk.tiles);
  launch.samples = memory.get();
  launch.format = format;
  launch.rows = reinterpret_cast<float*>(memory.get() + chunk.rows_at);
  launch.stride = shape.row_columns();
  const double seconds = MedianSeconds([&] { Check(driver.LaunchFrames(queue.get(), launch), "while computing"); },
                                       [&] { queue.Wait(); });
  return {"", static_cast<double>(chunk.rows) / seconds, static_cast<double>(chunk.bytes) / seconds, layout.lanes,
          layout.workers};
}

// From page-locked int16 samples to page-locked rows.
Figure MeasureHostToHost(cuda::Driver& driver, const FrontEndSpec& spec, int64_t recordings) {
  const auto recipe = MakeRecipe(spec);
  const int64_t frames = recordings * FrameCount(kSamples, spec.frame);
  const size_t row_bytes = static_cast<size_t>(recipe->raw_columns) * sizeof(float);
  const PinnedMemory samples(driver, static_cast<size_t>(recordings * kSamples) * sizeof(int16_t));
  const PinnedMemory rows(driver, static_cast<size_t>(frames) * row_bytes);
  FillNoise(samples.as<int16_t>(), recordings * kSamples);
  const auto runs = Recordings(spec, samples.as<void>(), sizeof(int16_t), recordings);
  const auto program = cuda::MakeProgram(driver, 0, int64_t{384} << 20, recipe, nullptr);
  const double seconds = MedianSeconds(
      [&] {
        program->RaggedFrames(runs, cuda::SampleFormat::kInt16, cuda::Residence::kPinned, rows.as<float>(),
                              static_cast<size_t>(recipe->raw_columns));
      },
      [] {});
  const double bytes = static_cast<double>(recordings * kSamples) * sizeof(int16_t);
  return {"", static_cast<double>(frames) / seconds, bytes / seconds, 0, 0};
}

// The number behind "key": in a flat JSON object; 0 for none.
double NumberIn(const std::string& json, const std::string& key) {
  const size_t at = json.find("\"" + key + "\":");
  return at == std::string::npos ? 0 : std::strtod(json.c_str() + at + key.size() + 3, nullptr);
}

std::string ReadAll(const std::string& path) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

class Report {
 public:
  void Line(const std::string& key, double value, const char* unit) {
    std::printf("%-44s %14.4g %s\n", key.c_str(), value, unit);
    char number[64];
    std::snprintf(number, sizeof number, "%.6g", value);
    json_ += (json_.empty() ? "" : ",\n") + ("  \"" + key + "\": " + number);
  }
  void Text(const std::string& key, const std::string& value) {
    std::printf("%-44s %s\n", key.c_str(), value.c_str());
    json_ += (json_.empty() ? "" : ",\n") + ("  \"" + key + "\": \"" + value + "\"");
  }
  void Save(const std::string& path) const { std::ofstream(path) << "{\n" << json_ << "\n}\n"; }

 private:
  std::string json_;
};

void ReportFrontEnd(cuda::Driver& driver, const cuda::DeviceInfo& info, const Bandwidths& bandwidths,
                    const std::string& name, const FrontEndSpec& spec, double peer, Report& report) {
  // A gigabyte of samples and rows, or an eighth of the device.
  const int64_t recordings = std::clamp<int64_t>(info.memory_bytes / 8 / 2000000, 32, 512);
  const auto recipe = MakeRecipe(spec);
  const cuda::TileLayout chosen = cuda::ChooseLayout(*recipe, info);
  for (const auto format : {cuda::SampleFormat::kFloat32, cuda::SampleFormat::kInt16}) {
    const std::string label =
        name + (format == cuda::SampleFormat::kInt16 ? ".resident.int16" : ".resident.float32");
    const Figure figure = MeasureResident(driver, spec, chosen, format, recordings);
    report.Line(label + ".frames_per_second", figure.frames_per_second, "frames/s");
    report.Line(label + ".share_of_device_bandwidth", figure.bytes_per_second / bandwidths.device, "");
    if (peer > 0 && format == cuda::SampleFormat::kFloat32) {
      report.Line(name + ".resident.times_torchaudio", figure.frames_per_second / peer, "x");
    }
  }
  // Whether the layout that was chosen is the best one here.
  for (const int lanes : {8, 16, 32}) {
    for (const int workers : {8, 16, 32}) {
      const cuda::TileLayout layout = cuda::MakeLayout(*recipe, lanes, workers);
      const auto bytes = static_cast<int64_t>(layout.floats) * static_cast<int64_t>(sizeof(float));
      if (bytes > info.shared_bytes_per_block || lanes * workers > 512) continue;
      const Figure figure = MeasureResident(driver, spec, layout, cuda::SampleFormat::kInt16, recordings / 4);
      const bool is_chosen = lanes == chosen.lanes && workers == chosen.workers;
      report.Line(name + ".lanes" + std::to_string(lanes) + ".workers" + std::to_string(workers) +
                      (is_chosen ? ".chosen" : ""),
                  figure.frames_per_second, "frames/s");
    }
  }
  const Figure whole = MeasureHostToHost(driver, spec, recordings);
  report.Line(name + ".host_to_host.frames_per_second", whole.frames_per_second, "frames/s");
  report.Line(name + ".host_to_host.share_of_copy_bandwidth", whole.bytes_per_second / bandwidths.to_device, "");
}

std::string Today() {
  char text[32];
  const std::time_t now = std::time(nullptr);
  std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", std::gmtime(&now));
  return text;
}

}  // namespace

FrontEndSpec LogMel80() {
  FrontEndSpec spec{};
  spec.sample_rate_hz = 16000;
  spec.samples = {1, Normalise::kNone};
  spec.frame = {400, 160, 512, Placement::kCentre, Padding::kReflect, WindowShape::kHann, WindowSymmetry::kPeriodic,
                false, 0, PreEmphasisScope::kFrame};
  spec.spectrum = {SpectrumKind::kPower, std::nullopt};
  spec.mel = {80, 0, 8000, MelScale::kSlaney, MelSlope::kHz, MelNorm::kNone};
  spec.log = {LogKind::kLn, 1e-10, 1.0, std::nullopt, 0, 1};
  return spec;
}

FrontEndSpec Mfcc13() {
  FrontEndSpec spec = LogMel80();
  spec.mel->bands = 40;
  spec.cepstrum = {13, FirstCepstrum::kCepstrum, 0, 0};
  return spec;
}

void RunBench(cuda::Driver& driver, const cuda::DriverInfo& versions, const cuda::DeviceInfo& info,
              const std::string& json_path, const std::string& peer_path) {
  Report report;
  report.Text("date", Today());
  report.Text("card", info.name);
  report.Line("cuda_runtime", versions.runtime_version, "");
  report.Line("cuda_driver", versions.driver_version, "");
  const Bandwidths bandwidths = MeasureBandwidths(driver);
  report.Line("host_to_device_bytes_per_second", bandwidths.to_device, "B/s");
  report.Line("device_to_host_bytes_per_second", bandwidths.to_host, "B/s");
  report.Line("device_memory_bytes_per_second", bandwidths.device, "B/s");
  const std::string peer = peer_path.empty() ? "" : ReadAll(peer_path);
  const double logmel = NumberIn(peer, "logmel");
  const double mfcc = NumberIn(peer, "mfcc");
  if (logmel > 0) report.Line("torchaudio.logmel.frames_per_second", logmel, "frames/s");
  if (mfcc > 0) report.Line("torchaudio.mfcc.frames_per_second", mfcc, "frames/s");
  ReportFrontEnd(driver, info, bandwidths, "logmel-80", LogMel80(), logmel, report);
  ReportFrontEnd(driver, info, bandwidths, "mfcc-13", Mfcc13(), mfcc, report);
  report.Save(json_path);
}

}  // namespace undertone::check
