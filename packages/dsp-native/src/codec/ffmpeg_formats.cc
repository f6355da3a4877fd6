// Contract: ffmpeg_formats.h.
#include "codec/ffmpeg_formats.h"

extern "C" {
#include <libavcodec/avcodec.h>
}

#include <algorithm>
#include <cstring>
#include <sstream>
#include <vector>

#include "codec/codec.h"
#include "core/status.h"

namespace undertone::codec {
namespace {

// Containers. Playlists (hls, concat, dash …), devices and image sequences are absent on purpose: they open
// other files. Raw demuxers without a signature are absent because anything would pass for them.
constexpr const char* kContainers =
    "aac,ac3,aiff,amr,ape,asf,au,avi,caf,dts,dtshd,eac3,flac,flv,matroska,mov,mp3,mpc,mpc8,mpeg,mpegts,ogg,"
    "rm,tta,voc,w64,wav,wv,xwma";

// Audio decoders, by FFmpeg's names. Anything else, video decoders above all, is never opened.
constexpr const char* kDecoders[] = {
    "aac",
    "aac_latm",
    "ac3",
    "g722",
    "g726",
    "g726le",
    "adpcm_ima_qt",
    "adpcm_ima_wav",
    "adpcm_ms",
    "adpcm_swf",
    "adpcm_yamaha",
    "alac",
    "amrnb",
    "amrwb",
    "ape",
    "atrac3",
    "cook",
    "dca",
    "eac3",
    "flac",
    "g723_1",
    "g729",
    "gsm",
    "gsm_ms",
    "libopencore_amrnb",
    "libopencore_amrwb",
    "libopus",
    "libspeex",
    "libvorbis",
    "mp1",
    "mp1float",
    "mp2",
    "mp2float",
    "mp3",
    "mp3float",
    "mpc7",
    "mpc8",
    "nellymoser",
    "opus",
    "pcm_alaw",
    "pcm_f32be",
    "pcm_f32le",
    "pcm_f64be",
    "pcm_f64le",
    "pcm_mulaw",
    "pcm_s16be",
    "pcm_s16le",
    "pcm_s24be",
    "pcm_s24le",
    "pcm_s32be",
    "pcm_s32le",
    "pcm_s8",
    "pcm_u8",
    "real_144",
    "real_288",
    "speex",
    "truespeech",
    "tta",
    "vorbis",
    "wavpack",
    "wmalossless",
    "wmapro",
    "wmav1",
    "wmav2",
    "wmavoice",
};

// Bytes looked at to recognise a container, as the ffmpeg command does.
constexpr size_t kMaxProbeBytes = size_t{1} << 20;

// The demuxers' names are lists of aliases; the first one stands for them all.
std::string FirstName(const AVInputFormat* format) {
  const std::string names = format->name;
  return names.substr(0, names.find(','));
}

bool IsAllowedContainer(const AVInputFormat* format) {
  const std::string name = FirstName(format);
  std::istringstream allowed(kContainers);
  for (std::string entry; std::getline(allowed, entry, ',');) {
    if (entry == name) return true;
  }
  return false;
}

// Where the sound begins behind ID3v2 tags: cover art of a megabyte would hide everything from probing.
uint64_t SkipId3(const File& file) {
  uint64_t at = 0;
  for (int tags = 0; tags < 16; ++tags) {
    uint8_t head[10];
    if (file.ReadAt(at, head, sizeof head) < sizeof head || std::memcmp(head, "ID3", 3) != 0) break;
    if (((head[6] | head[7] | head[8] | head[9]) & 0x80) != 0) break;
    const uint64_t bytes =
        uint64_t{head[6]} << 21 | uint64_t{head[7]} << 14 | uint64_t{head[8]} << 7 | head[9];
    at += 10 + bytes + ((head[5] & 0x10) != 0 ? 10 : 0);
  }
  return at;
}

// FFmpeg's own rule (av_probe_input_buffer2): look at more and more bytes until a container is sure; at the
// end take the best guess. A score of 1 means "a pattern that random bytes also have" and is not taken. Null:
// not recognised.
const AVInputFormat* Probe(const File& file) {
  const uint64_t from = SkipId3(file);
  std::vector<uint8_t> head;
  for (size_t want = 2048; want <= kMaxProbeBytes; want *= 2) {
    head.assign(want + AVPROBE_PADDING_SIZE, 0);
    const size_t got = file.ReadAt(from, head.data(), want);
    const bool last = got < want || want == kMaxProbeBytes;
    AVProbeData probe{};
    probe.filename = "";
    probe.buf = head.data();
    probe.buf_size = static_cast<int>(got);
    int score = 0;
    const AVInputFormat* format = av_probe_input_format3(&probe, 1, &score);
    if (format != nullptr && score > (last ? 1 : AVPROBE_SCORE_RETRY)) return format;
    if (last) break;
  }
  return nullptr;
}

}  // namespace

const char* AllowedContainers() { return kContainers; }

const char* AllowedDecoders() {
  static const std::string list = [] {
    std::string joined;
    for (const char* name : kDecoders) joined.append(joined.empty() ? "" : ",").append(name);
    return joined;
  }();
  return list.c_str();
}

bool IsAllowedDecoder(const AVCodec* decoder) {
  return std::any_of(std::begin(kDecoders), std::end(kDecoders),
                     [decoder](const char* name) { return std::strcmp(name, decoder->name) == 0; });
}

std::vector<std::string> FfmpegDecoders() {
  std::vector<std::string> there;
  for (const char* name : kDecoders) {
    if (avcodec_find_decoder_by_name(name) != nullptr) there.push_back(name);
  }
  std::sort(there.begin(), there.end());
  return there;
}

const AVInputFormat* RecogniseContainer(const File& file) {
  const AVInputFormat* format = Probe(file);
  if (format == nullptr) {
    throw Error(StatusCode::kUnsupportedCodec, "The content is not recognised as audio or video");
  }
  if (!IsAllowedContainer(format)) {
    const char* described = format->long_name != nullptr ? format->long_name : format->name;
    throw Error(StatusCode::kUnsupportedCodec, std::string("The content is recognised as \"") + described +
                                                   "\", not as a container of audio");
  }
  return format;
}

std::string ContainerName(const AVInputFormat* format) {
  // The demuxer of MP4 calls itself "mov,mp4,m4a,3gp,3g2,mj2".
  const std::string name = FirstName(format);
  return name == "mov" ? "mp4" : name;
}

}  // namespace undertone::codec
