// Contract: ffmpeg_io.h.
#include "codec/ffmpeg_io.h"

extern "C" {
#include <libavutil/avutil.h>
#include <libavutil/log.h>
#include <libavutil/mem.h>
}

#include <algorithm>
#include <limits>
#include <mutex>
#include <new>

#include "core/status.h"

namespace undertone::codec {
namespace {

constexpr int kInputBufferBytes = 1 << 16;
// No single allocation of the library beyond this: hostile headers ask for more.
constexpr size_t kMaxAllocation = size_t{1} << 30;

int RefuseOpen(AVFormatContext*, AVIOContext**, const char*, int, AVDictionary**) { return AVERROR(EPERM); }

}  // namespace

void PrepareFfmpeg() {
  static std::once_flag once;
  std::call_once(once, [] {
    av_log_set_level(AV_LOG_QUIET);
    av_log_set_callback([](void*, int, const char*, va_list) {});
    av_max_alloc(kMaxAllocation);
  });
}

std::string FfmpegErrorText(int error) {
  char text[AV_ERROR_MAX_STRING_SIZE] = {};
  return av_strerror(error, text, sizeof text) == 0 ? text : "error " + std::to_string(error);
}

FfmpegInput::FfmpegInput(std::unique_ptr<File> file) : file_(std::move(file)) {
  auto* buffer = static_cast<unsigned char*>(av_malloc(kInputBufferBytes));
  if (buffer == nullptr) throw std::bad_alloc();
  context_ = avio_alloc_context(buffer, kInputBufferBytes, 0, this, &Read, nullptr, &Seek);
  if (context_ == nullptr) {
    av_free(buffer);
    throw std::bad_alloc();
  }
}

FfmpegInput::~FfmpegInput() {
  av_freep(&context_->buffer);
  avio_context_free(&context_);
}

void FfmpegInput::AttachTo(AVFormatContext* context) {
  context->pb = context_;
  context->flags |= AVFMT_FLAG_CUSTOM_IO;
  context->io_open = &RefuseOpen;
  context->protocol_whitelist = av_strdup("none");  // freed with the context
}

void FfmpegInput::RethrowFailure() const {
  if (!failure_.empty()) throw Error(StatusCode::kUnreadable, failure_);
}

int FfmpegInput::Read(void* opaque, uint8_t* to, int bytes) {
  auto* self = static_cast<FfmpegInput*>(opaque);
  try {
    const size_t got = self->file_->ReadOn(self->at_, to, static_cast<size_t>(std::max(bytes, 0)));
    self->at_ += got;
    return got == 0 ? AVERROR_EOF : static_cast<int>(got);
  } catch (const std::exception& error) {
    self->failure_ = error.what();
    return AVERROR(EIO);
  }
}

int64_t FfmpegInput::Seek(void* opaque, int64_t offset, int whence) {
  auto* self = static_cast<FfmpegInput*>(opaque);
  const auto size = static_cast<int64_t>(self->file_->size());
  int64_t base = 0;
  switch (whence & ~AVSEEK_FORCE) {
    case AVSEEK_SIZE:
      return size;
    case SEEK_SET:
      break;
    case SEEK_CUR:
      base = static_cast<int64_t>(self->at_);
      break;
    case SEEK_END:
      base = size;
      break;
    default:
      return AVERROR(EINVAL);
  }
  if (offset > 0 && base > std::numeric_limits<int64_t>::max() - offset) return AVERROR(EINVAL);
  if (base + offset < 0) return AVERROR(EINVAL);
  self->at_ = static_cast<uint64_t>(base + offset);
  return base + offset;
}

}  // namespace undertone::codec
