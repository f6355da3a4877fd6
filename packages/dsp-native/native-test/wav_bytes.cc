#include "wav_bytes.h"

#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <stdexcept>

namespace undertone::test {
namespace {

constexpr uint8_t kWave64Tail[12] = {0xF3, 0xAC, 0xD3, 0x11, 0x8C, 0xD1, 0x00, 0xC0, 0x4F, 0x8E, 0xDB, 0x8A};

void Text(Bytes* to, const char* text) { to->insert(to->end(), text, text + std::strlen(text)); }

void Number(Bytes* to, uint64_t value, int bytes) {
  for (int i = 0; i < bytes; ++i) to->push_back(static_cast<uint8_t>(value >> (8 * i)));
}

void BigNumber(Bytes* to, uint32_t value) {
  for (int i = 3; i >= 0; --i) to->push_back(static_cast<uint8_t>(value >> (8 * i)));
}

void Append(Bytes* to, const Bytes& more) { to->insert(to->end(), more.begin(), more.end()); }

void Chunk(Bytes* to, const char* id, const Bytes& body, uint32_t claimed) {
  Text(to, id);
  Number(to, claimed, 4);
  Append(to, body);
  if (body.size() % 2 != 0) to->push_back(0);
}

void Wave64Chunk(Bytes* to, const char* id, const Bytes& body) {
  Text(to, id);
  to->insert(to->end(), std::begin(kWave64Tail), std::end(kWave64Tail));
  Number(to, body.size() + 24, 8);
  Append(to, body);
  to->resize((to->size() + 7) / 8 * 8);
}

Bytes Format(const WavKind& kind, int channels, int rate_hz, bool extensible) {
  const int block = channels * kind.bits / 8;
  Bytes body;
  Number(&body, extensible ? 0xFFFE : static_cast<uint64_t>(kind.tag), 2);
  Number(&body, static_cast<uint64_t>(channels), 2);
  Number(&body, static_cast<uint64_t>(rate_hz), 4);
  Number(&body, static_cast<uint64_t>(rate_hz) * static_cast<uint64_t>(block), 4);
  Number(&body, static_cast<uint64_t>(block), 2);
  Number(&body, static_cast<uint64_t>(kind.bits), 2);
  if (!extensible) return body;
  Number(&body, 22, 2);
  Number(&body, static_cast<uint64_t>(kind.bits), 2);
  Number(&body, 0, 4);
  Number(&body, static_cast<uint64_t>(kind.tag), 2);
  for (const int byte : {0, 0, 0, 0, 16, 0, 0x80, 0, 0, 0xAA, 0, 0x38, 0x9B, 0x71}) {
    body.push_back(static_cast<uint8_t>(byte));
  }
  return body;
}

Bytes MakeWave64(const Bytes& format, const Bytes& data) {
  Bytes file;
  for (const int byte :
       {0x72, 0x69, 0x66, 0x66, 0x2E, 0x91, 0xCF, 0x11, 0xA5, 0xD6, 0x28, 0xDB, 4, 0xC1, 0, 0}) {
    file.push_back(static_cast<uint8_t>(byte));
  }
  Number(&file, 40 + 24 + 24 + format.size() + data.size(), 8);
  Text(&file, "wave");
  file.insert(file.end(), std::begin(kWave64Tail), std::end(kWave64Tail));
  Wave64Chunk(&file, "fmt ", format);
  Wave64Chunk(&file, "data", data);
  return file;
}

}  // namespace

Bytes MakeWav(WavContainer container, const WavKind& kind, int channels, int rate_hz, const Bytes& data) {
  const Bytes format = Format(kind, channels, rate_hz, container == WavContainer::kExtensible);
  if (container == WavContainer::kWave64) return MakeWave64(format, data);
  const bool wide = container == WavContainer::kRf64;
  constexpr uint32_t kInDs64 = 0xFFFFFFFF;
  Bytes chunks;
  Text(&chunks, "WAVE");
  if (wide) {
    Bytes sizes;
    Number(&sizes, data.size() + 72, 8);
    Number(&sizes, data.size(), 8);
    Number(&sizes, 0, 8);
    Number(&sizes, 0, 4);
    Chunk(&chunks, "ds64", sizes, static_cast<uint32_t>(sizes.size()));
  }
  Chunk(&chunks, "fmt ", format, static_cast<uint32_t>(format.size()));
  Chunk(&chunks, "data", data, wide ? kInDs64 : static_cast<uint32_t>(data.size()));
  Bytes file;
  Text(&file, wide ? "RF64" : "RIFF");
  Number(&file, wide ? kInDs64 : chunks.size(), 4);
  Append(&file, chunks);
  return file;
}

Bytes MakeAu(int channels, int rate_hz, const Bytes& data) {
  Bytes file;
  Text(&file, ".snd");
  constexpr uint32_t kHeaderBytes = 24;
  constexpr uint32_t kLinear16 = 3;
  for (const uint32_t field : {kHeaderBytes, static_cast<uint32_t>(data.size()), kLinear16,
                               static_cast<uint32_t>(rate_hz), static_cast<uint32_t>(channels)}) {
    BigNumber(&file, field);
  }
  Append(&file, data);
  return file;
}

Bytes RandomBytes(Random& random, size_t count) {
  Bytes bytes(count);
  for (uint8_t& byte : bytes) byte = static_cast<uint8_t>(random.Below(256));
  return bytes;
}

TemporaryFile::TemporaryFile() {
  path_ = (std::filesystem::temp_directory_path() / "undertone-native-test-XXXXXX").string();
  const int descriptor = mkstemp(path_.data());
  if (descriptor < 0) throw std::runtime_error("No temporary file could be made: " + path_);
  close(descriptor);
}

TemporaryFile::~TemporaryFile() { std::remove(path_.c_str()); }

void TemporaryFile::Write(const Bytes& bytes, size_t count) const {
  std::ofstream file(path_, std::ios::binary | std::ios::trunc);
  file.write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(count));
  if (!file.flush()) throw std::runtime_error("The temporary file cannot be written: " + path_);
}

}  // namespace undertone::test
