// Everything but plain WAV, through libavformat and libavcodec (FFmpeg 5.1, 6, 7): FLAC, MP3, AAC, ALAC, Ogg
// Vorbis and Opus, AMR, GSM and ADPCM in WAV, WMA, the sound of video files.
//
// Out: planar float32; integers divided by 2^(bits - 1). Encoder delay and padding are cut as the container
// tells (skip-samples side data, edit lists), so lengths are those of the ffmpeg command. Of several audio
// streams FFmpeg's "best" is read; other streams are discarded and never decoded. Errors: kUnsupportedCodec
// (not recognised, not on the list of containers, no audio stream, no decoder), kCorrupt (recognised, but
// nothing can be decoded; rate or channels change on the way), kEmpty (no packet, or no sample in them),
// kUnreadable (I/O). A packet that cannot be decoded is skipped and counted.
//
// This file decodes. What may be read stands in ffmpeg_formats, what FFmpeg may touch in ffmpeg_io, opening
// in ffmpeg_stream, sample formats in ffmpeg_samples.
extern "C" {
#include <libavcodec/avcodec.h>
#include <libavutil/channel_layout.h>
#include <libavutil/intreadwrite.h>
}

#include <algorithm>
#include <limits>
#include <memory>
#include <new>
#include <optional>
#include <string>

#include "codec/codec.h"
#include "codec/ffmpeg_io.h"
#include "codec/ffmpeg_samples.h"
#include "codec/ffmpeg_stream.h"
#include "core/status.h"

namespace undertone::codec {
namespace {

// Reading stops after this many errors of the container in a row: a demuxer that cannot move on would loop.
constexpr int kMaxReadErrorsInRow = 64;
// One strange header is damage, several in a row are another recording.
constexpr int kPacketsThatMakeAChange = 3;
// Beyond this many the rest of a recording is given up: no one needs sound between a million broken packets.
constexpr int64_t kMaxCorruptPackets = 1000000;

class FfmpegCodec final : public Codec {
 public:
  explicit FfmpegCodec(std::unique_ptr<File> file)
      : stream_(std::move(file)), packet_(Checked(av_packet_alloc())), frame_(Checked(av_frame_alloc())) {
    // Only the decoder knows the real rate and channels (HE-AAC doubles its container's rate), and only a
    // decoded frame shows that the recording can be decoded at all.
    if (!NextFrame()) RefuseSilentStream();
    Describe();
  }

  const CodecInfo& info() const override { return info_; }

  size_t Read(float* const* planes, size_t max_frames) override {
    if (failure_) throw *failure_;
    size_t done = 0;
    while (done < max_frames) {
      try {
        if (frame_at_ == FrameSize() && !NextFrame()) break;
        CheckUnchanged();
      } catch (const Error& error) {
        // Told once everything before it has been handed out.
        failure_ = error;
        if (done == 0) throw;
        break;
      }
      const size_t frames = std::min(max_frames - done, FrameSize() - frame_at_);
      CopySamples(*frame_, static_cast<size_t>(info_.channels), frame_at_, frames, planes, done);
      frame_at_ += frames;
      done += frames;
    }
    return done;
  }

  bool Seek(uint64_t frame) override {
    if (!info_.seekable || frame > static_cast<uint64_t>(std::numeric_limits<int64_t>::max())) return false;
    const int usual_length = frame_->nb_samples;
    if (!stream_.Seek(static_cast<int64_t>(frame))) return false;
    flushed_ = cut_ = last_packet_cut_ = last_packet_failed_ = false;
    corrupt_packets_ = decoded_frames_ = 0;
    if (!NextFrame() || frame_->pts == AV_NOPTS_VALUE || frame_->pts < 0) return false;
    // FFmpeg derives the time of a FLAC frame from its number and its own length, which for a shorter last
    // one is another time than its own.
    if (frame_->nb_samples != usual_length || frame_->pts % usual_length != 0) return false;
    auto at = static_cast<uint64_t>(frame_->pts);
    if (at > frame) return false;  // damage hides the place
    decoded_frames_ += frame_->pts;
    while (at + FrameSize() <= frame) {
      at += FrameSize();
      if (!NextFrame()) return true;
    }
    frame_at_ = static_cast<size_t>(frame - at);
    return true;
  }

