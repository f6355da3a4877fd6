// Contract: ffmpeg_stream.h. Containers and decoders come from the allow-lists of ffmpeg_formats.cc only.
#include "codec/ffmpeg_stream.h"

extern "C" {
#include <libavutil/avutil.h>
#include <libavutil/dict.h>
#include <libavutil/mem.h>
}

#include "codec/ffmpeg_formats.h"
#include "core/status.h"

namespace undertone::codec {
namespace {

constexpr int64_t kMaxSamplesInFrame = 1 << 24;

[[noreturn]] void RefuseContainer(const std::string& container, const char* part, int error) {
  // ENOMEM too: FFmpeg says so of headers that end early or claim absurd sizes (ff_get_wav_header,
  // av_malloc).
  const StatusCode code = error == AVERROR_PATCHWELCOME || error == AVERROR(ENOSYS)
                              ? StatusCode::kUnsupportedCodec
                              : StatusCode::kCorrupt;
  throw Error(code, "The " + std::string(part) + " of the " + container +
                        " container cannot be read: " + FfmpegErrorText(error));
}

// `error` is what av_find_best_stream gave.
[[noreturn]] void RefuseMissingStream(const AVFormatContext& format, const std::string& container,
                                      int error) {
  if (error == AVERROR_DECODER_NOT_FOUND) {
    for (unsigned i = 0; i < format.nb_streams; ++i) {
      const AVCodecParameters* parameters = format.streams[i]->codecpar;
      if (parameters->codec_type != AVMEDIA_TYPE_AUDIO) continue;
      throw Error(StatusCode::kUnsupportedCodec, std::string("There is no decoder for ") +
                                                     avcodec_get_name(parameters->codec_id) + " in the " +
                                                     container + " container");
    }
  }
  throw Error(StatusCode::kUnsupportedCodec, "The " + container + " container has no audio stream");
}

[[noreturn]] void RefuseDecoder(const AVCodec* decoder, AVCodecID id, int error) {
  if (error == AVERROR(ENOMEM)) throw std::bad_alloc();
  // EINVAL: the decoder is not on the list, or the stream's parameters make no sense to it.
  const bool allowed = IsAllowedDecoder(decoder);
  throw Error(allowed ? StatusCode::kCorrupt : StatusCode::kUnsupportedCodec,
              std::string("The ") + avcodec_get_name(id) + " stream cannot be decoded: " +
                  (allowed ? FfmpegErrorText(error) : "Undertone does not use this codec"));
}

}  // namespace

FfmpegStream::FfmpegStream(std::unique_ptr<File> file) : input_(std::move(file)) {
  OpenContainer();
  OpenDecoder();
}

void FfmpegStream::OpenContainer() {
  const AVInputFormat* recognised = RecogniseContainer(input_.file());
  AVFormatContext* context = Checked(avformat_alloc_context());
  input_.AttachTo(context);
  // Freed with the context.
  context->format_whitelist = av_strdup(AllowedContainers());
  context->codec_whitelist = av_strdup(AllowedDecoders());
  const int result = avformat_open_input(&context, "", recognised, nullptr);  // frees the context on failure
  if (result < 0) {
    input_.RethrowFailure();
    RefuseContainer(ContainerName(recognised), "header", result);
  }
  format_.reset(context);
  container_ = ContainerName(format_->iformat);
  // Before the search for parameters, which decodes: video and cover art never are.
  for (unsigned i = 0; i < format_->nb_streams; ++i) {
    AVStream* stream = format_->streams[i];
    if (stream->codecpar->codec_type != AVMEDIA_TYPE_AUDIO) stream->discard = AVDISCARD_ALL;
  }
  const int found = avformat_find_stream_info(format_.get(), nullptr);
  input_.RethrowFailure();
  if (found < 0) RefuseContainer(container_, "streams", found);
}

void FfmpegStream::OpenDecoder() {
  const AVCodec* decoder = nullptr;
  const int index = av_find_best_stream(format_.get(), AVMEDIA_TYPE_AUDIO, -1, -1, &decoder, 0);
  if (index < 0) RefuseMissingStream(*format_, container_, index);
  for (unsigned i = 0; i < format_->nb_streams; ++i) {
    if (static_cast<int>(i) != index) format_->streams[i]->discard = AVDISCARD_ALL;
  }
  stream_ = format_->streams[index];
  decoder_.reset(Checked(avcodec_alloc_context3(decoder)));
  if (avcodec_parameters_to_context(decoder_.get(), stream_->codecpar) < 0) throw std::bad_alloc();
  decoder_->thread_count = 1;  // the caller runs one recording per worker
  decoder_->pkt_timebase = stream_->time_base;
  decoder_->max_samples = kMaxSamplesInFrame;
  // Lossless frames carry check sums: a frame that fails is dropped instead of played as noise. Lossy
  // encoders are known to write wrong ones, so theirs are not believed.
  const AVCodecID id = decoder_->codec_id;
  if (id == AV_CODEC_ID_FLAC || id == AV_CODEC_ID_TTA || id == AV_CODEC_ID_WAVPACK) {
    decoder_->err_recognition |= AV_EF_CRCCHECK | AV_EF_EXPLODE;
  }
  AVDictionary* options = nullptr;
  av_dict_set(&options, "codec_whitelist", AllowedDecoders(), 0);
  const int result = avcodec_open2(decoder_.get(), decoder, &options);
  av_dict_free(&options);
  if (result < 0) RefuseDecoder(decoder, id, result);
}

int FfmpegStream::ReadPacket(AVPacket* packet) {
  for (;;) {
    const int result = av_read_frame(format_.get(), packet);
    input_.RethrowFailure();
    if (result == AVERROR(ENOMEM)) throw std::bad_alloc();
    if (result < 0) return result;
    if (packet->stream_index == stream_->index) return 0;
    av_packet_unref(packet);
  }
}

bool FfmpegStream::Seekable() const {
  return decoder_->codec_id == AV_CODEC_ID_FLAC && container_ == "flac" && stream_->time_base.num == 1 &&
         stream_->time_base.den == stream_->codecpar->sample_rate;
}

bool FfmpegStream::Seek(int64_t sample) {
  const int result = av_seek_frame(format_.get(), stream_->index, sample, AVSEEK_FLAG_BACKWARD);
  input_.RethrowFailure();
  avcodec_flush_buffers(decoder_.get());
  return result >= 0;
}

double FfmpegStream::DurationSeconds() const {
  if (stream_->duration != AV_NOPTS_VALUE && stream_->duration > 0) {
    return static_cast<double>(stream_->duration) * av_q2d(stream_->time_base);
  }
  if (format_->duration != AV_NOPTS_VALUE && format_->duration > 0) {
    return static_cast<double>(format_->duration) / AV_TIME_BASE;
  }
  return -1;
}

double FfmpegStream::PromisedSeconds() const {
  // Durations that FFmpeg guesses from the bit rate or finds by looking at the last packet promise nothing.
  if (format_->duration_estimation_method != AVFMT_DURATION_FROM_STREAM) return 0;
  // Ogg has no length in its header, and FLV and AVI headers are too often wrong.
  if (container_ == "ogg" || container_ == "flv" || container_ == "avi") return 0;
  if (stream_->duration != AV_NOPTS_VALUE) {
    return static_cast<double>(stream_->duration) * av_q2d(stream_->time_base);
  }
  // The container's own length, when it holds nothing else that it could mean.
  if (format_->nb_streams != 1 || format_->duration == AV_NOPTS_VALUE) return 0;
  return static_cast<double>(format_->duration) / AV_TIME_BASE;
}

}  // namespace undertone::codec
