#include "napi/build_info.h"

extern "C" {
#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libavutil/avutil.h>
}

#include <string>
#include <vector>

#include "backend/backend.h"
#include "backend/cpu/isa.h"
#include "backend/cpu/tile_kernels.h"
#include "backend/cuda/description.h"
#include "codec/codec.h"
#include "napi/status.h"

namespace undertone::napi {
namespace {

Napi::Array ToArray(Napi::Env env, const std::vector<std::string>& texts) {
  Napi::Array array = Napi::Array::New(env, texts.size());
  for (uint32_t i = 0; i < texts.size(); ++i) array.Set(i, texts[i]);
  return array;
}

std::string Compiler() {
#if defined(__clang__)
  return std::string("clang ") + __clang_version__;
#elif defined(__GNUC__)
  return std::string("gcc ") + __VERSION__;
#else
  return "unknown";
#endif
}

std::vector<std::string> FfmpegVersions() {
  const auto spell = [](const char* library, unsigned version) {
    return std::string(library) + " " + std::to_string(AV_VERSION_MAJOR(version)) + "." +
           std::to_string(AV_VERSION_MINOR(version)) + "." + std::to_string(AV_VERSION_MICRO(version));
  };
  return {spell("libavformat", avformat_version()), spell("libavcodec", avcodec_version()),
          spell("libavutil", avutil_version())};
}

std::vector<std::string> InstructionSets() {
  std::vector<std::string> names;
  for (const Isa& isa : AvailableIsas()) names.push_back(isa.name);
  return names;
}

Napi::Value TextOrNull(Napi::Env env, const std::string& text) {
  return text.empty() ? env.Null() : Napi::Value(Napi::String::New(env, text));
}

// "13.0"; empty for 0.
std::string SpellCudaVersion(int version) {
  if (version == 0) return "";
  return std::to_string(version / 1000) + "." + std::to_string(version % 1000 / 10);
}

Napi::Object ToObject(Napi::Env env, const cuda::DeviceInfo& device, int index) {
  Napi::Object object = Napi::Object::New(env);
  object.Set("index", index);
  object.Set("name", device.name);
  object.Set("computeCapability", std::to_string(device.major) + "." + std::to_string(device.minor));
  object.Set("multiprocessors", device.multiprocessors);
  object.Set("memoryBytes", static_cast<double>(device.memory_bytes));
  return object;
}

}  // namespace

Napi::Value DescribeCuda(const Napi::CallbackInfo& info) {
  return Guard(info.Env(), [&]() -> Napi::Value {
    const Napi::Env env = info.Env();
    const cuda::Description found = cuda::Describe();
    Napi::Object description = Napi::Object::New(env);
    description.Set("built", found.built);
    description.Set("library", found.library);
    description.Set("runtimeVersion", TextOrNull(env, SpellCudaVersion(found.runtime_version)));
    description.Set("driverVersion", TextOrNull(env, SpellCudaVersion(found.driver_version)));
    Napi::Array devices = Napi::Array::New(env, found.devices.size());
    for (uint32_t i = 0; i < found.devices.size(); ++i) {
      devices.Set(i, ToObject(env, found.devices[i], static_cast<int>(i)));
    }
    description.Set("devices", devices);
    description.Set("reason", TextOrNull(env, found.reason));
    return description;
  });
}

Napi::Value DescribeBuild(const Napi::CallbackInfo& info) {
  return Guard(info.Env(), [&]() -> Napi::Value {
    const Napi::Env env = info.Env();
    const Isa& isa = SelectIsa();
    Napi::Object build = Napi::Object::New(env);
    build.Set("version", UNDERTONE_VERSION);
    build.Set("compiler", Compiler());
    build.Set("instructionSets", ToArray(env, InstructionSets()));
    build.Set("instructionSet", isa.name);
    build.Set("lanes", static_cast<double>(isa.kernels->lanes));
    build.Set("backends", ToArray(env, BackendNames()));
    build.Set("ffmpeg", ToArray(env, FfmpegVersions()));
    build.Set("codecs", ToArray(env, codec::FfmpegDecoders()));
    return build;
  });
}

}  // namespace undertone::napi
