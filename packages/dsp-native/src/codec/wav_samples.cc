// Contract: wav_samples.h. One loader a sample format, and one loop that takes channels apart; 16-bit mono
// and stereo, which nearly all recordings are, have vectorised ones.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "codec/wav_samples.cc"
#include <hwy/foreach_target.h>  // must come before highway.h
#include <hwy/highway.h>

#include <cstddef>
#include <cstdint>

HWY_BEFORE_NAMESPACE();
namespace undertone::codec::HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

using Wide = hn::ScalableTag<float>;
using Codes = hn::Rebind<int16_t, Wide>;

template <class V>
HWY_INLINE void StoreScaled(V codes, float* to) {
  const Wide d;
  const hn::RebindToSigned<Wide> d32;
  hn::StoreU(hn::ConvertTo(d, hn::PromoteTo(d32, codes)) * hn::Set(d, 0x1p-15f), d, to);
}

}  // namespace

// The samples done: as many as fill whole vectors.
size_t ConvertS16Mono(const int16_t* from, size_t frames, float* to) {
  const size_t lanes = hn::Lanes(Wide());
  size_t i = 0;
  for (; i + lanes <= frames; i += lanes) StoreScaled(hn::LoadU(Codes(), from + i), to + i);
  return i;
}

size_t ConvertS16Stereo(const int16_t* from, size_t frames, float* left, float* right) {
  const size_t lanes = hn::Lanes(Wide());
  size_t i = 0;
  for (; i + lanes <= frames; i += lanes) {
    hn::Vec<Codes> left_codes;
    hn::Vec<Codes> right_codes;
    hn::LoadInterleaved2(Codes(), from + 2 * i, left_codes, right_codes);
    StoreScaled(left_codes, left + i);
    StoreScaled(right_codes, right + i);
  }
  return i;
}

}  // namespace undertone::codec::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE

#include <array>
#include <bit>
#include <cmath>
#include <limits>

#include "codec/wav_header.h"
#include "codec/wav_samples.h"

namespace undertone::codec {

HWY_EXPORT(ConvertS16Mono);
HWY_EXPORT(ConvertS16Stereo);

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

bool HoldsCodes(const uint8_t* from) {
  return std::endian::native == std::endian::little && reinterpret_cast<uintptr_t>(from) % 2 == 0;
}

void DeinterleaveS16(const uint8_t* from, size_t channels, size_t frames, float* const* planes, size_t at) {
  size_t done = 0;
  if (channels <= 2 && HoldsCodes(from)) {
    const auto* codes = reinterpret_cast<const int16_t*>(from);
    done = channels == 1
               ? HWY_DYNAMIC_DISPATCH(ConvertS16Mono)(codes, frames, planes[0] + at)
               : HWY_DYNAMIC_DISPATCH(ConvertS16Stereo)(codes, frames, planes[0] + at, planes[1] + at);
  }
  Deinterleave<2, LoadS16>(from + done * channels * 2, channels, frames - done, planes, at + done);
}

constexpr WavSamples kSamples[] = {
    {"pcm_u8", kWavPcm, 1, Deinterleave<1, LoadU8>},
    {"pcm_s16le", kWavPcm, 2, DeinterleaveS16},
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

#endif  // HWY_ONCE
