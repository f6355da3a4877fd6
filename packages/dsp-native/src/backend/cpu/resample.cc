// Contract in resample.h.
#include "backend/cpu/resample.h"

#include <hwy/aligned_allocator.h>

#include <algorithm>
#include <array>
#include <new>
#include <numbers>

namespace undertone {
namespace {

constexpr size_t kMaxLanes = 64;

// One a thread: a fresh one for every short recording would cost more than the tile.
float* ThreadScratch(size_t floats) {
  thread_local hwy::AlignedFreeUniquePtr<float[]> memory;
  thread_local size_t size = 0;
  if (size < floats) {
    memory = hwy::AllocateAligned<float>(floats);
    if (!memory) throw std::bad_alloc();
    size = floats;
  }
  return memory.get();
}

// Windows of streams that have ended: fresh pages for every short recording would cost more than resampling
// it.
struct SpareWindows {
  std::array<Samples, 4> windows;
  size_t count = 0;
};
SpareWindows& ThreadSpares() {
  thread_local SpareWindows spares;
  return spares;
}

Samples TakeWindow() {
  SpareWindows& spares = ThreadSpares();
  if (spares.count == 0) return {};
  Samples window = std::move(spares.windows[--spares.count]);
  window.clear();
  return window;
}

// ceil(samples · up / down) without the product, which could wrap.
uint64_t CeilScaled(uint64_t samples, uint64_t up, uint64_t down) {
  return samples / down * up + (samples % down * up + down - 1) / down;
}

}  // namespace

StageStream::StageStream(const signal::ResampleStage& stage, int64_t offset, uint64_t first_block,
                         int64_t first_sample)
    : stage_(&stage),
      kernel_(&GetResampleKernel()),
      window_(TakeWindow()),
      produced_(first_block * stage.outputs) {
  const int64_t begin = FirstSample(stage, offset, first_block) - first_sample;
  if (begin < 0) window_.resize(static_cast<size_t>(-begin), 0.0f);
  next_ = {static_cast<size_t>(std::max<int64_t>(begin, 0)), produced_ * stage.down % stage.up};
}

int64_t StageStream::FirstSample(const signal::ResampleStage& stage, int64_t offset, uint64_t block) {
  const uint64_t travelled = block * stage.outputs * stage.down / stage.up;
  return offset - static_cast<int64_t>(stage.before) + static_cast<int64_t>(travelled);
}

StageStream::~StageStream() {
  SpareWindows& spares = ThreadSpares();
  if (window_.capacity() == 0 || spares.count == spares.windows.size()) return;
  spares.windows[spares.count++] = std::move(window_);
}

StageStream::Place StageStream::After(Place place, size_t blocks) const {
  const uint64_t travelled = place.phase + blocks * stage_->outputs * stage_->down;
  return {place.begin + static_cast<size_t>(travelled / stage_->up), travelled % stage_->up};
}

// The sample nearest to the block's first output stands at `before`.
size_t StageStream::Begin(Place place) const {
  return place.begin + (2 * place.phase >= stage_->up && place.phase > 0 ? 1 : 0);
}

size_t StageStream::End(size_t blocks) const { return Begin(After(next_, blocks - 1)) + stage_->forward; }

// A tile's samples are all that ever piles up; those of blocks that lie in `in` are read where they are.
void StageStream::Process(const float* in, size_t samples, Samples* out) {
  while (true) {
    const size_t held = window_.size();
    const size_t end = End(kernel_->lanes);
    window_.reserve(end + stage_->forward);
    if (held + samples < end) {
      Append(in, samples, &window_);
      return;
    }
    // For the blocks that begin in the window and end beyond it.
    Append(in, std::min(samples, stage_->forward), &window_);
    RunTile(kernel_->lanes, held, in, out);
    window_.resize(held);
    // The next block may begin beyond what has arrived.
    const size_t used = std::min(next_.begin - std::min(next_.begin, held), samples);
    const size_t dropped = std::min(next_.begin, held);
    window_.erase(window_.begin(), window_.begin() + static_cast<std::ptrdiff_t>(dropped));
    next_.begin -= dropped + used;
    in += used;
    samples -= used;
  }
}

void StageStream::Finish(uint64_t total, Samples* out) {
  while (produced_ < total) {
    const uint64_t left = (total - produced_ + stage_->outputs - 1) / stage_->outputs;
    const auto blocks = static_cast<size_t>(std::min<uint64_t>(left, kernel_->lanes));
    window_.resize(std::max(window_.size(), End(blocks)), 0.0f);
    RunTile(blocks, window_.size(), nullptr, out);
  }
  out->resize(out->size() - static_cast<size_t>(produced_ - total));
}

// Samples from index `held` of the window on are also those of `in`. Idle lanes repeat the last block.
void StageStream::RunTile(size_t blocks, size_t held, const float* in, Samples* out) {
  const size_t outputs = stage_->outputs;
  const size_t before = out->size();
  const size_t scratch_size = kernel_->scratch_size(*stage_);
  float* scratch = ThreadScratch(scratch_size + outputs);
  out->resize(before + blocks * outputs);
  const float* sources[kMaxLanes];
  float* targets[kMaxLanes];
  float turns[kMaxLanes];
  Place place = next_;
  for (size_t lane = 0; lane < kernel_->lanes; ++lane) {
    if (lane >= blocks) {
      sources[lane] = sources[lane - 1];
      targets[lane] = scratch + scratch_size;
      turns[lane] = turns[lane - 1];
      continue;
    }
    const size_t begin = Begin(place);
    sources[lane] = begin < held ? window_.data() + begin : in + (begin - held);
    targets[lane] = out->data() + before + lane * outputs;
    const double behind = static_cast<double>(place.phase) / static_cast<double>(stage_->up) -
                          static_cast<double>(begin - place.begin);
    turns[lane] = static_cast<float>(2 * std::numbers::pi * behind / static_cast<double>(stage_->forward));
    place = After(place, 1);
  }
  kernel_->tile(*stage_, sources, turns, scratch, targets);
  next_ = After(next_, blocks);
  produced_ += blocks * outputs;
}

Resampler::Resampler(int from_hz, int to_hz, uint64_t first_output)
    : design_(signal::ResampleDesign::Get(from_hz, to_hz)), first_output_(first_output) {
  const size_t count = design_->stages.size();
  std::vector<int64_t> offsets(count);
  int64_t lead = 0;  // the source's samples before time 0
  for (size_t i = 0; i < count; ++i) {
    // Stages before the last have an up of 1.
    const auto margin = static_cast<int64_t>(design_->margins[i]);
    offsets[i] = lead - margin * static_cast<int64_t>(design_->stages[i].down);
    lead = margin;
  }
  std::vector<uint64_t> blocks(count);
  uint64_t wanted = first_output;
  for (size_t i = count; i-- > 0;) {
    const signal::ResampleStage& stage = design_->stages[i];
    blocks[i] = wanted / stage.outputs;
    wanted =
        static_cast<uint64_t>(std::max<int64_t>(StageStream::FirstSample(stage, offsets[i], blocks[i]), 0));
  }
  first_input_ = consumed_ = wanted;
  uint64_t given = wanted;  // the first sample that the stage is given
  for (size_t i = 0; i < count; ++i) {
    const signal::ResampleStage& stage = design_->stages[i];
    streams_.emplace_back(stage, offsets[i], blocks[i], static_cast<int64_t>(given));
    given = blocks[i] * stage.outputs;
  }
  surplus_ = first_output - given;
  between_.resize(count - 1);
}

void Resampler::Process(const float* in, size_t samples, Samples* out) {
  const size_t before = out->size();
  consumed_ += samples;
  for (size_t i = 0; i < streams_.size(); ++i) {
    Samples* to = Target(i, out);
    streams_[i].Process(in, samples, to);
    in = to->data();
    samples = to->size();
  }
  Drop(before, out);
}

void Resampler::Finish(Samples* out) {
  // A stream that ends before the output it was to begin with has none.
  if (CeilScaled(consumed_, design_->up, design_->down) <= first_output_) return;
  const size_t before = out->size();
  const float* in = nullptr;
  size_t samples = 0;
  uint64_t length = consumed_;
  for (size_t i = 0; i < streams_.size(); ++i) {
    const signal::ResampleStage& stage = design_->stages[i];
    const bool last = i + 1 == streams_.size();
    Samples* to = Target(i, out);
    if (samples > 0) streams_[i].Process(in, samples, to);
    length = last ? CeilScaled(consumed_, design_->up, design_->down) : CeilScaled(length, 1, stage.down);
    streams_[i].Finish(length + 2 * design_->margins[i], to);
    in = to->data();
    samples = to->size();
  }
  Drop(before, out);
}

// Takes the surplus out of what was appended from index `from` on.
void Resampler::Drop(size_t from, Samples* out) {
  const auto count = static_cast<size_t>(std::min<uint64_t>(surplus_, out->size() - from));
  const auto begin = out->begin() + static_cast<std::ptrdiff_t>(from);
  out->erase(begin, begin + static_cast<std::ptrdiff_t>(count));
  surplus_ -= count;
}

// Where stage i appends to.
Samples* Resampler::Target(size_t i, Samples* out) {
  if (i == between_.size()) return out;
  between_[i].clear();
  return &between_[i];
}

}  // namespace undertone