  CodecEnding ending() const override { return {cut_, corrupt_packets_}; }

 private:
  [[noreturn]] void RefuseSilentStream() {
    if (packets_ == 0 && corrupt_packets_ == 0) {
      throw Error(StatusCode::kEmpty, "The " + stream_.container() + " header is followed by no sound");
    }
    if (corrupt_packets_ == 0) {
      // All of it was encoder delay.
      throw Error(StatusCode::kEmpty, std::string("The ") + stream_.codec() + " stream holds no sample");
    }
    throw Error(StatusCode::kCorrupt, "No packet of the " + std::string(stream_.codec()) + " stream in the " +
                                          stream_.container() + " container can be decoded");
  }

  // Fills in what the first frame and the container say.
  void Describe() {
    info_.container = stream_.container();
    info_.codec = stream_.codec();
    info_.sample_rate_hz = frame_->sample_rate;
    info_.channels = frame_->ch_layout.nb_channels;
    info_.duration_seconds = stream_.DurationSeconds();
    info_.clip_level = FfmpegClipLevel(*stream_.decoder());
    info_.seekable = stream_.Seekable();
  }

  size_t FrameSize() const { return static_cast<size_t>(std::max(frame_->nb_samples, 0)); }

  void CheckUnchanged() const {
    if (frame_->sample_rate == info_.sample_rate_hz && frame_->ch_layout.nb_channels == info_.channels)
      return;
    RefuseChange(frame_->ch_layout.nb_channels, frame_->sample_rate);
  }

  [[noreturn]] void RefuseChange(int channels, int rate_hz) const {
    throw Error(StatusCode::kCorrupt, "The recording changes from " + std::to_string(info_.channels) +
                                          " channels at " + std::to_string(info_.sample_rate_hz) + " Hz to " +
                                          std::to_string(channels) + " channels at " +
                                          std::to_string(rate_hz) + " Hz on the way");
  }

  // FFmpeg's MPEG audio decoder keeps calling its output by the first frame's rate. A packet whose own header
  // says another one would play at the wrong speed: it is dropped, and a row of them is a change.
  bool IsOtherMpegRate() {
    const AVCodecID id = stream_.decoder()->codec_id;
    if (id != AV_CODEC_ID_MP1 && id != AV_CODEC_ID_MP2 && id != AV_CODEC_ID_MP3) return false;
    if (info_.sample_rate_hz == 0 || packet_->size < 4) return false;
    const uint32_t header = AV_RB32(packet_->data);
    const uint32_t version = header >> 19 & 3;  // 0: MPEG-2.5, 2: MPEG-2, 3: MPEG-1
    const uint32_t index = header >> 10 & 3;
    if (header >> 21 != 0x7FF || version == 1 || index == 3) return false;
    constexpr int kMpeg1Rates[] = {44100, 48000, 32000};
    const int rate_hz = kMpeg1Rates[index] >> (version == 3 ? 0 : version == 2 ? 1 : 2);
    if (rate_hz == info_.sample_rate_hz) {
      other_rate_in_row_ = 0;
      return false;
    }
    if (++other_rate_in_row_ >= kPacketsThatMakeAChange)
      RefuseChange((header >> 6 & 3) == 3 ? 1 : 2, rate_hz);
    return true;
  }

