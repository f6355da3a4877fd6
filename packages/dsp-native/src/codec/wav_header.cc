// Contract: wav_header.h. Sniffs the container, walks its chunks, keeps "fmt " and "data".
#include "codec/wav_header.h"

#include <algorithm>
#include <array>
#include <limits>

namespace undertone::codec {
namespace {

// Wave64 chunk ids are GUIDs that begin with the RIFF id in lower case.
constexpr uint8_t kWave64Riff[16] = {'r',  'i',  'f',  'f',  0x2E, 0x91, 0xCF, 0x11,
                                     0xA5, 0xD6, 0x28, 0xDB, 0x04, 0xC1, 0x00, 0x00};
constexpr uint8_t kWave64Tail[12] = {0xF3, 0xAC, 0xD3, 0x11, 0x8C, 0xD1, 0x00, 0xC0, 0x4F, 0x8E, 0xDB, 0x8A};

enum class Container { kNone, kRiff, kRf64, kBw64, kWave64 };

const char* Name(Container container) {
  switch (container) {
    case Container::kNone:
      return nullptr;
    case Container::kRf64:
      return "rf64";
    case Container::kBw64:
      return "bw64";
    case Container::kWave64:
      return "w64";
    default:
      return "wav";
  }
}

Container Sniff(const File& file) {
  uint8_t head[40];
  const size_t got = file.ReadAt(0, head, sizeof head);
  if (got >= 12 && std::memcmp(head + 8, "WAVE", 4) == 0) {
    if (std::memcmp(head, "RIFF", 4) == 0) return Container::kRiff;
    if (std::memcmp(head, "RF64", 4) == 0) return Container::kRf64;
    if (std::memcmp(head, "BW64", 4) == 0) return Container::kBw64;
  }
  if (got == sizeof head && std::memcmp(head, kWave64Riff, 16) == 0 &&
      std::memcmp(head + 24, "wave", 4) == 0 && std::memcmp(head + 28, kWave64Tail, 12) == 0) {
    return Container::kWave64;
  }
  return Container::kNone;
}

struct Chunk {
  std::array<char, 4> id{};
  uint64_t payload = 0;  // offset in the file
  uint64_t bytes = 0;    // as claimed
  bool Is(const char* name) const { return std::memcmp(id.data(), name, 4) == 0; }
};

// Walks the chunk list. Offsets saturate at the end of the file, so no sum can wrap.
class ChunkWalk {
 public:
  ChunkWalk(const File& file, Container container, uint64_t from)
      : file_(file), wave64_(container == Container::kWave64), at_(from) {}

  bool Next(Chunk* chunk) {
    uint8_t header[24];
    const size_t header_bytes = wave64_ ? 24 : 8;
    if (file_.ReadAt(at_, header, header_bytes) < header_bytes) return false;
    std::memcpy(chunk->id.data(), header, 4);
    chunk->payload = at_ + header_bytes;
    if (wave64_) {
      // Sizes include the header; smaller ones are nonsense and would walk on the spot.
      const uint64_t size = LoadLittleEndian<uint64_t>(header + 16);
      chunk->bytes = size < 24 ? 0 : size - 24;
      if (std::memcmp(header + 4, kWave64Tail, 12) != 0) chunk->id = {};
    } else {
      chunk->bytes = LoadLittleEndian<uint32_t>(header + 4);
    }
    const uint64_t room = file_.size() - std::min(chunk->payload, file_.size());
    const uint64_t alignment = wave64_ ? 8 : 2;
    const uint64_t claimed = std::min(chunk->bytes, room);
    at_ = chunk->payload + (claimed + alignment - 1) / alignment * alignment;
    return true;
  }
  // Where the next chunk would begin.
  uint64_t at() const { return at_; }

