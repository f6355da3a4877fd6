// The header of a WAV file: where its samples are and what their fmt chunk says about them.
//
// In: a file that may be anything. Out: WavHeader; nothing is thrown for nonsense, since the same scan tells
// whether the file is WAV at all. Knows RIFF, RF64, BW64 and Sony Wave64. Sizes are believed only as far as
// the file reaches; the sizes that streaming writers leave behind mean "to the end of the file". Sources:
// Microsoft "Multimedia Programming Interface and Data Specifications 1.0", mmreg.h, EBU Tech 3306 (RF64),
// ITU-R BS.2088 (BW64), Sony/VCS Wave64 file format.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "codec/file.h"

namespace undertone::codec {

static_assert(std::endian::native == std::endian::little, "WAV is little-endian and loaded in place");

template <typename T>
T LoadLittleEndian(const uint8_t* from) {
  T value;
  std::memcpy(&value, from, sizeof value);
  return value;
}

// A real file has a dozen chunks; a hostile one could make the walk through a large file endless.
constexpr int kMaxWavChunks = 1024;

// Format tags, from mmreg.h.
constexpr uint16_t kWavPcm = 1;
constexpr uint16_t kWavFloat = 3;
constexpr uint16_t kWavALaw = 6;
constexpr uint16_t kWavMuLaw = 7;
constexpr uint16_t kWavExtensible = 0xFFFE;

// The fmt chunk as it stands in the file, checked against nothing.
struct WavFormat {
  size_t bytes = 0;  // of the chunk that were there; below kMinBytes the rest means nothing
  uint16_t tag = 0;  // of the sub-format where there is one; kWavExtensible: it should have one and has none
  int channels = 0;
  uint32_t sample_rate_hz = 0;
  int block_align = 0;
  int bits = 0;        // of a sample in the file
  int valid_bits = 0;  // of these, the ones that carry sound

  static constexpr size_t kMinBytes = 16;
};

struct WavHeader {
  const char* container = nullptr;  // wav, rf64, bw64, w64; null: not WAV, and the rest means nothing
  WavFormat format;
  bool too_many_chunks = false;  // the search for the samples was given up
  bool has_data = false;
  uint64_t data_offset = 0;
  uint64_t data_bytes = 0;  // really there
  bool streaming = false;   // the header does not say how much there is
  bool cut = false;         // the header says more than there is
};

// Reads up to the data chunk. Errors: kUnreadable, from the file.
WavHeader ReadWavHeader(const File& file);

}  // namespace undertone::codec
