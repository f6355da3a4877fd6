// Contract in file.h.
#include "codec/file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <limits>
#include <system_error>

#include "core/status.h"

namespace undertone::codec {
namespace {

// std::strerror shares a buffer between threads; this does not.
std::string Describe(int error) { return std::generic_category().message(error); }

int OpenDescriptor(const std::string& path) {
  // O_NONBLOCK: opening a named pipe without a writer would otherwise block for ever.
  int descriptor;
  do {
    descriptor = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  } while (descriptor < 0 && errno == EINTR);
  if (descriptor >= 0) return descriptor;
  const int error = errno;
  if (error == ENOENT || error == ENOTDIR) throw Error(StatusCode::kNotFound, "The file does not exist");
  if (error == EACCES || error == EPERM) {
    throw Error(StatusCode::kUnreadable, "The file may not be read: permission denied");
  }
  throw Error(StatusCode::kUnreadable, "The file cannot be opened: " + Describe(error));
}

}  // namespace

File::File(const std::string& path) : descriptor_(OpenDescriptor(path)), size_(0) {
  struct stat status;
  const char* problem = nullptr;
  if (fstat(descriptor_, &status) != 0) {
    problem = "The file's size cannot be read";
  } else if (S_ISDIR(status.st_mode)) {
    problem = "Expected a file but found a directory";
  } else if (!S_ISREG(status.st_mode)) {
    problem = "Expected a regular file but found a pipe, socket or device";
  }
  if (problem != nullptr) {
    close(descriptor_);
    throw Error(StatusCode::kUnreadable, problem);
  }
  size_ = static_cast<uint64_t>(status.st_size);
#ifdef POSIX_FADV_SEQUENTIAL
  posix_fadvise(descriptor_, 0, 0, POSIX_FADV_SEQUENTIAL);
#endif
}

File::~File() { close(descriptor_); }

size_t File::ReadAt(uint64_t offset, void* to, size_t bytes) const {
  size_t done = 0;
  while (done < bytes) {
    const uint64_t at = offset + done;
    if (at > static_cast<uint64_t>(std::numeric_limits<off_t>::max())) break;
    const ssize_t got =
        pread(descriptor_, static_cast<char*>(to) + done, bytes - done, static_cast<off_t>(at));
    if (got > 0) {
      done += static_cast<size_t>(got);
    } else if (got == 0) {
      break;
    } else if (errno != EINTR) {
      throw Error(StatusCode::kUnreadable, "Reading the file failed: " + Describe(errno));
    }
  }
  return done;
}

}  // namespace undertone::codec
