// Contract: wav_samples.h. One loader a sample format, and one loop that takes channels apart.
#include "codec/wav_samples.h"

#include <array>
#include <cmath>
#include <limits>

#include "codec/wav_header.h"

namespace undertone::codec {
namespace {

constexpr int DecodeALaw(uint8_t code) {
  const int bits = code ^ 0x55;
  const int segment = (bits & 0x70) >> 4;
  const int mantissa = (bits & 0x0F) << 4;
  const int magnitude = segment == 0 ? mantissa + 8 : (mantissa + 0x108) << (segment - 1);
  return (bits & 0x80) != 0 ? magnitude : -magnitude;
}

constexpr int DecodeMuLaw(uint8_t code) {
  const int bits = code ^ 0xFF;
  const int magnitude = ((((bits & 0x0F) << 3) + 0x84) << ((bits & 0x70) >> 4)) - 0x84;
  return (bits & 0x80) != 0 ? -magnitude : magnitude;
}

template <int (*kDecode)(uint8_t)>
constexpr std::array<float, 256> G711Table() {
  std::array<float, 256> table{};
  for (int code = 0; code < 256; ++code) {
    table[static_cast<size_t>(code)] = static_cast<float>(kDecode(static_cast<uint8_t>(code))) / 32768.0f;
  }
  return table;
}
constexpr std::array<float, 256> kALaw = G711Table<DecodeALaw>();
constexpr std::array<float, 256> kMuLaw = G711Table<DecodeMuLaw>();

float LoadU8(const uint8_t* from) { return static_cast<float>(*from - 128) * 0x1p-7f; }
float LoadS16(const uint8_t* from) { return static_cast<float>(LoadLittleEndian<int16_t>(from)) * 0x1p-15f; }
float LoadS24(const uint8_t* from) {
  const uint32_t bits = static_cast<uint32_t>(from[0]) << 8 | static_cast<uint32_t>(from[1]) << 16 |
                        static_cast<uint32_t>(from[2]) << 24;
  return static_cast<float>(static_cast<int32_t>(bits)) * 0x1p-31f;
}
float LoadS32(const uint8_t* from) { return static_cast<float>(LoadLittleEndian<int32_t>(from)) * 0x1p-31f; }
float LoadF32(const uint8_t* from) { return LoadLittleEndian<float>(from); }
float LoadF64(const uint8_t* from) {
  // Beyond float32 the conversion is undefined in C++.
  const double value = LoadLittleEndian<double>(from);
  return std::abs(value) <= std::numeric_limits<float>::max() ? static_cast<float>(value)
                                                              : std::numeric_limits<float>::infinity();
}
float LoadALaw(const uint8_t* from) { return kALaw[*from]; }
float LoadMuLaw(const uint8_t* from) { return kMuLaw[*from]; }

template <size_t kBytes, float (*kLoad)(const uint8_t*)>
void Deinterleave(const uint8_t* from, size_t channels, size_t frames, float* const* planes, size_t at) {
  for (size_t channel = 0; channel < channels; ++channel) {
    const uint8_t* sample = from + channel * kBytes;
    float* to = planes[channel] + at;
    if (channels == 1) {
      // A stride known to the compiler lets it vectorise.
      for (size_t i = 0; i < frames; ++i) to[i] = kLoad(sample + i * kBytes);
    } else {
      for (size_t i = 0; i < frames; ++i, sample += channels * kBytes) to[i] = kLoad(sample);
    }
  }
}

constexpr WavSamples kSamples[] = {
    {"pcm_u8", kWavPcm, 1, Deinterleave<1, LoadU8>},
    {"pcm_s16le", kWavPcm, 2, Deinterleave<2, LoadS16>},
    {"pcm_s24le", kWavPcm, 3, Deinterleave<3, LoadS24>},
    {"pcm_s32le", kWavPcm, 4, Deinterleave<4, LoadS32>},
    {"pcm_f32le", kWavFloat, 4, Deinterleave<4, LoadF32>},
    {"pcm_f64le", kWavFloat, 8, Deinterleave<8, LoadF64>},
    {"pcm_alaw", kWavALaw, 1, Deinterleave<1, LoadALaw>},
    {"pcm_mulaw", kWavMuLaw, 1, Deinterleave<1, LoadMuLaw>},
};

}  // namespace

const WavSamples* FindWavSamples(uint16_t tag, int bits) {
  const bool any_size = tag == kWavALaw || tag == kWavMuLaw;
  for (const WavSamples& samples : kSamples) {
    if (samples.tag == tag && (any_size || samples.bytes == (bits + 7) / 8)) return &samples;
  }
  return nullptr;
}

}  // namespace undertone::codec
