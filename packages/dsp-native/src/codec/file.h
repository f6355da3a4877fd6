// A regular file opened for reading at any offset.
//
// Why not mmap: a file that shrinks or vanishes under a mapping kills the process with SIGBUS; a short read
// does not. Errors: kNotFound, kUnreadable (permission, directory, pipe, device, I/O error). Sentences name
// what was found, never the path: the caller adds the subject. POSIX only.
#pragma once

#include <cstddef>
#include <cstdint>
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

 private:
  int descriptor_;
  uint64_t size_;
};

}  // namespace undertone::codec
