// FFmpeg's decoded frames as planar float32, full scale 1.
#pragma once

extern "C" {
#include <libavcodec/avcodec.h>
#include <libavutil/frame.h>
}

#include <cstddef>

namespace undertone::codec {

// In: `channels` × `frames` samples of `frame`, from the sample frame `from` on. Out: planes[channel][at … at
// + frames), integers divided by 2^(bits - 1), doubles beyond float32 as infinity. Errors: kInternal for a
// sample format that FFmpeg's audio decoders do not have.
void CopySamples(const AVFrame& frame, size_t channels, size_t from, size_t frames, float* const* planes,
                 size_t at);

// CodecInfo::clip_level of what an open decoder gives.
float FfmpegClipLevel(const AVCodecContext& decoder);

}  // namespace undertone::codec
