// createSpeechDetector, pushSpeech, endSpeech (lib/native.d.ts): JS values in and out around plan/speech.h.
#include "napi/speech.h"

#include <cmath>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "napi/handle.h"
#include "napi/parse.h"
#include "napi/status.h"
#include "plan/speech.h"

namespace undertone::napi {

template <>
struct HandleTraits<SpeechDetector> {
  static constexpr napi_type_tag kTag{0x3d9a40c57be1462fULL, 0xa5c27f1e08d4936bULL};
  static constexpr const char* kName = "speech detector";
};

namespace {

constexpr int kMostColumns = 1 << 20;
constexpr int kMostFrames = 1 << 20;
constexpr int64_t kMostBlocks = int64_t{1} << 40;

// Every key has to be there: defaults live in TypeScript (lib/speech.ts).
struct Keys {
  Napi::Object object;

  int Whole(const char* key, int low, int high) const {
    return static_cast<int>(ParseInteger(object.Get(key), std::string("speech.") + key, low, high));
  }
  float Real(const char* key) const {
    const Napi::Value value = object.Get(key);
    const double number = value.IsNumber() ? value.As<Napi::Number>().DoubleValue() : std::nan("");
    if (!std::isfinite(number)) ThrowUnexpected("a finite number", std::string("speech.") + key, value);
    return static_cast<float>(number);
  }
  std::vector<float> Reals(const char* key) const {
    const Napi::Float32Array array = ParseFloats(object.Get(key), std::string("speech.") + key);
    return {array.Data(), array.Data() + array.ElementLength()};
  }
};

SpeechSpec ParseSpec(const Napi::Value& value) {
  if (!value.IsObject()) ThrowUnexpected("an object", "speech", value);
  const Keys keys{value.As<Napi::Object>()};
  SpeechSpec spec;
  spec.columns = keys.Whole("columns", 1, kMostColumns);
  spec.first_column = keys.Whole("firstColumn", 0, kMostColumns);
  spec.bands = keys.Whole("bands", 1, kMostColumns);
  spec.high_band = keys.Whole("highBand", 0, kMostColumns);
  spec.log_scale = keys.Real("logScale");
  spec.band_offsets = keys.Reals("bandOffsets");
  for (const float edge : keys.Reals("groupEdges")) spec.group_edges.push_back(static_cast<int>(edge));
  spec.block_frames = keys.Whole("blockFrames", 1, kMostFrames);
  spec.side_blocks = keys.Whole("sideBlocks", 1, 1000);
  spec.min_side_blocks = keys.Whole("minSideBlocks", 1, 1000);
  spec.floor_bias = keys.Real("floorBias");
  spec.power_floor_bias = keys.Real("powerFloorBias");
  spec.cap = keys.Real("cap");
  spec.range = keys.Real("range");
  spec.threshold = keys.Real("threshold");
  spec.peak = keys.Real("peak");
  spec.peak_threshold = keys.Real("peakThreshold");
  spec.min_run_frames = keys.Whole("minRunFrames", 1, kMostFrames);
  spec.gap_frames = keys.Whole("gapFrames", 0, kMostFrames);
  spec.lead_frames = keys.Whole("leadFrames", 0, kMostFrames);
  spec.hangover_frames = keys.Whole("hangoverFrames", 0, kMostFrames);
  spec.first_block = ParseInteger(keys.object.Get("firstBlock"), "speech.firstBlock", 0, kMostBlocks);
  return spec;
}

template <typename Array, typename Values>
Array Copy(Napi::Env env, const Values& values) {
  Array array = Array::New(env, values.size());
  if (!values.empty()) std::memcpy(array.Data(), values.data(), values.size() * sizeof(values[0]));
  return array;
}

Napi::Value ToJs(Napi::Env env, const SpeechFrames& frames) {
  Napi::Object result = Napi::Object::New(env);
  result.Set("speech", Copy<Napi::Uint8Array>(env, frames.speech));
  result.Set("power", Copy<Napi::Float32Array>(env, frames.power));
  result.Set("noise", Copy<Napi::Float32Array>(env, frames.noise));
  result.Set("high", Copy<Napi::Float32Array>(env, frames.high));
  return result;
}

}  // namespace

Napi::Value CreateSpeechDetector(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  return Guard(env, [&]() -> Napi::Value {
    return WrapHandle(env, std::make_unique<SpeechDetector>(ParseSpec(info[0])));
  });
}

Napi::Value PushSpeech(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  return Guard(env, [&]() -> Napi::Value {
    SpeechDetector& detector = UnwrapHandle<SpeechDetector>(info[0]);
    const Napi::Float32Array rows = ParseFloats(info[1], "rows");
    const auto columns = static_cast<size_t>(detector.columns());
    if (rows.ElementLength() % columns != 0) {
      throw Error(StatusCode::kUsage,
                  "Expected whole rows of " + std::to_string(columns) + " values for rows");
    }
    SpeechFrames decided;
    detector.Push(rows.Data(), rows.ElementLength() / columns, &decided);
    return ToJs(env, decided);
  });
}

Napi::Value EndSpeech(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  return Guard(env, [&]() -> Napi::Value {
    SpeechFrames decided;
    UnwrapHandle<SpeechDetector>(info[0]).End(&decided);
    return ToJs(env, decided);
  });
}

}  // namespace undertone::napi
