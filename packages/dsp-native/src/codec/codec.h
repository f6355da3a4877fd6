// What a codec is: a recording read front to back as planar float32 at its own rate, full scale 1.
//
// Codecs are listed in registry.cc and chosen by the file's content, never by its name. Memory is bounded by
// the codec's buffers, not by the recording's length. Errors at opening: kNotFound, kUnreadable, kEmpty (0
// bytes, or a header without samples), kUnsupportedCodec (not audio, no audio stream, no decoder), kCorrupt
// (says it is audio but cannot be decoded). While reading: kUnreadable (I/O), kCorrupt (rate or channels
// change). A damaged tail or packet is no error: see CodecEnding.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "codec/file.h"

namespace undertone::codec {

// Outside these, a header is nonsense rather than a recording of speech.
constexpr int kMinSampleRateHz = 1000;
constexpr int kMaxSampleRateHz = 1000000;
constexpr int kMaxChannels = 255;

// Full scale of float and lossy recordings: the largest positive 16-bit code, 1 - 2^-15. Encoders meet it
// when they were fed clipped 16-bit sound, and decoders overshoot it.
constexpr float kLossyClipLevel = 32767.0f / 32768.0f;
// Full scale of G.711: the largest code of its tables.
constexpr float kALawClipLevel = 32256.0f / 32768.0f;
constexpr float kMuLawClipLevel = 32124.0f / 32768.0f;

struct CodecInfo {
  std::string container;  // wav, rf64, w64, flac, ogg, mp4 …
  std::string codec;      // FFmpeg's names: pcm_s16le, flac, mp3, opus …
  int sample_rate_hz = 0;
  int channels = 0;
  // By the header; for MP3 and AAC without a length header an estimate from the bit rate; -1 when unknown.
  double duration_seconds = -1;
  // A sample x is at full scale when |x| >= clip_level. Integers of b bits: 1 - 2^(1-b), the largest positive
  // code; 32-bit integers: whatever rounds to 1 in float32. A-law and µ-law: kALawClipLevel, kMuLawClipLevel.
  // Others: kLossyClipLevel.
  float clip_level = kLossyClipLevel;
  // Seek finds its place without decoding what lies before. Of lossy codecs none is: what a decoder gives
  // depends on the packets before, further back than any of them says.
  bool seekable = false;
};

struct CodecEnding {
  bool truncated = false;  // the container promises more than was there, or the last sample frame is cut
  int64_t corrupt_packets = 0;
};

class Codec {
 public:
  virtual ~Codec() = default;
  virtual const CodecInfo& info() const = 0;
  // Before the first Read: the first sample frame it gives is `frame` of the recording, or the end. False
  // when the place cannot be found for certain; this codec is then of no more use. What ending() says is of
  // what lies behind the place.
  virtual bool Seek(uint64_t frame) {
    static_cast<void>(frame);
    return false;
  }
  // Writes up to `max_frames` (> 0) sample frames to planes[channel][0 …). Returns their number, 0 at the end
  // only. Float recordings may hand over NaN and infinity: the caller cleans.
  virtual size_t Read(float* const* planes, size_t max_frames) = 0;
  virtual CodecEnding ending() const = 0;
};

// Opens a recording with the first codec of the registry that claims its content.
std::unique_ptr<Codec> OpenCodec(const std::string& path);

// One entry of the registry. `open` takes the file over.
struct CodecEntry {
  const char* name;
  bool (*claims)(const File& file);
  std::unique_ptr<Codec> (*open)(std::unique_ptr<File> file);
};

// wav.cc
bool WavClaims(const File& file);
std::unique_ptr<Codec> OpenWav(std::unique_ptr<File> file);
// ffmpeg.cc
bool FfmpegClaims(const File& file);
std::unique_ptr<Codec> OpenFfmpeg(std::unique_ptr<File> file);
// ffmpeg_formats.cc: the audio decoders that Undertone uses, as far as this FFmpeg has them; FFmpeg's names,
// sorted.
std::vector<std::string> FfmpegDecoders();

}  // namespace undertone::codec
