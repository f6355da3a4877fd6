// A recording as the features want it: decoded, its channels mixed or chosen, resampled, in reads of any
// size.
//
// Order: decode → clean → count full-scale samples → mix or choose → resample. NaN, infinity and values
// beyond ±2^32 (damaged float files) become 0, so that no later sum can overflow. Memory does not grow with
// the recording. One thread at a time; different recordings share only resampler designs.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "backend/cpu/resample.h"
#include "codec/codec.h"
#include "core/samples.h"
#include "core/status.h"
#include "plan/pcm_kernels.h"

namespace undertone {

// Which channels become output.
struct ChannelChoice {
  enum class Kind { kMix, kSplit, kOne };
  Kind kind = Kind::kMix;
  int index = 0;  // kOne
};

struct PcmPiece {
  std::vector<std::vector<float>> channels;  // equally long
  // Full-scale source samples (CodecInfo::clip_level) per 10 ms block of source time finished in this read.
  // Block b holds the source frames [floor(b·rate/100), floor((b + 1)·rate/100)); the last may be partial.
  // The first is the one at the time of the first sample. Mixed: the sum over all source channels.
  std::vector<std::vector<uint32_t>> clipped;
  // One channel chosen of several: for the same blocks, what it has in common with its twin: the first
  // channel, or the second for the first. Empty otherwise.
  std::vector<TwinSums> twins;
};

class Recording {
 public:
  // `rate_hz` 0 keeps the recording's own rate. From output sample `first_sample` (at most
  // Resampler::kMaxFirstOutput) on, everything comes out as it does from the beginning, bit for bit; what
  // lies before is decoded and dropped where the codec cannot seek. Errors: those of the codec; kUsage for a
  // channel it has not got.
  Recording(const std::string& path, ChannelChoice choice, int rate_hz, uint64_t first_sample = 0);

  const codec::CodecInfo& info() const { return codec_->info(); }
  size_t channels() const { return outputs_.size(); }

  // Fills `piece` with exactly `max_frames` frames, fewer only at the end. False when there are none left.
  // An error on the way is thrown after everything before it has been handed out.
  bool Read(size_t max_frames, PcmPiece* piece);

  codec::CodecEnding ending() const { return codec_->ending(); }

 private:
  struct Output {
    std::optional<Resampler> resampler;
    Samples ready;                  // decoded and not yet handed out, from Recording::taken_ on
    uint32_t clipped_in_block = 0;  // of the block under way
    std::vector<uint32_t> clipped;  // finished blocks
  };

  bool HasTwin() const { return choice_.kind == ChannelChoice::Kind::kOne && planes_.size() > 1; }
  size_t TwinPlane() const { return choice_.index == 0 ? 1 : 0; }

  void SeekTo(const std::string& path, uint64_t frame);
  bool FillReady();
  void Pull();
  void CleanAndCountClipped(size_t frames);
  void CompareTwins(size_t at, size_t run, bool counted);
  void CloseTwins();
  void Deliver(size_t output, const float* samples, uint64_t unwanted, size_t frames);
  void End();
  size_t Ready() const { return outputs_[0].ready.size() - taken_; }

  std::unique_ptr<codec::Codec> codec_;
  ChannelChoice choice_;
  std::vector<std::vector<float>> source_;  // one plane a source channel
  std::vector<float*> planes_;
  std::vector<Output> outputs_;
  TwinSums twins_in_block_;      // of the block under way
  std::vector<TwinSums> twins_;  // finished blocks
  size_t taken_ = 0;
  uint64_t block_ = 0;          // 10 ms block under way
  uint64_t source_frames_ = 0;  // read or skipped so far
  uint64_t first_frame_ = 0;    // of the source that outputs are given
  bool ended_ = false;
  std::optional<Error> failure_;
};

}  // namespace undertone
