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

Recording::Recording(const std::string& path, ChannelChoice choice, int rate_hz)
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
  if (rate_hz != 0 && rate_hz != info.sample_rate_hz) {
    for (Output& output : outputs_) output.resampler.emplace(info.sample_rate_hz, rate_hz);
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
  CleanAndCountClipped(frames);
  switch (choice_.kind) {
    case ChannelChoice::Kind::kOne:
      return Deliver(0, planes_[static_cast<size_t>(choice_.index)], frames);
    case ChannelChoice::Kind::kSplit:
      for (size_t channel = 0; channel < planes_.size(); ++channel)
        Deliver(channel, planes_[channel], frames);
      return;
    case ChannelChoice::Kind::kMix:
      if (planes_.size() == 1) return Deliver(0, planes_[0], frames);
      const size_t last = planes_.size() - 1;
      for (size_t channel = 1; channel <= last; ++channel) {
        const float share = channel < last ? 1.0f : 1.0f / static_cast<float>(planes_.size());
        MixIn(planes_[0], planes_[channel], frames, share);
      }
      return Deliver(0, planes_[0], frames);
  }
}

// Of the channels that become output. Counts the pulled frames into their 10 ms blocks.
void Recording::CleanAndCountClipped(size_t frames) {
  const auto rate = static_cast<uint64_t>(info().sample_rate_hz);
  const float level = info().clip_level;
  for (size_t at = 0; at < frames;) {
    const uint64_t block_end = (block_ + 1) * rate / kBlocksPerSecond;
    const auto run = static_cast<size_t>(std::min<uint64_t>(frames - at, block_end - source_frames_));
    for (size_t channel = 0; channel < planes_.size(); ++channel) {
      if (choice_.kind == ChannelChoice::Kind::kOne && static_cast<int>(channel) != choice_.index) continue;
      Output& output = outputs_[choice_.kind == ChannelChoice::Kind::kSplit ? channel : 0];
      output.clipped_in_block += CleanAndCount(planes_[channel] + at, run, level);
    }
    at += run;
    source_frames_ += run;
    if (source_frames_ < block_end) break;
    for (Output& output : outputs_) {
      output.clipped.push_back(output.clipped_in_block);
      output.clipped_in_block = 0;
    }
    ++block_;
  }
}

void Recording::Deliver(size_t output, const float* samples, size_t frames) {
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
}

}  // namespace undertone
