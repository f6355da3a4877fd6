// The audio stream of a container, with its demuxer and its decoder, opened and ready to give packets.
//
// Of several audio streams FFmpeg's "best" is taken; all others are discarded and never decoded. Errors at
// opening: kUnreadable (I/O), kUnsupportedCodec (container not recognised or not on the list, no audio
// stream, no decoder), kCorrupt (a header that cannot be read).
#pragma once

extern "C" {
#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
}

#include <memory>
#include <new>
#include <string>

#include "codec/ffmpeg_io.h"
#include "codec/file.h"

namespace undertone::codec {

// FFmpeg's objects, freed by FFmpeg.
struct FfmpegDeleter {
  void operator()(AVFormatContext* context) const { avformat_close_input(&context); }
  void operator()(AVCodecContext* context) const { avcodec_free_context(&context); }
  void operator()(AVPacket* packet) const { av_packet_free(&packet); }
  void operator()(AVFrame* frame) const { av_frame_free(&frame); }
};
template <typename T>
using FfmpegPtr = std::unique_ptr<T, FfmpegDeleter>;

// FFmpeg's allocators give null when memory is short.
template <typename T>
T* Checked(T* allocated) {
  if (allocated == nullptr) throw std::bad_alloc();
  return allocated;
}

class FfmpegStream {
 public:
  explicit FfmpegStream(std::unique_ptr<File> file);

  const std::string& container() const { return container_; }
  // FFmpeg's name of what the stream is coded in: mp3, opus …
  const char* codec() const { return avcodec_get_name(decoder_->codec_id); }
  AVCodecContext* decoder() { return decoder_.get(); }

  // Fills `packet`, which is empty, with the next packet of the stream. Returns 0; AVERROR_EOF at the end; or
  // another error of FFmpeg's, after which there may be more. Errors: kUnreadable (I/O).
  int ReadPacket(AVPacket* packet);

  // Whether packets can be sought by sample and decoded without those before them: FLAC in its own container.
  bool Seekable() const;
  // Goes to a packet whose time is at or before `sample`, in samples. False when the demuxer finds none.
  // Errors: kUnreadable (I/O).
  bool Seek(int64_t sample);

  // By the header, or estimated from the bit rate; -1 when unknown.
  double DurationSeconds() const;
  // What the header promises of this very stream; 0 when it promises nothing that can be relied upon.
  double PromisedSeconds() const;

 private:
  void OpenContainer();
  void OpenDecoder();

  FfmpegInput input_;  // outlives format_, which reads from it
  FfmpegPtr<AVFormatContext> format_;
  FfmpegPtr<AVCodecContext> decoder_;
  AVStream* stream_ = nullptr;  // of format_
  std::string container_;
};

}  // namespace undertone::codec