 private:
  const File& file_;
  bool wave64_;
  uint64_t at_;
};

// A data size of 0 means "never patched by a streaming writer" or really nothing. It is nothing when the rest
// of the file is a well-formed chunk list.
bool OnlyChunksFollow(const File& file, Container container, uint64_t from) {
  ChunkWalk walk(file, container, from);
  Chunk chunk;
  for (int i = 0; i < kMaxWavChunks && walk.at() < file.size(); ++i) {
    if (!walk.Next(&chunk) || chunk.bytes > file.size() - chunk.payload) return false;
    for (const char letter : chunk.id) {
      if (letter < ' ' || letter > '~') return false;
    }
  }
  return walk.at() >= file.size();
}

// What writers that cannot seek back leave: all ones (FFmpeg), or close to it (rounded down to a sample frame
// or counting the header), and the 0x7ffff000 of SoX and eSpeak NG.
bool IsStreamingSize(Container container, uint64_t bytes) {
  if (container == Container::kWave64) return bytes >= uint64_t{1} << 62;
  return (bytes >= 0xFFFFFF00u && bytes <= 0xFFFFFFFFu) || bytes >= uint64_t{1} << 62 ||
         bytes == 0x7FFFF000u || bytes == 0x7FFFFFFFu;
}

void PlaceData(const File& file, Container container, const Chunk& chunk, uint64_t claimed,
               WavHeader* header) {
  const uint64_t there = file.size() - std::min(chunk.payload, file.size());
  header->has_data = true;
  header->data_offset = chunk.payload;
  header->streaming =
      claimed == 0 ? !OnlyChunksFollow(file, container, chunk.payload) : IsStreamingSize(container, claimed);
  header->cut = !header->streaming && claimed > there;
  header->data_bytes = header->streaming ? there : std::min(claimed, there);
}

WavFormat ReadFormat(const File& file, const Chunk& chunk) {
  std::array<uint8_t, 40> fields{};  // what a short chunk lacks reads as 0
  WavFormat format;
  format.bytes = file.ReadAt(chunk.payload, fields.data(), std::min<uint64_t>(chunk.bytes, fields.size()));
  const uint8_t* from = fields.data();
  format.tag = LoadLittleEndian<uint16_t>(from);
  format.channels = LoadLittleEndian<uint16_t>(from + 2);
  format.sample_rate_hz = LoadLittleEndian<uint32_t>(from + 4);
  format.block_align = LoadLittleEndian<uint16_t>(from + 12);
  format.bits = LoadLittleEndian<uint16_t>(from + 14);
  format.valid_bits = format.bits;
  if (format.tag == kWavExtensible) {
    const int valid = LoadLittleEndian<uint16_t>(from + 18);
    if (valid >= 1 && valid <= format.bits) format.valid_bits = valid;
    // WAVE_FORMAT_EXTENSIBLE keeps the tag in the first two bytes of its sub-format GUID.
    if (format.bytes == fields.size()) format.tag = LoadLittleEndian<uint16_t>(from + 24);
  }
  return format;
}

// RF64 and BW64 keep the data size in their ds64 chunk. One too short for it leaves `data_bytes` alone.
void ReadDataSize64(const File& file, const Chunk& chunk, uint64_t* data_bytes) {
  uint8_t sizes[16];
  if (chunk.bytes < sizeof sizes) return;
  if (file.ReadAt(chunk.payload, sizes, sizeof sizes) < sizeof sizes) return;
  *data_bytes = LoadLittleEndian<uint64_t>(sizes + 8);
}

}  // namespace

WavHeader ReadWavHeader(const File& file) {
  WavHeader header;
  const Container container = Sniff(file);
  header.container = Name(container);
  if (container == Container::kNone) return header;
  ChunkWalk walk(file, container, container == Container::kWave64 ? 40 : 12);
  uint64_t data_bytes_64 = std::numeric_limits<uint64_t>::max();
  Chunk chunk;
  for (int i = 0; walk.Next(&chunk); ++i) {
    if (i == kMaxWavChunks) {
      header.too_many_chunks = true;
      break;
    }
    if (chunk.Is("ds64")) {
      ReadDataSize64(file, chunk, &data_bytes_64);
    } else if (chunk.Is("fmt ") && header.format.bytes == 0) {
      header.format = ReadFormat(file, chunk);
    } else if (chunk.Is("data")) {
      const bool in_ds64 =
          (container == Container::kRf64 || container == Container::kBw64) && chunk.bytes == 0xFFFFFFFFu;
      PlaceData(file, container, chunk, in_ds64 ? data_bytes_64 : chunk.bytes, &header);
      break;
    }
  }
  return header;
}

}  // namespace undertone::codec
