// WAV and AU files made in memory, and a temporary folder to read them from. Nothing here is shared with the
// decoder: a mistake would have to be made twice.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "expect.h"

namespace undertone::test {

using Bytes = std::vector<uint8_t>;

struct WavKind {
  const char* name;  // as CodecInfo::codec
  int tag;
  int bits;
};

constexpr WavKind kWavKinds[] = {{"pcm_u8", 1, 8},     {"pcm_s16le", 1, 16}, {"pcm_s24le", 1, 24},
                                 {"pcm_s32le", 1, 32}, {"pcm_f32le", 3, 32}, {"pcm_f64le", 3, 64},
                                 {"pcm_alaw", 6, 8},   {"pcm_mulaw", 7, 8}};

enum class WavContainer { kRiff, kExtensible, kRf64, kWave64 };
constexpr WavContainer kWavContainers[] = {WavContainer::kRiff, WavContainer::kExtensible,
                                           WavContainer::kRf64, WavContainer::kWave64};

// A well-formed file around `data`.
Bytes MakeWav(WavContainer container, const WavKind& kind, int channels, int rate_hz, const Bytes& data);

// A well-formed AU file (16 bits, big-endian), which goes to FFmpeg.
Bytes MakeAu(int channels, int rate_hz, const Bytes& data);

Bytes RandomBytes(Random& random, size_t count);

class TemporaryFile {
 public:
  TemporaryFile();
  ~TemporaryFile();
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;

  // Replaces the content by the first `count` of `bytes`.
  void Write(const Bytes& bytes, size_t count) const;
  void Write(const Bytes& bytes) const { Write(bytes, bytes.size()); }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

}  // namespace undertone::test