  // Decodes the next frame with samples into frame_. False at the end.
  bool NextFrame() {
    frame_at_ = 0;
    for (;;) {
      av_frame_unref(frame_.get());
      const int result = avcodec_receive_frame(stream_.decoder(), frame_.get());
      if (result >= 0) {
        if (frame_->nb_samples <= 0) continue;
        decoded_frames_ += frame_->nb_samples;
        longest_frame_ = std::max(longest_frame_, frame_->nb_samples);
        last_packet_failed_ = false;
        return true;
      }
      if (result == AVERROR(ENOMEM)) throw std::bad_alloc();
      if (result == AVERROR(EAGAIN) && !flushed_) {
        SendPacket();
        continue;
      }
      // What failed is consumed; the decoder may hold more. A decoder that fails for ever is taken to be at
      // its end.
      if (result != AVERROR_EOF && result != AVERROR(EAGAIN)) {
        CountCorrupt();
        if (corrupt_packets_ < kMaxCorruptPackets) continue;
      }
      JudgeLength();
      return false;
    }
  }

  // Feeds the decoder one packet, or the flush at the end of the file.
  void SendPacket() {
    const bool more = ReadPacket();
    if (!more) {
      flushed_ = true;
      avcodec_send_packet(stream_.decoder(), nullptr);
      return;
    }
    ++packets_;
    last_packet_cut_ = (packet_->flags & AV_PKT_FLAG_CORRUPT) != 0;
    const bool dropped = IsOtherMpegRate();
    const int result = dropped ? AVERROR_INVALIDDATA : avcodec_send_packet(stream_.decoder(), packet_.get());
    av_packet_unref(packet_.get());
    if (result == AVERROR(ENOMEM)) throw std::bad_alloc();
    if (result < 0 && result != AVERROR(EAGAIN)) CountCorrupt();
  }

  void CountCorrupt() {
    ++corrupt_packets_;
    last_packet_failed_ = true;
  }

  bool ReadPacket() {
    if (flushed_) return false;
    for (int errors = 0; errors < kMaxReadErrorsInRow; ++errors) {
      const int result = stream_.ReadPacket(packet_.get());
      if (result >= 0) return true;
      if (result == AVERROR_EOF) return false;
      if (result != AVERROR(EAGAIN)) ++corrupt_packets_;
    }
    cut_ = true;  // gave up on the rest
    return false;
  }

  // Truncated: the file ends inside a packet, or the stream's own header promises clearly more than was
  // decoded.
  void JudgeLength() {
    if (last_packet_cut_) cut_ = true;
    const double promised = stream_.PromisedSeconds();
    if (promised <= 0) return;
    const double rate = info_.sample_rate_hz > 0 ? info_.sample_rate_hz : 1;
    const double missing = promised - static_cast<double>(decoded_frames_) / rate;
    // FLAC counts its samples exactly; elsewhere delay, padding and rounding are not the recording's fault.
    // What is missing on account of dropped packets is reported as those, but for one that is the last of the
    // file.
    const bool exact = stream_.decoder()->codec_id == AV_CODEC_ID_FLAC;
    const double slack = exact ? 0.5 / rate : std::max(0.25, 0.01 * promised);
    const int64_t dropped = corrupt_packets_ - (last_packet_failed_ ? 1 : 0);
    if (missing - static_cast<double>(dropped) * longest_frame_ / rate > slack) cut_ = true;
  }

  FfmpegStream stream_;
  FfmpegPtr<AVPacket> packet_;
  FfmpegPtr<AVFrame> frame_;
  CodecInfo info_;
  size_t frame_at_ = 0;  // sample frames of frame_ handed out
  int64_t decoded_frames_ = 0;
  int64_t packets_ = 0;
  int64_t corrupt_packets_ = 0;
  int longest_frame_ = 0;  // sample frames of the longest decoded one
  int other_rate_in_row_ = 0;
  bool last_packet_cut_ = false;     // the container ends inside it
  bool last_packet_failed_ = false;  // nothing was decoded since the last failure
  bool flushed_ = false;
  std::optional<Error> failure_;
  bool cut_ = false;
};

}  // namespace

bool FfmpegClaims(const File&) { return true; }

std::unique_ptr<Codec> OpenFfmpeg(std::unique_ptr<File> file) {
  PrepareFfmpeg();
  return std::make_unique<FfmpegCodec>(std::move(file));
}

}  // namespace undertone::codec
