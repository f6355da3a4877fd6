#include "backend/cpu/cpu_backend.h"

#include <hwy/aligned_allocator.h>

#include <algorithm>
#include <new>
#include <utility>

#include "backend/cpu/isa.h"
#include "backend/cpu/tile_kernels.h"
#include "signal/grid.h"

namespace undertone {
namespace {

hwy::AlignedFreeUniquePtr<float[]> AllocateRows(size_t rows, size_t lanes) {
  auto memory = hwy::AllocateAligned<float>(std::max<size_t>(1, rows * lanes));
  if (!memory) throw std::bad_alloc();
  return memory;
}

// Prepares samples of one recording: conditioned, pre-emphasised along the signal where asked, padded at the
// ends.
class Framer {
 public:
  Framer(const FrameRecipe& recipe, const TileKernels& kernels) : kernels_(kernels), frame_(recipe.frame) {
    emphasised_ = frame_.pre_emphasis != 0 && frame_.pre_emphasis_scope == PreEmphasisScope::kSignal;
    rest_ = static_cast<float>(1 - frame_.pre_emphasis);
  }

  // out: samples [begin, end) of the padded recording.
  void Fill(const SignalView& signal, int64_t begin, int64_t end, float* out) const {
    const int64_t inner_begin = std::clamp<int64_t>(0, begin, end);
    const int64_t inner_end = std::clamp(signal.total, inner_begin, end);
    for (int64_t i = begin; i < inner_begin; ++i) *out++ = Padded(signal, i);
    out = FillInner(signal, inner_begin, inner_end, out);
    for (int64_t i = inner_end; i < end; ++i) *out++ = Padded(signal, i);
  }

 private:
  float Conditioned(const SignalView& signal, int64_t index) const {
    float value;
    kernels_.condition(signal.samples + (index - signal.begin), 1, signal.shift, signal.scale, &value);
    return value;
  }

  // x[n] - c x[n - 1], in the form that PreEmphasise() of frame-inl.h explains.
  float Emphasise(float value, float previous) const { return (value - previous) + rest_ * previous; }

  // The first sample of a recording stays as it is.
  float Emphasised(const SignalView& signal, int64_t index) const {
    const float value = Conditioned(signal, index);
    if (!emphasised_ || index == 0) return value;
    return Emphasise(value, Conditioned(signal, index - 1));
  }

  float Padded(const SignalView& signal, int64_t index) const {
    const int64_t source = PaddedIndex(index, signal.total, frame_.padding);
    return source == kPadZero ? 0.0f : Emphasised(signal, source);
  }

  float* FillInner(const SignalView& signal, int64_t begin, int64_t end, float* out) const {
    if (begin == end) return out;
    const size_t count = static_cast<size_t>(end - begin);
    kernels_.condition(signal.samples + (begin - signal.begin), count, signal.shift, signal.scale, out);
    if (emphasised_) {
      // Backwards, as it works in place; the first one's predecessor is not in `out`.
      for (size_t i = count - 1; i > 0; --i) out[i] = Emphasise(out[i], out[i - 1]);
      out[0] = Emphasised(signal, begin);
    }
    return out + count;
  }

  const TileKernels& kernels_;
  const FrameSpec& frame_;
  bool emphasised_;
  float rest_;
};

// One thread's working memory for a program, and the tile that is being gathered.
class TileBuilder {
 public:
  TileBuilder(const TileProgram& program, const TileKernels& kernels)
      : program_(program),
        kernels_(kernels),
        framer_(*program.recipe, kernels),
        length_(static_cast<size_t>(program.recipe->frame.length_samples)),
        hop_(static_cast<size_t>(program.recipe->frame.hop_samples)),
        tile_(AllocateRows(TileRows(program.fft), kernels.lanes)),
        spectrum_(AllocateRows(static_cast<size_t>(BinCount(program.recipe->frame)), kernels.lanes)),
        values_(AllocateRows(ValueRows(*program.recipe), kernels.lanes)),
        output_(AllocateRows(static_cast<size_t>(program.recipe->base_columns()), kernels.lanes)),
        samples_(AllocateRows(length_, kernels.lanes)),
        unused_row_(AllocateRows(RowWidth(), 1)),
        sources_(kernels.lanes),
        rows_(kernels.lanes) {
    // What an idle lane reads must be defined, although nobody reads what it computes.
    std::fill_n(samples_.get(), length_ * kernels.lanes, 0.0f);
    std::fill_n(unused_row_.get(), RowWidth(), 0.0f);
  }

