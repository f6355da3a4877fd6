// Contract: ffmpeg_samples.h.
#include "codec/ffmpeg_samples.h"

extern "C" {
#include <libavutil/samplefmt.h>
}

#include <cmath>
#include <cstdint>
#include <limits>
#include <type_traits>

#include "codec/codec.h"
#include "core/status.h"

namespace undertone::codec {
namespace {

template <typename T>
float ToFloat(T sample) {
  if constexpr (std::is_same_v<T, uint8_t>) {
    return static_cast<float>(sample - 128) * 0x1p-7f;
  } else if constexpr (std::is_same_v<T, double>) {
    return std::abs(sample) <= std::numeric_limits<float>::max() ? static_cast<float>(sample)
                                                                 : std::numeric_limits<float>::infinity();
  } else if constexpr (std::is_integral_v<T>) {
    constexpr float kScale = 1.0f / static_cast<float>(uint64_t{1} << (sizeof(T) * 8 - 1));
    return static_cast<float>(sample) * kScale;
  } else {
    return sample;
  }
}

template <typename T>
void CopyAs(const AVFrame& frame, bool planar, size_t channels, size_t from, size_t frames,
            float* const* planes, size_t at) {
  for (size_t channel = 0; channel < channels; ++channel) {
    float* to = planes[channel] + at;
    if (planar) {
      const T* samples = reinterpret_cast<const T*>(frame.extended_data[channel]) + from;
      for (size_t i = 0; i < frames; ++i) to[i] = ToFloat(samples[i]);
    } else {
      const T* samples = reinterpret_cast<const T*>(frame.extended_data[0]) + from * channels + channel;
      for (size_t i = 0; i < frames; ++i) to[i] = ToFloat(samples[i * channels]);
    }
  }
}

}  // namespace

void CopySamples(const AVFrame& frame, size_t channels, size_t from, size_t frames, float* const* planes,
                 size_t at) {
  const auto format = static_cast<AVSampleFormat>(frame.format);
  const bool planar = av_sample_fmt_is_planar(format) != 0;
  switch (av_get_packed_sample_fmt(format)) {
    case AV_SAMPLE_FMT_U8:
      return CopyAs<uint8_t>(frame, planar, channels, from, frames, planes, at);
    case AV_SAMPLE_FMT_S16:
      return CopyAs<int16_t>(frame, planar, channels, from, frames, planes, at);
    case AV_SAMPLE_FMT_S32:
      return CopyAs<int32_t>(frame, planar, channels, from, frames, planes, at);
    case AV_SAMPLE_FMT_S64:
      return CopyAs<int64_t>(frame, planar, channels, from, frames, planes, at);
    case AV_SAMPLE_FMT_FLT:
      return CopyAs<float>(frame, planar, channels, from, frames, planes, at);
    case AV_SAMPLE_FMT_DBL:
      return CopyAs<double>(frame, planar, channels, from, frames, planes, at);
    default:
      throw Error(StatusCode::kInternal, "The decoder gives samples of an unknown format");
  }
}

float FfmpegClipLevel(const AVCodecContext& decoder) {
  if (decoder.codec_id == AV_CODEC_ID_PCM_ALAW) return kALawClipLevel;
  if (decoder.codec_id == AV_CODEC_ID_PCM_MULAW) return kMuLawClipLevel;
  const AVCodecDescriptor* descriptor = avcodec_descriptor_get(decoder.codec_id);
  const bool lossless = descriptor != nullptr && (descriptor->props & AV_CODEC_PROP_LOSSLESS) != 0;
  const AVSampleFormat format = av_get_packed_sample_fmt(decoder.sample_fmt);
  const bool integer =
      format == AV_SAMPLE_FMT_U8 || format == AV_SAMPLE_FMT_S16 || format == AV_SAMPLE_FMT_S32;
  if (!lossless || !integer) return kLossyClipLevel;
  const int width = av_get_bytes_per_sample(format) * 8;
  const int bits = decoder.bits_per_raw_sample;
  return static_cast<float>(1.0 - std::ldexp(1.0, 1 - (bits > 0 && bits <= width ? bits : width)));
}

}  // namespace undertone::codec
