// openDecoder, decoderInfo, readDecoder, decoderEnding, closeDecoder, announceFile, sumSquares
// (lib/native.d.ts): JS values in and out around plan/recording.h. Synchronous. A handle that is never closed
// is freed with its JS value.
#include "napi/decoder.h"

#include <cmath>
#include <cstring>
#include <memory>
#include <string>

#include "napi/handle.h"
#include "napi/status.h"
#include "plan/pcm_kernels.h"
#include "plan/recording.h"

namespace undertone::napi {
namespace {

// Samples of one read, over all channels: 512 MiB. Beyond it a typing error, not a need.
constexpr double kMaxSamplesInRead = double{1 << 27};

// Floats a thread may keep between reads.
constexpr size_t kMaxKeptSamples = size_t{1} << 22;

struct Decoder {
  std::unique_ptr<Recording> recording;  // null once closed
};

// One a thread, not one a recording: fresh pages for every short recording would cost more than decoding it.
PcmPiece& ReadBuffer() {
  thread_local PcmPiece piece;
  size_t kept = 0;
  for (const std::vector<float>& channel : piece.channels) kept += channel.capacity();
  if (kept > kMaxKeptSamples) piece = {};
  return piece;
}

[[noreturn]] void Usage(const std::string& sentence) { throw Error(StatusCode::kUsage, sentence); }

std::string ParsePath(const Napi::Value& value) {
  std::string path;
  if (value.IsString()) {
    path = value.As<Napi::String>().Utf8Value();
  } else if (value.IsTypedArray() && value.As<Napi::TypedArray>().TypedArrayType() == napi_uint8_array) {
    const auto bytes = value.As<Napi::Uint8Array>();
    path.assign(reinterpret_cast<const char*>(bytes.Data()), bytes.ByteLength());
  } else {
    Usage("Expected a string or a Uint8Array for path");
  }
  if (path.empty()) Usage("Expected a path but received an empty one");
  if (path.find('\0') != std::string::npos) Usage("Expected a path without NUL bytes");
  return path;
}

// A whole number within [least, most].
double ParseWhole(const Napi::Value& value, const char* name, double least, double most) {
  const double number = value.IsNumber() ? value.As<Napi::Number>().DoubleValue() : std::nan("");
  if (number >= least && number <= most && number == std::floor(number)) return number;
  Usage(std::string("Expected a whole number from ") + std::to_string(static_cast<int64_t>(least)) + " to " +
        std::to_string(static_cast<int64_t>(most)) + " for " + name + " but received " +
        value.ToString().Utf8Value());
}

ChannelChoice ParseChannels(const Napi::Value& value) {
  if (value.IsString()) {
    const std::string text = value.As<Napi::String>().Utf8Value();
    if (text == "mix") return {ChannelChoice::Kind::kMix, 0};
    if (text == "split") return {ChannelChoice::Kind::kSplit, 0};
    Usage("Expected 'mix', 'split' or an index for channels but received '" + text + "'");
  }
  if (!value.IsNumber()) Usage("Expected 'mix', 'split' or an index for channels");
  const double index = ParseWhole(value, "channels", 0, codec::kMaxChannels);
  return {ChannelChoice::Kind::kOne, static_cast<int>(index)};
}

int ParseRate(const Napi::Value& value) {
  if (value.IsNumber() && value.As<Napi::Number>().DoubleValue() == 0) return 0;
  return static_cast<int>(
      ParseWhole(value, "sampleRateHz", codec::kMinSampleRateHz, codec::kMaxSampleRateHz));
}

uint64_t ParseFirstSample(const Napi::Value& value) {
  if (value.IsUndefined()) return 0;
  return static_cast<uint64_t>(
      ParseWhole(value, "firstSample", 0, static_cast<double>(Resampler::kMaxFirstOutput)));
}

}  // namespace

template <>
struct HandleTraits<Decoder> {
  static constexpr napi_type_tag kTag{0x7b2f5a9c41d84e06ULL, 0x9e1a0c6d83f7b254ULL};
  static constexpr const char* kName = "decoder";
};

namespace {

Recording& OpenRecording(const Napi::Value& value) {
  Decoder& decoder = UnwrapHandle<Decoder>(value);
  if (decoder.recording == nullptr) Usage("The decoder is closed");
  return *decoder.recording;
}

// `into`: the array to fill from its start on, or undefined for a new one.
template <typename Array, typename Plane>
Array Join(Napi::Env env, const std::vector<Plane>& planes, const Napi::Value& into) {
  const size_t each = planes.empty() ? 0 : planes[0].size();
  const size_t count = each * planes.size();
  Array joined = into.IsTypedArray()
                     ? Array::New(env, count, into.As<Array>().ArrayBuffer(), into.As<Array>().ByteOffset())
                     : Array::New(env, count);
  for (size_t plane = 0; each > 0 && plane < planes.size(); ++plane) {
    std::memcpy(joined.Data() + plane * each, planes[plane].data(), each * sizeof(planes[plane][0]));
  }
  return joined;
}

void CheckTarget(const Napi::Value& value, size_t samples) {
  const bool fits = value.IsTypedArray() &&
                    value.As<Napi::TypedArray>().TypedArrayType() == napi_float32_array &&
                    value.As<Napi::Float32Array>().ElementLength() >= samples;
  if (!fits) Usage("Expected a Float32Array of at least " + std::to_string(samples) + " samples for into");
}

}  // namespace

Napi::Value OpenDecoder(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  return Guard(env, [&]() -> Napi::Value {
    const std::string path = ParsePath(info[0]);
    const ChannelChoice channels = ParseChannels(info[1]);
    const int rate_hz = ParseRate(info[2]);
    auto decoder = std::make_unique<Decoder>();
    decoder->recording = std::make_unique<Recording>(path, channels, rate_hz, ParseFirstSample(info[3]));
    return WrapHandle(env, std::move(decoder));
  });
}

Napi::Value DecoderInfo(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  return Guard(env, [&]() -> Napi::Value {
    const codec::CodecInfo& found = OpenRecording(info[0]).info();
    Napi::Object result = Napi::Object::New(env);
    result.Set("container", found.container);
    result.Set("codec", found.codec);
    result.Set("sampleRateHz", found.sample_rate_hz);
    result.Set("channels", found.channels);
    result.Set("durationSeconds", found.duration_seconds);
    result.Set("seekable", found.seekable);
    return result;
  });
}

Napi::Value ReadDecoder(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  return Guard(env, [&]() -> Napi::Value {
    Recording& recording = OpenRecording(info[0]);
    const double most = std::floor(kMaxSamplesInRead / static_cast<double>(recording.channels()));
    const auto max_frames = static_cast<size_t>(ParseWhole(info[1], "maxFrames", 1, most));
    if (!info[2].IsUndefined()) CheckTarget(info[2], max_frames * recording.channels());
    PcmPiece& piece = ReadBuffer();
    if (!recording.Read(max_frames, &piece)) return env.Null();
    Napi::Object block = Napi::Object::New(env);
    block.Set("samples", Join<Napi::Float32Array>(env, piece.channels, info[2]));
    block.Set("channels", static_cast<double>(piece.channels.size()));
    block.Set("frames", static_cast<double>(piece.channels[0].size()));
    block.Set("clipped", Join<Napi::Uint32Array>(env, piece.clipped, env.Undefined()));
    Napi::Float32Array twins = Napi::Float32Array::New(env, piece.twins.size() * 3);
    for (size_t b = 0; b < piece.twins.size(); ++b) {
      twins[3 * b] = static_cast<float>(piece.twins[b].first);
      twins[3 * b + 1] = static_cast<float>(piece.twins[b].second);
      twins[3 * b + 2] = static_cast<float>(piece.twins[b].product);
    }
    block.Set("twins", twins);
    return block;
  });
}

Napi::Value DecoderEnding(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  return Guard(env, [&]() -> Napi::Value {
    const codec::CodecEnding ending = OpenRecording(info[0]).ending();
    Napi::Object result = Napi::Object::New(env);
    result.Set("truncated", ending.truncated);
    result.Set("corruptPackets", static_cast<double>(ending.corrupt_packets));
    return result;
  });
}

Napi::Value SumSquaresOf(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  return Guard(env, [&]() -> Napi::Value {
    const auto is = [&info](size_t i, napi_typedarray_type type) {
      return info[i].IsTypedArray() && info[i].As<Napi::TypedArray>().TypedArrayType() == type;
    };
    if (!is(0, napi_float32_array) || !is(1, napi_uint32_array) || !is(2, napi_float64_array)) {
      Usage("Expected a Float32Array, a Uint32Array and a Float64Array for samples, bounds and sums");
    }
    const auto samples = info[0].As<Napi::Float32Array>();
    const auto bounds = info[1].As<Napi::Uint32Array>();
    auto sums = info[2].As<Napi::Float64Array>();
    const size_t stretches = bounds.ElementLength() == 0 ? 0 : bounds.ElementLength() - 1;
    if (sums.ElementLength() < stretches) {
      Usage("Expected room for " + std::to_string(stretches) + " values for sums");
    }
    for (size_t i = 0; i < stretches; ++i) {
      if (bounds[i] > bounds[i + 1] || bounds[i + 1] > samples.ElementLength()) {
        Usage("Expected ascending indices up to " + std::to_string(samples.ElementLength()) + " for bounds");
      }
      sums[i] = SumSquares(samples.Data() + bounds[i], bounds[i + 1] - bounds[i]);
    }
    return env.Undefined();
  });
}

Napi::Value AnnounceFile(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  return Guard(env, [&]() -> Napi::Value {
    codec::AnnounceFile(ParsePath(info[0]));
    return env.Undefined();
  });
}

// Closing twice is no error: clean-up code runs on every path.
Napi::Value CloseDecoder(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  return Guard(env, [&]() -> Napi::Value {
    UnwrapHandle<Decoder>(info[0]).recording.reset();
    return env.Undefined();
  });
}

}  // namespace undertone::napi
