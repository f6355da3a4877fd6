// Contract in file.h.
#include "codec/file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <deque>
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

// Far enough that a disk's arm moves seldom between the files of several workers, and little memory.
constexpr uint64_t kAheadBytes = uint64_t{4} << 20;
// Of one request: the kernel cuts off what is more than its device takes at a time.
constexpr uint64_t kAskBytes = uint64_t{512} << 10;

// Whoever has read this much reads on. Looking at headers takes less, and should not fetch the samples.
constexpr uint64_t kRunBytes = uint64_t{256} << 10;

struct Announced {
  std::string path;
  std::unique_ptr<File> file;
};
constexpr size_t kMaxAnnounced = 4;
// Oldest first. One a thread: announcing and opening are the same worker's.
std::deque<Announced>& ThreadAnnounced() {
  thread_local std::deque<Announced> announced;
  return announced;
}

}  // namespace

void AnnounceFile(const std::string& path) {
  std::deque<Announced>& announced = ThreadAnnounced();
  try {
    auto file = std::make_unique<File>(path);
    file->WillRead();
    if (announced.size() == kMaxAnnounced) announced.pop_front();
    announced.push_back({path, std::move(file)});
  } catch (const Error&) {
    // Opening it will say so.
  }
}

std::unique_ptr<File> OpenFile(const std::string& path) {
  std::deque<Announced>& announced = ThreadAnnounced();
  const auto found = std::find_if(announced.begin(), announced.end(),
                                  [&](const Announced& each) { return each.path == path; });
  if (found == announced.end()) return std::make_unique<File>(path);
  std::unique_ptr<File> file = std::move(found->file);
  announced.erase(found);
  return file;
}

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

size_t File::ReadOn(uint64_t offset, void* to, size_t bytes) {
  if (offset != run_end_) run_begin_ = asked_to_ = offset;
  run_end_ = offset + bytes;
  const bool reads_on = run_end_ - run_begin_ > kRunBytes;
  if (reads_on && run_end_ + kAheadBytes / 2 > asked_to_) AskFor(std::min(run_end_ + kAheadBytes, size_));
  return ReadAt(offset, to, bytes);
}

void File::WillRead() { AskFor(std::min(kAheadBytes, size_)); }

void File::AskFor(uint64_t end) {
#ifdef POSIX_FADV_WILLNEED
  for (uint64_t at = asked_to_; at < end; at += kAskBytes) {
    const uint64_t bytes = std::min(kAskBytes, end - at);
    posix_fadvise(descriptor_, static_cast<off_t>(at), static_cast<off_t>(bytes), POSIX_FADV_WILLNEED);
  }
#endif
  asked_to_ = std::max(asked_to_, end);
}

}  // namespace undertone::codec
