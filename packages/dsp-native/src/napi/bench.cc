// resample and measureLimits (lib/native.d.ts).
#include "napi/bench.h"

#include <algorithm>
#include <string>

#include "backend/cpu/isa.h"
#include "backend/cpu/limits.h"
#include "backend/cpu/resample.h"
#include "codec/codec.h"
#include "core/samples.h"
#include "core/status.h"
#include "napi/parse.h"
#include "napi/status.h"

namespace undertone::napi {
namespace {

// Pieces of the length in which recordings are decoded, so that the caches see what they see there.
constexpr size_t kPieceSamples = size_t{1} << 12;

}  // namespace

Napi::Value Resample(const Napi::CallbackInfo& info) {
  return Guard(info.Env(), [&]() -> Napi::Value {
    const Napi::Float32Array samples = ParseFloats(info[0], "samples");
    const auto rate = [&](size_t index, const char* name) {
      return static_cast<int>(
          ParseInteger(info[index], name, codec::kMinSampleRateHz, codec::kMaxSampleRateHz));
    };
    const int from_hz = rate(1, "fromHz");
    const int to_hz = rate(2, "toHz");
    Napi::Float32Array out = ParseFloats(info[3], "out");
    const size_t count = samples.ElementLength();
    const auto needed = static_cast<size_t>(
        (static_cast<uint64_t>(count) * static_cast<uint64_t>(to_hz) + static_cast<uint64_t>(from_hz) - 1) /
        static_cast<uint64_t>(from_hz));
    CheckRoom(out, needed);
    SelectIsa();  // a request for an instruction set holds for the resampler too
    Resampler resampler(from_hz, to_hz);
    Samples ready;
    size_t written = 0;
    const auto hand_out = [&] {
      std::copy(ready.begin(), ready.end(), out.Data() + written);
      written += ready.size();
      ready.clear();
    };
    for (size_t at = 0; at < count; at += kPieceSamples) {
      resampler.Process(samples.Data() + at, std::min(kPieceSamples, count - at), &ready);
      hand_out();
    }
    resampler.Finish(&ready);
    hand_out();
    return Napi::Number::New(info.Env(), static_cast<double>(written));
  });
}

Napi::Value MeasureLimits(const Napi::CallbackInfo& info) {
  return Guard(info.Env(), [&]() -> Napi::Value {
    const CpuLimits limits = MeasureCpuLimits();
    Napi::Object result = Napi::Object::New(info.Env());
    result.Set("multiplyAddsPerSecond", limits.multiply_adds_per_second);
    result.Set("bytesPerSecond", limits.bytes_per_second);
    return result;
  });
}

}  // namespace undertone::napi
