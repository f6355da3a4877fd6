// What FFmpeg may touch: the one open file, a bounded amount of memory, and nothing else.
//
// Hostile files name other files (playlists, external references, network addresses): every further open is
// refused. The library prints nothing.
#pragma once

extern "C" {
#include <libavformat/avformat.h>
}

#include <cstdint>
#include <memory>
#include <string>

#include "codec/file.h"

namespace undertone::codec {

// Silences the library and bounds its allocations, once a process. To be called before anything else of
// FFmpeg.
void PrepareFfmpeg();

// FFmpeg's own words for one of its error codes.
std::string FfmpegErrorText(int error);

// The one open file as FFmpeg's input. Callbacks run inside C frames, so an I/O error is kept, not thrown.
class FfmpegInput {
 public:
  explicit FfmpegInput(std::unique_ptr<File> file);
  ~FfmpegInput();
  FfmpegInput(const FfmpegInput&) = delete;
  FfmpegInput& operator=(const FfmpegInput&) = delete;

  const File& file() const { return *file_; }
  // Makes this the only input of a context that is not open yet. It must outlive the context.
  void AttachTo(AVFormatContext* context);
  // Throws kUnreadable with what went wrong in a callback, if anything did.
  void RethrowFailure() const;

 private:
  static int Read(void* opaque, uint8_t* to, int bytes);
  static int64_t Seek(void* opaque, int64_t offset, int whence);

  std::unique_ptr<File> file_;
  AVIOContext* context_ = nullptr;
  uint64_t at_ = 0;
  std::string failure_;
};

}  // namespace undertone::codec
