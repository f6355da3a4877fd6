#include "backend/cuda/program.h"

#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "backend/cuda/driver_library.h"
#include "backend/cuda/program_pack.h"
#include "backend/cuda/session.h"
#include "core/status.h"

namespace undertone::cuda {
namespace {

// A recipe's tables, in device memory.
class DeviceProgram {
 public:
  DeviceProgram(Driver& driver, int device, const FrameRecipe& recipe, const DeviceInfo& info)
      : layout_(ChooseLayout(recipe, info)), tables_(driver, device) {
    std::vector<std::byte> image;
    PackProgram(recipe, layout_, nullptr, &image);
    bytes_ = image.size();
    Check(tables_.Allocate(image.size()), "for a plan's tables");
    view_ = PackProgram(recipe, layout_, tables_.get(), &image);
    Stream* stream = nullptr;
    Check(driver.CreateStream(device, &stream), "while making a stream");
    DriverStatus status = driver.CopyToDevice(stream, tables_.get(), image.data(), image.size());
    const DriverStatus done = driver.Synchronise(stream);
    driver.DestroyStream(stream);
    Check(status, "while copying a plan's tables");
    Check(done, "while copying a plan's tables");
  }

  const ProgramView& view() const { return view_; }
  const TileLayout& layout() const { return layout_; }
  size_t bytes() const { return bytes_; }

 private:
  const TileLayout layout_;
  DeviceMemory tables_;
  ProgramView view_{};
  size_t bytes_ = 0;
};

// Weights of delta kernels, as the device reads them.
class DeltaTables {
 public:
  DeltaTables(Driver& driver, int device, const std::vector<DeltaKernel>& kernels) : tables_(driver, device) {
    std::vector<double> weights;
    for (const DeltaKernel& kernel : kernels) {
      offsets_.push_back(weights.size());
      weights.insert(weights.end(), kernel.weights.begin(), kernel.weights.end());
    }
    const size_t bytes = weights.size() * sizeof(double);
    Check(tables_.Allocate(bytes), "for the weights of deltas");
    Stream* stream = nullptr;
    Check(driver.CreateStream(device, &stream), "while making a stream");
    const DriverStatus status = driver.CopyToDevice(stream, tables_.get(), weights.data(), bytes);
    const DriverStatus done = driver.Synchronise(stream);
    driver.DestroyStream(stream);
    Check(status, "while copying the weights of deltas");
    Check(done, "while copying the weights of deltas");
  }

  const double* weights(size_t order) const {
    return reinterpret_cast<const double*>(tables_.get()) + offsets_[order];
  }

 private:
  DeviceMemory tables_;
  std::vector<size_t> offsets_;
};

std::vector<RaggedRun> ToRagged(std::span<const FrameRun> runs) {
  std::vector<RaggedRun> ragged;
  for (const FrameRun& run : runs) {
    const SignalView& signal = run.signal;
    ragged.push_back({signal.samples, signal.begin, signal.end, signal.total, signal.shift, signal.scale,
                      run.first_frame, run.frames});
  }
  return ragged;
}

class CudaProgram : public Program {
 public:
  CudaProgram(Driver& driver, int device, int64_t memory_bytes, std::shared_ptr<const FrameRecipe> recipe,
              const DeviceInfo& info, const Backend* host)
      : driver_(driver),
        device_(device),
        recipe_(std::move(recipe)),
        program_(driver, device, *recipe_, info),
        session_(driver, device, SlotBytes(memory_bytes)) {
    // Cepstra below a recording's peak are made from rows on the host.
    if (recipe_->cepstra_deferred && host != nullptr) deferred_ = host->Prepare(recipe_);
  }

  void Frames(std::span<const FrameRun> runs, float* rows, size_t stride) const override {
    RaggedFrames(ToRagged(runs), SampleFormat::kFloat32, Residence::kPageable, rows, stride);
  }

  void RaggedFrames(std::span<const RaggedRun> runs, SampleFormat format, Residence residence, float* rows,
                    size_t stride) const override {
    Run(Shape(format), runs, nullptr, residence, rows, stride);
  }

  void UtteranceRows(std::span<const FrameRun> runs, const DeltaSpec& deltas,
                     const std::vector<DeltaKernel>& kernels, float* rows, size_t stride) const override {
    BatchShape shape = Shape(SampleFormat::kFloat32);
    DeltaLaunch launch{};
    launch.columns = recipe_->raw_columns;
    launch.orders = static_cast<int>(kernels.size());
    launch.stride = launch.columns * (1 + launch.orders);
    launch.inside_only = shape.delta_inside_only = deltas.convention == DeltaConvention::kLibrosa;
    const std::lock_guard lock(delta_mutex_);
    if (!delta_tables_) delta_tables_ = std::make_unique<DeltaTables>(driver_, device_, kernels);
    for (size_t order = 0; order < kernels.size(); ++order) {
      launch.weights[order] = delta_tables_->weights(order);
      launch.half[order] = kernels[order].half();
      launch.edge[order] = DeltaEdge(deltas, order + 1);
      shape.delta_halves.push_back(kernels[order].half());
    }
    Run(shape, ToRagged(runs), &launch, Residence::kPageable, rows, stride);
  }

