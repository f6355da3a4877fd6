// Recordings made in memory: every kind of WAV sample in every container, cut anywhere, and with hostile
// headers. What comes out is right, or a typed error; never a crash, a hang, or a sample that is not finite.
#include <algorithm>
#include <cmath>
#include <cstring>
#include <vector>

#include "codec/codec.h"
#include "core/status.h"
#include "expect.h"
#include "plan/recording.h"
#include "tests.h"
#include "wav_bytes.h"

namespace undertone::test {
namespace {

// What a sample of this kind stands for, by its definition; G.711 is left to the tables' own tests.
float Sample(const WavKind& kind, const uint8_t* from) {
  if (kind.tag == 3) {
    float single;
    double wide;
    if (kind.bits == 32) {
      std::memcpy(&single, from, sizeof single);
      return single;
    }
    std::memcpy(&wide, from, sizeof wide);
    return std::abs(wide) < 3.4e38 ? static_cast<float>(wide) : INFINITY;
  }
  if (kind.bits == 8) return static_cast<float>(*from - 128) / 128;
  int64_t code = 0;
  for (int i = 0; i < kind.bits / 8; ++i) code |= int64_t{from[i]} << (8 * i);
  const int64_t range = int64_t{1} << kind.bits;
  if (code >= range / 2) code -= range;
  return static_cast<float>(static_cast<double>(code) / (static_cast<double>(range) / 2));
}

// Random codes; floats moderate numbers, since random bits are mostly absurd ones.
Bytes RandomSamples(const WavKind& kind, size_t count, Random& random) {
  if (kind.tag != 3) return RandomBytes(random, count * static_cast<size_t>(kind.bits) / 8);
  Bytes bytes(count * static_cast<size_t>(kind.bits) / 8);
  for (size_t i = 0; i < count; ++i) {
    const float single = random.Uniform(-1, 1);
    const double wide = single;
    if (kind.bits == 32) std::memcpy(&bytes[4 * i], &single, 4);
    if (kind.bits == 64) std::memcpy(&bytes[8 * i], &wide, 8);
  }
  return bytes;
}

struct Decoded {
  std::vector<std::vector<float>> channels;
  std::vector<std::vector<uint32_t>> clipped;
  bool truncated = false;
};

// Throws what the recording throws.
Decoded Decode(const std::string& path, ChannelChoice choice, int rate_hz, size_t frames_a_read,
               uint64_t first_sample = 0) {
  Recording recording(path, choice, rate_hz, first_sample);
  Decoded decoded;
  decoded.channels.resize(recording.channels());
  decoded.clipped.resize(recording.channels());
  for (PcmPiece piece; recording.Read(frames_a_read, &piece);) {
    for (size_t c = 0; c < piece.channels.size(); ++c) {
      decoded.channels[c].insert(decoded.channels[c].end(), piece.channels[c].begin(),
                                 piece.channels[c].end());
      decoded.clipped[c].insert(decoded.clipped[c].end(), piece.clipped[c].begin(), piece.clipped[c].end());
    }
  }
  decoded.truncated = recording.ending().truncated;
  return decoded;
}

constexpr ChannelChoice kSplit{ChannelChoice::Kind::kSplit, 0};

void CheckGood(WavContainer container, const WavKind& kind, int channels, const TemporaryFile& file,
               Random& random) {
  const auto frames = static_cast<size_t>(1 + random.Below(3000));
  const Bytes data = RandomSamples(kind, frames * static_cast<size_t>(channels), random);
  file.Write(MakeWav(container, kind, channels, 16000, data));
  const Decoded decoded = Decode(file.path(), kSplit, 0, static_cast<size_t>(1 + random.Below(2000)));
  Expect(decoded.channels.size() == static_cast<size_t>(channels) && decoded.channels[0].size() == frames &&
             !decoded.truncated,
         "%s, %d channels: not %zu whole frames", kind.name, channels, frames);
  if (kind.tag == 6 || kind.tag == 7) return;
  const auto bytes = static_cast<size_t>(kind.bits / 8);
  for (size_t c = 0; c < decoded.channels.size(); ++c) {
    for (size_t i = 0; i < decoded.channels[c].size(); ++i) {
      const float expected = Sample(kind, &data[(i * decoded.channels.size() + c) * bytes]);
      Expect(decoded.channels[c][i] == expected, "%s, channel %zu, sample %zu: %g, expected %g", kind.name, c,
             i, decoded.channels[c][i], expected);
    }
  }
}

// Reads whatever is in the file, in one of several ways. Typed errors are an answer too.
void Survive(const TemporaryFile& file, Random& random, const char* what) {
  const ChannelChoice choices[] = {
      {ChannelChoice::Kind::kMix, 0}, kSplit, {ChannelChoice::Kind::kOne, random.Below(3)}};
  constexpr int kRates[] = {0, 0, 16000};
  try {
    const Decoded decoded = Decode(file.path(), random.Pick(choices), random.Pick(kRates),
                                   static_cast<size_t>(1 + random.Below(5000)));
    for (const std::vector<float>& channel : decoded.channels) {
      Expect(std::all_of(channel.begin(), channel.end(), [](float x) { return std::isfinite(x); }),
             "%s: a sample is not finite", what);
    }
  } catch (const Error& error) {
    Expect(error.code() != StatusCode::kInternal && error.code() != StatusCode::kOutOfMemory, "%s: %s", what,
           error.what());
  }
}

// Samples and counts from `first` on are those of the whole.
void CheckStart(const std::string& path, ChannelChoice choice, int rate_hz, uint64_t first,
                const Decoded& whole, const char* what, Random& random) {
  const Decoded rest = Decode(path, choice, rate_hz, static_cast<size_t>(1 + random.Below(2000)), first);
  const auto from = static_cast<std::ptrdiff_t>(std::min<uint64_t>(first, whole.channels[0].size()));
  const auto block = static_cast<std::ptrdiff_t>(
      std::min<uint64_t>(first * 100 / static_cast<uint64_t>(rate_hz), whole.clipped[0].size()));
  for (size_t c = 0; c < whole.channels.size(); ++c) {
    Expect(std::equal(rest.channels[c].begin(), rest.channels[c].end(), whole.channels[c].begin() + from,
                      whole.channels[c].end()),
           "%s: the samples from %zu on at %d Hz differ", what, static_cast<size_t>(first), rate_hz);
    // A start beyond the end has no block either.
    const bool beyond = first >= whole.channels[c].size();
    Expect(beyond || std::equal(rest.clipped[c].begin(), rest.clipped[c].end(),
                                whole.clipped[c].begin() + block, whole.clipped[c].end()),
           "%s: the counts from %zu on at %d Hz differ", what, static_cast<size_t>(first), rate_hz);
  }
  Expect(rest.truncated == whole.truncated, "%s: truncated or not depends on the start", what);
}

void CheckStarts(const std::string& path, int own_rate_hz, const char* what, Random& random) {
  const ChannelChoice choices[] = {{ChannelChoice::Kind::kMix, 0}, kSplit, {ChannelChoice::Kind::kOne, 1}};
  const int rates[] = {own_rate_hz, 16000, 11025};
  for (const ChannelChoice choice : choices) {
    const int rate_hz = random.Pick(rates);
    const Decoded whole = Decode(path, choice, rate_hz, 777);
    const auto length = static_cast<int>(whole.channels[0].size());
    for (const int first :
         {1, rate_hz / 100, length / 2, length - 1, length, length + 5, random.Below(length)}) {
      CheckStart(path, choice, rate_hz, static_cast<uint64_t>(first), whole, what, random);
    }
  }
}

void CheckCuts(const Bytes& whole, size_t every, const TemporaryFile& file, Random& random) {
  for (size_t size = 0; size < whole.size(); size += every) {
    file.Write(whole, size);
    Survive(file, random, "cut file");
  }
}

// Some bytes of the header replaced: by anything, or by what overflows.
Bytes Mutated(Bytes bytes, size_t header_bytes, Random& random) {
  constexpr uint8_t kEdges[] = {0x00, 0x01, 0x7F, 0x80, 0xFE, 0xFF};
  for (int i = random.Below(6); i >= 0; --i) {
    const auto at = static_cast<size_t>(random.Below(static_cast<int>(std::min(header_bytes, bytes.size()))));
    bytes[at] = random.Chance() ? random.Pick(kEdges) : static_cast<uint8_t>(random.Below(256));
  }
  return bytes;
}

void TestHostile(const TemporaryFile& file, Random& random) {
  for (int i = 0; i < 1500; ++i) {
    const WavContainer container = random.Pick(kWavContainers);
    const WavKind kind = random.Pick(kWavKinds);
    const Bytes data = RandomBytes(random, static_cast<size_t>(random.Below(900)));
    file.Write(Mutated(MakeWav(container, kind, 1 + random.Below(3), 16000, data), 120, random));
    Survive(file, random, "hostile WAV");
  }
}

// Other formats are FFmpeg's; ours is how packets, cuts and strange headers are taken from it.
void TestAu(const TemporaryFile& file, Random& random) {
#ifdef UNDERTONE_FFMPEG
  const Bytes data = RandomBytes(random, 4000);
  const Bytes au = MakeAu(2, 16000, data);
  file.Write(au);
  const Decoded decoded = Decode(file.path(), kSplit, 0, 333);
  Expect(decoded.channels.size() == 2 && decoded.channels[0].size() == 1000,
         "AU: not 1000 frames of 2 channels");
  CheckStarts(file.path(), 16000, "AU", random);
  CheckCuts(au, 61, file, random);
  for (int i = 0; i < 150; ++i) {
    file.Write(Mutated(au, 24, random));
    Survive(file, random, "hostile AU");
  }
#else
  file.Write(MakeAu(1, 16000, RandomBytes(random, 100)));
  Survive(file, random, "AU without FFmpeg");
#endif
}

}  // namespace

void TestWav() {
  Random random(6);
  const TemporaryFile file;
  constexpr int kChannels[] = {1, 2, 7};
  for (const WavContainer container : kWavContainers) {
    for (const WavKind& kind : kWavKinds) {
      for (const int channels : kChannels) CheckGood(container, kind, channels, file, random);
      CheckCuts(MakeWav(container, kind, 2, 16000, RandomSamples(kind, 8, random)), 1, file, random);
      const int rate_hz = 8000 + random.Below(40000);
      const Bytes wav = MakeWav(container, kind, 2, rate_hz, RandomSamples(kind, 9000, random));
      // Some end too early.
      file.Write(wav, wav.size() - static_cast<size_t>(random.Below(2) * random.Below(3000)));
      CheckStarts(file.path(), rate_hz, kind.name, random);
    }
  }
  TestHostile(file, random);
  TestAu(file, random);
}

}  // namespace undertone::test
