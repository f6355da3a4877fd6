// WAV without FFmpeg: RIFF, RF64, BW64 and Sony Wave64 around PCM (u8, s16, s24, s32), float (32, 64), A-law,
// µ-law.
//
// Out: planar float32 as wav_samples.h says. Other format tags (GSM 6.10, ADPCM, MP3 …) are not claimed and
// go to FFmpeg. A data chunk that claims more than there is, is decoded up to the end of the file and
// reported as truncated. Errors: kCorrupt with what is wrong in the header, kUnsupportedCodec for a sample
// size nobody writes, kEmpty without a whole sample frame.
#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "codec/codec.h"
#include "codec/wav_header.h"
#include "codec/wav_samples.h"
#include "core/status.h"

namespace undertone::codec {
namespace {

// Small enough for malloc to reuse: fresh pages for every short recording cost more than reading it.
constexpr size_t kBufferBytes = size_t{1} << 16;

[[noreturn]] void Corrupt(const std::string& sentence) { throw Error(StatusCode::kCorrupt, sentence); }

bool IsG711(const WavFormat& format) { return format.tag == kWavALaw || format.tag == kWavMuLaw; }

// The checks stand in the order in which the fields come to be used. The registry refuses nonsense; what is
// done with it here must only not overflow.
const WavSamples& ResolveSamples(const WavFormat& format) {
  if (format.bytes < WavFormat::kMinBytes) {
    Corrupt("Expected a fmt chunk of at least " + std::to_string(WavFormat::kMinBytes) +
            " bytes before the samples but found " + std::to_string(format.bytes) + " bytes");
  }
  if (format.tag == kWavExtensible) Corrupt("The WAVE_FORMAT_EXTENSIBLE header has no sub-format");
  if (format.channels == 0) Corrupt("The header says 0 channels");
  if (format.bits == 0 && !IsG711(format)) Corrupt("The header says 0 bits per sample");
  const WavSamples* samples = FindWavSamples(format.tag, format.bits);
  if (samples == nullptr) {
    throw Error(StatusCode::kUnsupportedCodec,
                std::string("WAV with ") + (format.tag == kWavFloat ? "float" : "integer") + " samples of " +
                    std::to_string(format.bits) + " bits cannot be decoded");
  }
  // Recorders of G.711 write all sorts of things into block align.
  const int frame_bytes = samples->bytes * format.channels;
  if (format.block_align != frame_bytes && !IsG711(format)) {
    Corrupt("Expected a block align of " + std::to_string(frame_bytes) + " for " +
            std::to_string(format.channels) + " channels of " + std::to_string(format.bits) +
            " bits but the header says " + std::to_string(format.block_align));
  }
  return *samples;
}

float ClipLevel(const WavFormat& format) {
  switch (format.tag) {
    case kWavALaw:
      return kALawClipLevel;
    case kWavMuLaw:
      return kMuLawClipLevel;
    case kWavFloat:
      return kLossyClipLevel;
    default:
      return static_cast<float>(1.0 - std::ldexp(1.0, 1 - format.valid_bits));
  }
}

CodecInfo DescribeHeader(const WavHeader& header, const WavSamples& samples) {
  CodecInfo info;
  info.container = header.container;
  info.codec = samples.codec;
  info.channels = header.format.channels;
  info.sample_rate_hz =
      static_cast<int>(std::min<uint32_t>(header.format.sample_rate_hz, std::numeric_limits<int32_t>::max()));
  info.clip_level = ClipLevel(header.format);
  info.seekable = true;
  return info;
}

class WavCodec final : public Codec {
 public:
  WavCodec(std::unique_ptr<File> file, const WavHeader& header, const WavSamples& samples, CodecInfo info)
      : file_(std::move(file)),
        info_(std::move(info)),
        samples_(samples),
        frame_bytes_(static_cast<size_t>(samples.bytes) * static_cast<size_t>(info_.channels)),
        at_(header.data_offset),
        frames_left_(header.data_bytes / frame_bytes_),
        buffer_(kBufferBytes) {
    // A streaming writer promises nothing, and its last odd byte may be the pad byte.
    const bool partial_frame = !header.streaming && header.data_bytes % frame_bytes_ != 0;
    cut_ = header.cut || partial_frame;
    if (!header.streaming) {
      info_.duration_seconds = static_cast<double>(frames_left_) / static_cast<double>(info_.sample_rate_hz);
    }
  }

