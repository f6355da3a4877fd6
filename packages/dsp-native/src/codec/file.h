// A regular file opened for reading at any offset.
//
// Why not mmap: a file that shrinks or vanishes under a mapping kills the process with SIGBUS; a short read
// does not. Errors: kNotFound, kUnreadable (permission, directory, pipe, device, I/O error). Sentences name
// what was found, never the path: the caller adds the subject. POSIX only.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

namespace undertone::codec {

class File {
 public:
  // `path` is bytes in whatever encoding the file system uses.
  explicit File(const std::string& path);
  ~File();
  File(const File&) = delete;
  File& operator=(const File&) = delete;

  // Size when opened. Reads go by what is really there.
  uint64_t size() const { return size_; }

  // Reads up to `bytes` at `offset`; fewer only at the end of the file.
  size_t ReadAt(uint64_t offset, void* to, size_t bytes) const;

  // The same for what is read front to back: the system is asked for the megabytes that come next, so that a
  // disk reads long stretches and a network is not waited for.
  size_t ReadOn(uint64_t offset, void* to, size_t bytes);

  // Asks the system for the beginning of the file. Returns at once; nothing is lost where it does not listen.
  void WillRead();

 private:
  void AskFor(uint64_t end);

  int descriptor_;
  uint64_t size_;
  uint64_t run_begin_ = 0;
  uint64_t run_end_ = 0;
  uint64_t asked_to_ = 0;
};

// Announces that OpenFile will be asked for this path soon by the calling thread: the file is opened and its
// beginning asked for. Of a few announced files the oldest are forgotten. Throws nothing: OpenFile tells what
// is wrong.
void AnnounceFile(const std::string& path);

// The announced file of this path, or a fresh one. Errors: those of File.
std::unique_ptr<File> OpenFile(const std::string& path);

}  // namespace undertone::codec
