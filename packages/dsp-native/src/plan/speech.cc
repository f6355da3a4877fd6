// Contract in speech.h.
#include "plan/speech.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

#include "core/status.h"
#include "plan/speech_kernels.h"

namespace undertone {
namespace {

constexpr float kHighest = std::numeric_limits<float>::max();

void Require(bool holds, const char* what) {
  if (!holds)
    throw Error(StatusCode::kUsage, std::string("Expected ") + what + " for the detection of speech");
}

void CheckSpec(const SpeechSpec& spec) {
  Require(spec.bands >= 1 && spec.first_column >= 0 && spec.first_column + spec.bands <= spec.columns,
          "mel bands inside the row");
  Require(spec.high_band >= 0 && spec.high_band <= spec.bands, "high bands among the mel bands");
  Require(spec.band_offsets.size() == static_cast<size_t>(spec.bands), "an offset for each band");
  Require(
      spec.group_edges.size() >= 2 && spec.group_edges.front() >= 0 && spec.group_edges.back() <= spec.bands,
      "groups of the mel bands");
  for (size_t g = 1; g < spec.group_edges.size(); ++g) {
    Require(spec.group_edges[g - 1] < spec.group_edges[g], "ascending group edges");
  }
  Require(spec.block_frames >= 1 && spec.side_blocks >= 1 && spec.min_side_blocks >= 1 &&
              spec.min_side_blocks <= spec.side_blocks + 1,
          "blocks of at least one frame, and at least one on each side");
  Require(
      spec.min_run_frames >= 1 && spec.gap_frames >= 0 && spec.lead_frames >= 0 && spec.hangover_frames >= 0,
      "runs, gaps and hangover that are not negative");
  // Deciding looks one block to each side.
  Require(
      spec.min_run_frames + spec.gap_frames + spec.lead_frames + spec.hangover_frames <= spec.block_frames,
      "runs, gaps and hangover that fit into one block");
  Require(spec.first_block >= 0, "a first block that is not negative");
}

// Sets runs of `value` that are shorter than `shortest` and end inside the flags to the other value.
void DropShortRuns(std::vector<uint8_t>* flags, uint8_t value, size_t shortest) {
  const size_t size = flags->size();
  for (size_t from = 0; from < size;) {
    size_t to = from;
    while (to < size && (*flags)[to] == (*flags)[from]) ++to;
    const bool whole = from > 0 && to < size;
    if ((*flags)[from] == value && to - from < shortest && (whole || value == 1)) {
      std::fill(flags->begin() + static_cast<std::ptrdiff_t>(from),
                flags->begin() + static_cast<std::ptrdiff_t>(to), static_cast<uint8_t>(1 - value));
    }
    from = to;
  }
}

}  // namespace

SpeechDetector::SpeechDetector(const SpeechSpec& spec)
    : spec_(spec),
      groups_(spec.group_edges.empty() ? 0 : spec.group_edges.size() - 1),
      width_(groups_ + 1),
      first_block_(spec.first_block),
      next_diverged_(spec.first_block),
      next_decided_(spec.first_block) {
  CheckSpec(spec_);
  for (std::vector<float>& values : last_) values.assign(width_, 0.0f);
}

void SpeechDetector::Push(const float* rows, size_t frames, SpeechFrames* decided) {
  const auto columns = static_cast<size_t>(spec_.columns);
  for (size_t t = 0; t < frames; ++t) {
    // Oldest first: the oldest makes room for the new one.
    std::swap(last_[0], last_[1]);
    std::swap(last_[1], last_[2]);
    last_powers_[1] = last_powers_[2];
    last_powers_[2] = Measure(rows + t * columns, last_[2].data());
    ++measured_;
    if (measured_ == 1) continue;
    const std::vector<float>& before = measured_ == 2 ? last_[1] : last_[0];
    Smooth(before.data(), last_[1].data(), last_[2].data(), last_powers_[1]);
  }
  Advance(false, decided);
}

void SpeechDetector::End(SpeechFrames* decided) {
  if (measured_ > 0) {
    const std::vector<float>& before = measured_ == 1 ? last_[2] : last_[1];
    Smooth(before.data(), last_[2].data(), last_[2].data(), last_powers_[2]);
  }
  if (!open_.power.empty()) CloseBlock();
  Advance(true, decided);
}

// The groups' means and the frame's power, as natural logarithms.
SpeechDetector::Powers SpeechDetector::Measure(const float* row, float* values) const {
  const float* bands = row + spec_.first_column;
  for (size_t g = 0; g < groups_; ++g) {
    const int from = spec_.group_edges[g];
    const int to = spec_.group_edges[g + 1];
    float sum = 0;
    for (int band = from; band < to; ++band) sum += bands[band];
    values[g] = sum * spec_.log_scale / static_cast<float>(to - from);
  }
  const auto low = static_cast<size_t>(spec_.high_band);
  const auto high = static_cast<size_t>(spec_.bands) - low;
  const float* offsets = spec_.band_offsets.data();
  Powers powers;
  powers.high = SumOfExponentials(bands + low, offsets + low, high, spec_.log_scale);
  powers.all = powers.high + SumOfExponentials(bands, offsets, low, spec_.log_scale);
  values[groups_] = std::log(powers.all);
  return powers;
}

void SpeechDetector::Smooth(const float* before, const float* at, const float* after, Powers powers) {
  const size_t from = open_.smooth.size();
  open_.smooth.resize(from + width_);
  if (open_.minima.empty()) open_.minima.assign(width_, kHighest);
  float* smooth = open_.smooth.data() + from;
  for (size_t i = 0; i < width_; ++i) {
    smooth[i] = (before[i] + at[i] + after[i]) * (1.0f / 3);
    open_.minima[i] = std::min(open_.minima[i], smooth[i]);
  }
  open_.power.push_back(powers.all);
  open_.high.push_back(powers.high);
  if (open_.power.size() == static_cast<size_t>(spec_.block_frames)) CloseBlock();
}

void SpeechDetector::CloseBlock() {
  blocks_.push_back(std::move(open_));
  open_ = {};
}

void SpeechDetector::Advance(bool ended, SpeechFrames* decided) {
  const int64_t end = first_block_ + static_cast<int64_t>(blocks_.size());
  std::vector<float> floor(width_);
  while (next_diverged_ < end && (ended || next_diverged_ + spec_.side_blocks < end)) {
    const auto block = static_cast<size_t>(next_diverged_ - first_block_);
    FindNoise(block, ended, &floor);
    Diverge(floor, &blocks_[block]);
    ++next_diverged_;
  }
  while (next_decided_ < next_diverged_ && (ended || next_decided_ + 1 < next_diverged_)) {
    Decide(static_cast<size_t>(next_decided_ - first_block_), decided);
    ++next_decided_;
  }
  while (first_block_ + std::max(spec_.side_blocks, 1) < next_decided_) {
    blocks_.pop_front();
    ++first_block_;
  }
}

// The higher of the floors of the two sides, or the lower where one of them has too little to go by.
void SpeechDetector::FindNoise(size_t block, bool ended, std::vector<float>* floor) const {
  const auto side = static_cast<size_t>(spec_.side_blocks);
  const auto enough = static_cast<size_t>(spec_.min_side_blocks);
  const size_t first = block - std::min(block, side);
  const size_t last = std::min(block + side, blocks_.size() - 1);
  const bool both = block - first + 1 >= enough && (!ended || last - block + 1 >= enough);
  for (size_t i = 0; i < width_; ++i) {
    float left = kHighest;
    float right = kHighest;
    for (size_t b = first; b <= block; ++b) left = std::min(left, blocks_[b].minima[i]);
    for (size_t b = block; b <= last; ++b) right = std::min(right, blocks_[b].minima[i]);
    (*floor)[i] = both ? std::max(left, right) : std::min(left, right);
  }
}

void SpeechDetector::Diverge(const std::vector<float>& floor, Block* block) const {
  const size_t frames = block->power.size();
  block->above.resize(frames);
  const auto groups = static_cast<float>(groups_);
  for (size_t t = 0; t < frames; ++t) {
    const float* smooth = block->smooth.data() + t * width_;
    const float lowest = *std::max_element(smooth, smooth + groups_) - spec_.range;
    float sum = 0;
    float highest = 0;
    for (size_t g = 0; g < groups_; ++g) {
      const float above = smooth[g] - (floor[g] + spec_.floor_bias);
      highest = std::max(highest, above);
      sum += std::min(spec_.cap, std::max(0.0f, std::min(above, smooth[g] - lowest)));
    }
    block->above[t] = sum > groups * (highest > spec_.peak ? spec_.peak_threshold : spec_.threshold);
  }
  block->noise = std::exp(floor[groups_] + spec_.power_floor_bias);
}

// From the frames above the threshold in the block and in its neighbours: those further off cannot matter,
// since the lengths of runs, gaps and hangover together fit into one block.
void SpeechDetector::Decide(size_t block, SpeechFrames* decided) const {
  const size_t first = block - std::min<size_t>(block, 1);
  const size_t last = std::min(block + 1, blocks_.size() - 1);
  std::vector<uint8_t> flags;
  size_t before = 0;
  for (size_t b = first; b <= last; ++b) {
    if (b == block) before = flags.size();
    flags.insert(flags.end(), blocks_[b].above.begin(), blocks_[b].above.end());
  }
  DropShortRuns(&flags, 1, static_cast<size_t>(spec_.min_run_frames));
  DropShortRuns(&flags, 0, static_cast<size_t>(spec_.gap_frames) + 1);
  const Block& own = blocks_[block];
  const auto lead = static_cast<size_t>(spec_.lead_frames);
  const auto hangover = static_cast<size_t>(spec_.hangover_frames);
  for (size_t t = 0; t < own.power.size(); ++t) {
    const size_t at = before + t;
    const auto from = flags.begin() + static_cast<std::ptrdiff_t>(at - std::min(at, hangover));
    const auto to = flags.begin() + static_cast<std::ptrdiff_t>(std::min(flags.size(), at + lead + 1));
    decided->speech.push_back(std::find(from, to, 1) != to ? 1 : 0);
    decided->power.push_back(own.power[t]);
    decided->noise.push_back(own.noise);
    decided->high.push_back(own.high[t]);
  }
}

}  // namespace undertone