  const CodecInfo& info() const override { return info_; }

  size_t Read(float* const* planes, size_t max_frames) override {
    size_t done = 0;
    while (done < max_frames) {
      if (buffered_ == 0 && !Refill()) break;
      const size_t frames = std::min(max_frames - done, buffered_);
      samples_.deinterleave(buffer_.data() + consumed_ * frame_bytes_, static_cast<size_t>(info_.channels),
                            frames, planes, done);
      consumed_ += frames;
      buffered_ -= frames;
      done += frames;
    }
    return done;
  }

  bool Seek(uint64_t frame) override {
    const uint64_t skipped = std::min(frame, frames_left_);
    at_ += skipped * frame_bytes_;
    frames_left_ -= skipped;
    return true;
  }

  CodecEnding ending() const override { return {cut_, 0}; }

 private:
  bool Refill() {
    const size_t want = static_cast<size_t>(std::min<uint64_t>(frames_left_, buffer_.size() / frame_bytes_));
    if (want == 0) return false;
    const size_t got = file_->ReadOn(at_, buffer_.data(), want * frame_bytes_) / frame_bytes_;
    at_ += got * frame_bytes_;
    frames_left_ -= got;
    if (got < want) {
      // The file shrank since it was opened.
      cut_ = true;
      frames_left_ = 0;
    }
    consumed_ = 0;
    buffered_ = got;
    return got > 0;
  }

  std::unique_ptr<File> file_;
  CodecInfo info_;
  const WavSamples& samples_;
  size_t frame_bytes_;
  uint64_t at_;
  uint64_t frames_left_;
  std::vector<uint8_t> buffer_;
  size_t consumed_ = 0;  // frames of the buffer handed out
  size_t buffered_ = 0;  // frames of the buffer still to hand out
  bool cut_ = false;
};

}  // namespace

bool WavClaims(const File& file) {
  const WavHeader header = ReadWavHeader(file);
  if (header.container == nullptr) return false;
  // Without a format there is nothing for FFmpeg either: the error is told here.
  if (header.format.bytes < WavFormat::kMinBytes) return true;
  switch (header.format.tag) {
    case kWavPcm:
    case kWavFloat:
    case kWavALaw:
    case kWavMuLaw:
    case kWavExtensible:
      return true;
    default:
      return false;
  }
}

std::unique_ptr<Codec> OpenWav(std::unique_ptr<File> file) {
  const WavHeader header = ReadWavHeader(*file);
  if (header.too_many_chunks) {
    Corrupt("The header has more than " + std::to_string(kMaxWavChunks) + " chunks before the samples");
  }
  const WavSamples& samples = ResolveSamples(header.format);
  if (!header.has_data) Corrupt("The header is not followed by a data chunk");
  CodecInfo info = DescribeHeader(header, samples);
  if (info.channels > kMaxChannels || info.sample_rate_hz == 0) {
    // Before anything divides by the rate; the registry words the same refusal for other codecs.
    Corrupt("The header says " + std::to_string(info.channels) + " channels at " +
            std::to_string(info.sample_rate_hz) + " Hz");
  }
  if (header.data_bytes < static_cast<uint64_t>(samples.bytes) * static_cast<uint64_t>(info.channels)) {
    throw Error(StatusCode::kEmpty, "The WAV header is followed by no sample");
  }
  return std::make_unique<WavCodec>(std::move(file), header, samples, std::move(info));
}

}  // namespace undertone::codec
