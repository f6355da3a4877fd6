#include "backend/cpu/cpu_backend.h"

#include <hwy/aligned_allocator.h>

#include <algorithm>
#include <cmath>
#include <new>
#include <utility>

#include "backend/cpu/isa.h"
#include "backend/cpu/tile_kernels.h"
#include "signal/grid.h"

namespace undertone {
namespace {

// Prepares samples of one recording: conditioned, pre-emphasised along the signal where asked, padded at the
// ends.
class Framer {
 public:
  Framer(const FrameRecipe& recipe, const TileKernels& kernels) : kernels_(kernels), frame_(recipe.frame) {
    emphasised_ = frame_.pre_emphasis != 0 && frame_.pre_emphasis_scope == PreEmphasisScope::kSignal;
    rest_ = static_cast<float>(1 - frame_.pre_emphasis);
  }

  // True when samples [begin, end) are in the recording, and conditioning would not change them.
  bool IsPlain(const SignalView& signal, int64_t begin, int64_t end) const {
    return !emphasised_ && signal.shift == 0 && signal.scale == 1 && begin >= 0 && end <= signal.total &&
           kernels_.are_clean(signal.samples + (begin - signal.begin), static_cast<size_t>(end - begin));
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

  // x[n] - c x[n - 1], in the form that WriteSamples() of frame-inl.h explains.
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

// A tile's memory, each part only as large as the recipe needs it, all of it zero: what an idle lane reads
// must be defined, although nobody reads what it computes.
class TileMemory {
 public:
  TileMemory(const TileProgram& program, size_t lanes) : lanes_(lanes) {
    const FrameRecipe& recipe = *program.recipe;
    const size_t length = recipe.window.size();
    const bool describes = recipe.has_descriptors(DescriptorDomain::kSpectrum);
    const size_t bins = describes ? static_cast<size_t>(recipe.descriptor_fft_size) / 2 + 1 : 0;
    const size_t previous_bins = recipe.needs_previous_frame() ? bins : 0;
    const int cepstra = recipe.cepstrum ? recipe.cepstra_columns() : 0;
    scratch_.slid = Floats(program.slid_lanes * static_cast<size_t>(recipe.frame.hop_samples) + lanes_);
    scratch_.samples = Rows(length);
    scratch_.windowed = Rows(recipe.has_descriptors(DescriptorDomain::kWindowed) ? length : 0);
    scratch_.tile = Rows(
        std::max(TileRows(program.main.fft), program.descriptors ? TileRows(program.descriptors->fft) : 0));
    const int filtered_bins = recipe.constant_q ? recipe.constant_q->spectrum_bins : 0;
    scratch_.spectrum = Rows(static_cast<size_t>(std::max(BinCount(recipe.frame), 2 * filtered_bins)));
    scratch_.magnitudes = Rows(bins);
    scratch_.previous_spectrum = Rows(previous_bins);
    scratch_.last_spectrum = Floats(previous_bins);
    scratch_.has_previous = Rows(1);
    scratch_.first_inside = Rows(1);
    scratch_.end_inside = Rows(1);
    scratch_.extremes = Rows(2 * static_cast<size_t>(recipe.contrast_kept()));
    peaks_.largest.resize(lanes);
    scratch_.peaks = &peaks_;
    scratch_.values = Rows(static_cast<size_t>(recipe.spectral_columns()) + 1);
    scratch_.row = Rows(static_cast<size_t>(std::max(recipe.raw_columns, cepstra)));
    samples_ = Rows(length);
    unused_row_ = Floats(static_cast<size_t>(std::max({recipe.raw_columns, cepstra, recipe.log_columns()})));
  }

  const TileScratch& scratch() const { return scratch_; }
  float* samples() const { return samples_; }
  float* unused_row() const { return unused_row_; }

 private:
  float* Rows(size_t rows) { return Floats(rows * lanes_); }

  float* Floats(size_t count) {
    if (count == 0) return nullptr;
    auto memory = hwy::AllocateAligned<float>(count);
    if (!memory) throw std::bad_alloc();
    std::fill_n(memory.get(), count, 0.0f);
    parts_.push_back(std::move(memory));
    return parts_.back().get();
  }

  const size_t lanes_;
  std::vector<hwy::AlignedFreeUniquePtr<float[]>> parts_;
  TilePeaks peaks_;
  TileScratch scratch_{};
  float* samples_;
  float* unused_row_;
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
        memory_(program, kernels.lanes),
        sources_(kernels.lanes),
        rows_(kernels.lanes),
        sinks_(kernels.lanes) {}

  // Adds frames [first, first + count) of a recording; their rows are `stride` apart.
  void AddFrames(const FrameRun& run, float* rows, size_t stride) {
    // The frame before the first one is computed for those that compare.
    if (program_.recipe->needs_previous_frame() && run.first_frame > 0 && run.frames > 0) {
      AddSome(run.signal, run.first_frame - 1, 1, nullptr, memory_.unused_row(), 0);
    }
    int64_t done = 0;
    while (done < run.frames) {
      const int64_t count =
          std::min<int64_t>(run.frames - done, static_cast<int64_t>(kernels_.lanes - used_));
      AddSome(run.signal, run.first_frame + done, static_cast<size_t>(count), run.peaks, rows + done * stride,
              stride);
      done += count;
    }
  }

  void FlushFrames() {
    const size_t frames = used_;
    Flush(kernels_.frames, memory_.samples());
    if (frames == 0 || !program_.recipe->peaks) return;
    const TilePeaks& peaks = *memory_.scratch().peaks;
    for (const TilePeaks::Found& found : peaks.found) {
      if (found.lane >= frames || sinks_[found.lane] == nullptr) continue;
      sinks_[found.lane]->Add(found.peak, peaks.largest[found.lane]);
    }
  }

  void AddLogRow(const float* log_row, float* row) {
    sources_[used_] = log_row;
    rows_[used_] = row;
    if (++used_ == kernels_.lanes) FlushCepstra();
  }

  void FlushCepstra() { Flush(kernels_.cepstra, memory_.unused_row()); }

 private:
  using Kernel = void (*)(const TileProgram&, const float* const*, const TileScratch&, float* const*);

  // Adds at most as many frames as the tile has room for.
  void AddSome(const SignalView& signal, int64_t first_frame, size_t count, PeakSink* sink, float* rows,
               size_t stride) {
    Gather(signal, first_frame, count);
    for (size_t i = 0; i < count; ++i) {
      rows_[used_ + i] = rows + i * stride;
      sinks_[used_ + i] = sink;
      memory_.scratch().has_previous[used_ + i] = first_frame + static_cast<int64_t>(i) > 0 ? 1.0f : 0.0f;
    }
    used_ += count;
    if (used_ == kernels_.lanes) FlushFrames();
  }

  // Conditions the samples of `count` frames for the next lanes. Overlapping frames share one stretch of
  // samples.
  void Gather(const SignalView& signal, int64_t first_frame, size_t count) {
    const size_t step = std::min(hop_, length_);
    float* stretch = memory_.samples() + used_ * length_;
    for (size_t i = 0; i < count; ++i) sources_[used_ + i] = stretch + i * step;
    const int64_t start = FrameStart(first_frame, program_.recipe->frame);
    const int64_t end = start + static_cast<int64_t>((count - 1) * hop_ + length_);
    if (framer_.IsPlain(signal, start, end)) {
      // As they lie in the recording.
      const float* samples = signal.samples + (start - signal.begin);
      for (size_t i = 0; i < count; ++i) sources_[used_ + i] = samples + i * hop_;
    } else if (step == hop_) {
      framer_.Fill(signal, start, end, stretch);
    } else {
      for (size_t i = 0; i < count; ++i) {
        const int64_t begin = start + static_cast<int64_t>(i * hop_);
        framer_.Fill(signal, begin, begin + static_cast<int64_t>(length_), stretch + i * length_);
      }
    }
    for (size_t i = 0; i < count; ++i) MarkInside(signal, start + static_cast<int64_t>(i * hop_), used_ + i);
  }

  // Which of a frame's samples are the recording's, and not padding.
  void MarkInside(const SignalView& signal, int64_t start, size_t lane) {
    const auto row = [this](int64_t index) {
      return static_cast<float>(std::clamp<int64_t>(index, 0, static_cast<int64_t>(length_)));
    };
    memory_.scratch().first_inside[lane] = row(-start);
    memory_.scratch().end_inside[lane] = row(signal.total - start);
  }

  void Flush(Kernel kernel, const float* idle_source) {
    if (used_ == 0) return;
    for (size_t lane = used_; lane < kernels_.lanes; ++lane) {
      sources_[lane] = idle_source;
      rows_[lane] = memory_.unused_row();
    }
    kernel(program_, sources_.data(), memory_.scratch(), rows_.data());
    used_ = 0;
  }

  const TileProgram& program_;
  const TileKernels& kernels_;
  const Framer framer_;
  const size_t length_;
  const size_t hop_;
  const TileMemory memory_;
  std::vector<const float*> sources_;
  std::vector<float*> rows_;
  std::vector<PeakSink*> sinks_;
  size_t used_ = 0;
};

WindowedFft MakeWindowedFft(const FrameRecipe& recipe, int fft_size) {
  WindowedFft made{MakeRealFft(fft_size), recipe.window};
  if (made.fft.split) {
    for (float& weight : made.window) weight *= 0.5f;
  }
  return made;
}

TileProgram MakeTileProgram(std::shared_ptr<const FrameRecipe> recipe, size_t lanes) {
  const FrameSpec& frame = recipe->frame;
  TileProgram program{recipe, MakeWindowedFft(*recipe, frame.fft_size), std::nullopt, lanes, 0, {}, {}};
  if (recipe->descriptor_fft_size != frame.fft_size) {
    program.descriptors = MakeWindowedFft(*recipe, recipe->descriptor_fft_size);
  }
  const int hop = frame.hop_samples;
  if (hop < frame.length_samples) {
    const auto more = static_cast<size_t>((frame.length_samples - 1) / hop);
    program.slid_lanes = lanes + (more + 3) / 4 * 4;
  }
  for (int n = 0; n < frame.length_samples; ++n) {
    program.slid_offsets.push_back(n % hop * static_cast<int>(program.slid_lanes) + n / hop);
    program.aligned_offsets.push_back(n * static_cast<int>(lanes));
  }
  return program;
}

class CpuProgram : public FrameProgram {
 public:
  CpuProgram(std::shared_ptr<const FrameRecipe> recipe, const TileKernels& kernels)
      : program_(MakeTileProgram(std::move(recipe), kernels.lanes)), kernels_(kernels) {}

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
