// resample and measureLimits (lib/native.d.ts).
#include "napi/bench.h"

#include <algorithm>
#include <string>

#include "backend/cpu/isa.h"
#include "backend/cpu/limits.h"
#include "backend/cpu/resample.h"
#include "backend/cuda/driver_library.h"
#include "backend/cuda/measure.h"
#include "backend/cuda/program.h"
#include "backend/cuda/program_pack.h"
#include "codec/codec.h"
#include "core/samples.h"
#include "core/status.h"
#include "feature/feature.h"
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

Napi::Value MeasureCuda(const Napi::CallbackInfo& info) {
  return Guard(info.Env(), [&]() -> Napi::Value {
    const FrontEndSpec spec = ParseFrontEnd(info[0]);
    const auto device = static_cast<int>(ParseInteger(info[1], "device", 0, 999));
    const int64_t samples = ParseInteger(info[2], "samples", 1, int64_t{1} << 30);
    const int64_t recordings = ParseInteger(info[3], "recordings", 1, 100000);
    const auto rounds = static_cast<int>(ParseInteger(info[4], "rounds", 1, 1000));
    cuda::Driver& driver = cuda::OpenDriver();
    const cuda::DeviceInfo found = cuda::DescribeChosen(driver, device);
    const auto recipe = MakeRecipe(spec);
    cuda::CheckComputable(*recipe);
    const cuda::TileLayout layout = cuda::ChooseLayout(*recipe, found);
    // A round on a device is never shorter than its clock can tell; one round alone is for tests.
    const cuda::Effort effort{rounds == 1 ? 0.0 : 0.1, rounds};
    const size_t bytes = static_cast<size_t>(recordings * samples) * sizeof(int16_t);
    const cuda::MadeUpBatch batch{recordings, samples};
    const cuda::Bandwidths bandwidths = cuda::MeasureBandwidths(driver, device, bytes, effort);
    const cuda::Measured resident =
        cuda::MeasureResident(driver, device, spec, layout, cuda::SampleFormat::kInt16, batch, effort);
    const cuda::Measured through = cuda::MeasureHostToHost(driver, device, spec, batch, effort);
    Napi::Object result = Napi::Object::New(info.Env());
    result.Set("toDeviceBytesPerSecond", bandwidths.to_device);
    result.Set("toHostBytesPerSecond", bandwidths.to_host);
    result.Set("deviceBytesPerSecond", bandwidths.device);
    result.Set("residentFramesPerSecond", resident.frames_per_second);
    result.Set("residentShareOfDevice", resident.bytes_per_second / bandwidths.device);
    result.Set("hostToHostFramesPerSecond", through.frames_per_second);
    result.Set("hostToHostShareOfCopy", through.bytes_per_second / bandwidths.to_device);
    result.Set("lanes", layout.lanes);
    result.Set("workers", layout.workers);
    return result;
  });
}

}  // namespace undertone::napi