  // Adds frames [first, first + count) of a recording; their rows are `stride` apart.
  void AddFrames(const FrameRun& run, float* rows, size_t stride) {
    int64_t done = 0;
    while (done < run.frames) {
      const int64_t count =
          std::min<int64_t>(run.frames - done, static_cast<int64_t>(kernels_.lanes - used_));
      Gather(run.signal, run.first_frame + done, static_cast<size_t>(count));
      for (int64_t i = 0; i < count; ++i) rows_[used_ + static_cast<size_t>(i)] = rows + (done + i) * stride;
      used_ += static_cast<size_t>(count);
      done += count;
      if (used_ == kernels_.lanes) FlushFrames();
    }
  }

  void FlushFrames() { Flush(kernels_.frames, samples_.get()); }

  void AddLogRow(const float* log_row, float* row) {
    sources_[used_] = log_row;
    rows_[used_] = row;
    if (++used_ == kernels_.lanes) FlushCepstra();
  }

  void FlushCepstra() { Flush(kernels_.cepstra, unused_row_.get()); }

 private:
  using Kernel = void (*)(const TileProgram&, const float* const*, const TileScratch&, float* const*);

  size_t RowWidth() const {
    return static_cast<size_t>(std::max(program_.recipe->frame_columns(), program_.recipe->base_columns()));
  }

  // Conditions the samples of `count` frames for the next lanes. Overlapping frames share one stretch of
  // samples.
  void Gather(const SignalView& signal, int64_t first_frame, size_t count) {
    const size_t step = std::min(hop_, length_);
    float* stretch = samples_.get() + used_ * length_;
    for (size_t i = 0; i < count; ++i) sources_[used_ + i] = stretch + i * step;
    const int64_t start = FrameStart(first_frame, program_.recipe->frame);
    if (step == hop_) {
      framer_.Fill(signal, start, start + static_cast<int64_t>((count - 1) * hop_ + length_), stretch);
      return;
    }
    for (size_t i = 0; i < count; ++i) {
      const int64_t begin = start + static_cast<int64_t>(i * hop_);
      framer_.Fill(signal, begin, begin + static_cast<int64_t>(length_), stretch + i * length_);
    }
  }

  void Flush(Kernel kernel, const float* idle_source) {
    if (used_ == 0) return;
    for (size_t lane = used_; lane < kernels_.lanes; ++lane) {
      sources_[lane] = idle_source;
      rows_[lane] = unused_row_.get();
    }
    kernel(program_, sources_.data(), {tile_.get(), spectrum_.get(), values_.get(), output_.get()},
           rows_.data());
    used_ = 0;
  }

  const TileProgram& program_;
  const TileKernels& kernels_;
  const Framer framer_;
  const size_t length_;
  const size_t hop_;
  const hwy::AlignedFreeUniquePtr<float[]> tile_;
  const hwy::AlignedFreeUniquePtr<float[]> spectrum_;
  const hwy::AlignedFreeUniquePtr<float[]> values_;
  const hwy::AlignedFreeUniquePtr<float[]> output_;
  const hwy::AlignedFreeUniquePtr<float[]> samples_;
  const hwy::AlignedFreeUniquePtr<float[]> unused_row_;
  std::vector<const float*> sources_;
  std::vector<float*> rows_;
  size_t used_ = 0;
};

class CpuProgram : public FrameProgram {
 public:
  CpuProgram(std::shared_ptr<const FrameRecipe> recipe, const TileKernels& kernels)
      : program_{recipe, MakeRealFft(recipe->frame.fft_size)}, kernels_(kernels) {}

  void Frames(std::span<const FrameRun> runs, float* rows, size_t stride) const override {
    TileBuilder builder(program_, kernels_);
    for (const FrameRun& run : runs) {
      builder.AddFrames(run, rows, stride);
      rows += static_cast<size_t>(run.frames) * stride;
    }
    builder.FlushFrames();
  }

  void Cepstra(const float* log_rows, size_t log_stride, int64_t count, float* rows,
               size_t stride) const override {
    TileBuilder builder(program_, kernels_);
    for (int64_t i = 0; i < count; ++i) builder.AddLogRow(log_rows + i * log_stride, rows + i * stride);
    builder.FlushCepstra();
  }

 private:
  const TileProgram program_;
  const TileKernels& kernels_;
};

class Cpu : public Backend {
 public:
  explicit Cpu(const TileKernels& kernels) : kernels_(kernels) {}

  std::unique_ptr<FrameProgram> Prepare(std::shared_ptr<const FrameRecipe> recipe) const override {
    return std::make_unique<CpuProgram>(std::move(recipe), kernels_);
  }

 private:
  const TileKernels& kernels_;
};

}  // namespace

const Backend& CpuBackend() {
  static const Cpu cpu(*SelectIsa().kernels);
  return cpu;
}

}  // namespace undertone
