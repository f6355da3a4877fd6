// Contract in recording.h.
#include "plan/recording.h"

#include <algorithm>

#include "backend/cpu/isa.h"
#include "plan/pcm_kernels.h"

namespace undertone {
namespace {

// Source samples decoded at a time, over all channels: every pass over them finds them in the first cache.
constexpr size_t kPullSamples = size_t{1} << 12;
constexpr uint64_t kBlocksPerSecond = 100;

}  // namespace

Recording::Recording(const std::string& path, ChannelChoice choice, int rate_hz, uint64_t first_sample)
    : codec_(codec::OpenCodec(path)), choice_(choice) {
  SelectIsa();  // a request for an instruction set holds for these passes too
  const codec::CodecInfo& info = codec_->info();
  const auto source_channels = static_cast<size_t>(info.channels);
  if (choice.kind == ChannelChoice::Kind::kOne && (choice.index < 0 || choice.index >= info.channels)) {
    throw Error(StatusCode::kUsage, "Expected a channel below " + std::to_string(info.channels) +
                                        ", the number of channels of the recording, but received " +
                                        std::to_string(choice.index));
  }
  const size_t pull = std::max<size_t>(256, kPullSamples / source_channels);
  source_.assign(source_channels, std::vector<float>(pull));
  for (std::vector<float>& plane : source_) planes_.push_back(plane.data());
  outputs_.resize(choice.kind == ChannelChoice::Kind::kSplit ? source_channels : 1);
  const auto source_rate = static_cast<uint64_t>(info.sample_rate_hz);
  const uint64_t output_rate = rate_hz == 0 ? source_rate : static_cast<uint64_t>(rate_hz);
  first_frame_ = first_sample;
  if (output_rate != source_rate) {
    for (Output& output : outputs_) {
      output.resampler.emplace(info.sample_rate_hz, rate_hz, first_sample);
      first_frame_ = output.resampler->first_input();
    }
  }
  block_ = first_sample * kBlocksPerSecond / output_rate;
  SeekTo(path, std::min(first_frame_, block_ * source_rate / kBlocksPerSecond));
}

void Recording::SeekTo(const std::string& path, uint64_t frame) {
  if (frame == 0) return;
  if (codec_->Seek(frame)) {
    source_frames_ = frame;
    return;
  }
  codec_ = codec::OpenCodec(path);
  while (source_frames_ < frame) {
    const size_t most = std::min<uint64_t>(source_[0].size(), frame - source_frames_);
    size_t got = 0;
    try {
      got = codec_->Read(planes_.data(), most);
    } catch (const Error&) {
      // The first read meets it again, and tells it.
    }
    if (got == 0) break;
    source_frames_ += got;
  }
}

bool Recording::Read(size_t max_frames, PcmPiece* piece) {
  piece->channels.resize(outputs_.size());
  piece->clipped.resize(outputs_.size());
  for (std::vector<float>& channel : piece->channels) channel.clear();
  // `ready` never holds more than one pull: the long buffer is the caller's.
  size_t frames = 0;
  while (FillReady() && frames < max_frames) {
    const size_t taken = std::min(max_frames - frames, Ready());
    for (size_t o = 0; o < outputs_.size(); ++o) {
      const auto from = outputs_[o].ready.begin() + static_cast<std::ptrdiff_t>(taken_);
      piece->channels[o].insert(piece->channels[o].end(), from, from + static_cast<std::ptrdiff_t>(taken));
    }
    taken_ += taken;
    frames += taken;
  }
  // The loop has looked one frame beyond the read: the last read that hands out samples knows that it is the
  // last, and hands out the last 10 ms block as well.
  for (size_t o = 0; o < outputs_.size(); ++o) {
    piece->clipped[o].swap(outputs_[o].clipped);
    outputs_[o].clipped.clear();
  }
  piece->twins.swap(twins_);
  twins_.clear();
  if (frames == 0 && failure_) throw *failure_;
  return frames > 0;
}

// Decodes until samples are ready. False at the end.
bool Recording::FillReady() {
  while (Ready() == 0) {
    if (ended_) return false;
    for (Output& output : outputs_) output.ready.clear();
    taken_ = 0;
    Pull();
  }
  return true;
}

void Recording::Pull() {
  size_t frames = 0;
  try {
    frames = codec_->Read(planes_.data(), source_[0].size());
  } catch (const Error& error) {
    failure_ = error;
  }
  if (frames == 0) return End();
  const uint64_t unwanted = first_frame_ - std::min(first_frame_, source_frames_);
  CleanAndCountClipped(frames);
  switch (choice_.kind) {
    case ChannelChoice::Kind::kOne:
      return Deliver(0, planes_[static_cast<size_t>(choice_.index)], unwanted, frames);
    case ChannelChoice::Kind::kSplit:
      for (size_t channel = 0; channel < planes_.size(); ++channel)
        Deliver(channel, planes_[channel], unwanted, frames);
      return;
    case ChannelChoice::Kind::kMix:
      if (planes_.size() == 1) return Deliver(0, planes_[0], unwanted, frames);
      const size_t last = planes_.size() - 1;
      for (size_t channel = 1; channel <= last; ++channel) {
        const float share = channel < last ? 1.0f : 1.0f / static_cast<float>(planes_.size());
        MixIn(planes_[0], planes_[channel], frames, share);
      }
      return Deliver(0, planes_[0], unwanted, frames);
  }
}

// Of the channels that become output. Counts the pulled frames into their 10 ms blocks, from the first block
// wanted on.
void Recording::CleanAndCountClipped(size_t frames) {
  const auto rate = static_cast<uint64_t>(info().sample_rate_hz);
  const float level = info().clip_level;
  for (size_t at = 0; at < frames;) {
    const uint64_t block_begin = block_ * rate / kBlocksPerSecond;
    const bool counted = source_frames_ >= block_begin;
    const uint64_t run_end = counted ? (block_ + 1) * rate / kBlocksPerSecond : block_begin;
    const auto run = static_cast<size_t>(std::min<uint64_t>(frames - at, run_end - source_frames_));
    for (size_t channel = 0; channel < planes_.size(); ++channel) {
      if (choice_.kind == ChannelChoice::Kind::kOne && static_cast<int>(channel) != choice_.index) continue;
      Output& output = outputs_[choice_.kind == ChannelChoice::Kind::kSplit ? channel : 0];
      const uint32_t clipped = CleanAndCount(planes_[channel] + at, run, level);
      if (counted) output.clipped_in_block += clipped;
    }
    if (HasTwin()) CompareTwins(at, run, counted);
    at += run;
    source_frames_ += run;
    if (source_frames_ < run_end) break;
    if (!counted) continue;
    for (Output& output : outputs_) {
      output.clipped.push_back(output.clipped_in_block);
      output.clipped_in_block = 0;
    }
    CloseTwins();
    ++block_;
  }
}

void Recording::CompareTwins(size_t at, size_t run, bool counted) {
  float* twin = planes_[TwinPlane()] + at;
  CleanAndCount(twin, run, info().clip_level);
  if (!counted) return;
  const TwinSums sums = SumTwins(planes_[static_cast<size_t>(choice_.index)] + at, twin, run);
  twins_in_block_.first += sums.first;
  twins_in_block_.second += sums.second;
  twins_in_block_.product += sums.product;
}

void Recording::CloseTwins() {
  if (!HasTwin()) return;
  twins_.push_back(twins_in_block_);
  twins_in_block_ = {};
}

// All but the first `unwanted` frames, which serve the counts alone.
void Recording::Deliver(size_t output, const float* samples, uint64_t unwanted, size_t frames) {
  if (unwanted >= frames) return;
  samples += unwanted;
  frames -= unwanted;
  Output& to = outputs_[output];
  if (to.resampler) {
    to.resampler->Process(samples, frames, &to.ready);
  } else {
    Append(samples, frames, &to.ready);
  }
}

void Recording::End() {
  ended_ = true;
  const bool partial_block =
      source_frames_ > block_ * static_cast<uint64_t>(info().sample_rate_hz) / kBlocksPerSecond;
  for (Output& output : outputs_) {
    if (output.resampler) output.resampler->Finish(&output.ready);
    if (partial_block) output.clipped.push_back(output.clipped_in_block);
  }
  if (partial_block) CloseTwins();
}

}  // namespace undertone