  void Cepstra(const float* log_rows, size_t log_stride, int64_t count, float* rows,
               size_t stride) const override {
    RequireHost().Cepstra(log_rows, log_stride, count, rows, stride);
  }

  int64_t group_frames() const override { return kGroupFrames; }

 private:
  // Enough for some hundred tiles on each multiprocessor, few enough for the host's memory.
  static constexpr int64_t kGroupFrames = 1 << 16;

  const FrameProgram& RequireHost() const {
    if (!deferred_) throw Error(StatusCode::kInternal, "Cepstra below a peak need a backend of the host");
    return *deferred_;
  }

  size_t SlotBytes(int64_t memory_bytes) const {
    // More than the weights of any deltas, which are made when first asked for.
    constexpr int64_t kDeltaBytes = 16 << 10;
    const int64_t left = memory_bytes - static_cast<int64_t>(program_.bytes()) - kDeltaBytes;
    if (left < kLeastMemoryBytes / 2) {
      throw Error(
          StatusCode::kUsage,
          "Expected at least " +
              std::to_string(((static_cast<int64_t>(program_.bytes()) + kLeastMemoryBytes) >> 20) + 1) +
              " MiB for --gpu-memory but received " + std::to_string(memory_bytes >> 20) +
              " of type number: the plan's tables take part of it");
    }
    return static_cast<size_t>(left);
  }

  BatchShape Shape(SampleFormat format) const {
    return {recipe_->frame,
            format,
            program_.layout().lanes,
            recipe_->needs_previous_frame(),
            recipe_->raw_columns,
            {},
            false};
  }

  void Run(const BatchShape& shape, std::span<const RaggedRun> runs, const DeltaLaunch* deltas,
           Residence residence, float* rows, size_t stride) const {
    const auto launch = [&](Stream* stream, const Chunk& chunk, std::byte* memory) {
      FrameLaunch frames{};
      frames.program = program_.view();
      frames.layout = program_.layout();
      frames.jobs = reinterpret_cast<const TileJob*>(memory + chunk.jobs_at);
      frames.tiles = static_cast<int>(chunk.tiles);
      frames.samples = memory;
      frames.format = shape.format;
      frames.rows = reinterpret_cast<float*>(memory + chunk.rows_at);
      frames.stride = shape.row_columns();
      const DriverStatus status = driver_.LaunchFrames(stream, frames);
      if (deltas == nullptr || !status.ok()) return status;
      DeltaLaunch second = *deltas;
      second.jobs = reinterpret_cast<const DeltaJob*>(memory + chunk.delta_jobs_at);
      second.job_count = static_cast<int>(chunk.delta_jobs);
      second.rows = frames.rows;
      return driver_.LaunchDeltas(stream, second);
    };
    const std::lock_guard lock(session_mutex_);
    session_.Run(shape, runs, launch, residence, rows, stride);
  }

  Driver& driver_;
  const int device_;
  const std::shared_ptr<const FrameRecipe> recipe_;
  const DeviceProgram program_;
  mutable std::mutex session_mutex_;
  mutable Session session_;
  mutable std::mutex delta_mutex_;
  mutable std::unique_ptr<DeltaTables> delta_tables_;
  std::unique_ptr<const FrameProgram> deferred_;
};

}  // namespace

DeviceInfo DescribeChosen(Driver& driver, int device) {
  DriverInfo found{};
  Check(driver.Describe(&found), "while counting devices");
  if (device >= found.devices) {
    throw Error(StatusCode::kUnsupportedDevice,
                "The device cuda:" + std::to_string(device) + " is not on this machine: it has " +
                    std::to_string(found.devices) + " CUDA device(s), counted from cuda:0");
  }
  DeviceInfo info{};
  Check(driver.DescribeDevice(device, &info), "while describing the device");
  return info;
}

std::unique_ptr<Program> MakeProgram(Driver& driver, int device, int64_t memory_bytes,
                                     std::shared_ptr<const FrameRecipe> recipe, const Backend* host) {
  CheckComputable(*recipe);
  const DeviceInfo info = DescribeChosen(driver, device);
  return std::make_unique<CudaProgram>(driver, device, memory_bytes, std::move(recipe), info, host);
}

}  // namespace undertone::cuda
