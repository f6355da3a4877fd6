// ★ The codecs: one entry each, asked in this order whether the content is theirs.
#include <string>

#include "codec/codec.h"
#include "core/status.h"

namespace undertone::codec {
namespace {

constexpr CodecEntry kCodecs[] = {
    {"wav", WavClaims, OpenWav},
#ifdef UNDERTONE_FFMPEG
    // Claims everything: FFmpeg's own probing is the sniffing, and says what else the file is.
    {"ffmpeg", FfmpegClaims, OpenFfmpeg},
#endif
};

// Every codec's header is held to the same limits, so that no caller meets a rate or a channel count it
// cannot size buffers for.
void CheckInfo(const CodecInfo& info) {
  if (info.channels < 1 || info.channels > kMaxChannels) {
    throw Error(StatusCode::kCorrupt, "Expected 1 to " + std::to_string(kMaxChannels) +
                                          " channels but the header says " + std::to_string(info.channels));
  }
  if (info.sample_rate_hz < kMinSampleRateHz || info.sample_rate_hz > kMaxSampleRateHz) {
    throw Error(StatusCode::kCorrupt, "Expected a sampling rate of " + std::to_string(kMinSampleRateHz) +
                                          " to " + std::to_string(kMaxSampleRateHz) +
                                          " Hz but the header says " + std::to_string(info.sample_rate_hz));
  }
}

}  // namespace

std::unique_ptr<Codec> OpenCodec(const std::string& path) {
  auto file = OpenFile(path);
  if (file->size() == 0) throw Error(StatusCode::kEmpty, "The file has 0 bytes");
  for (const CodecEntry& entry : kCodecs) {
    if (!entry.claims(*file)) continue;
    std::unique_ptr<Codec> codec = entry.open(std::move(file));
    CheckInfo(codec->info());
    return codec;
  }
  throw Error(StatusCode::kUnsupportedCodec, "The content is not audio that any codec knows");
}

}  // namespace undertone::codec
