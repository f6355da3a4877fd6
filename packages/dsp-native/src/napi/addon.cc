// The export table: every function the add-on offers, in one list (lib/native.d.ts mirrors it; a test
// compares them).
#include <napi.h>

#include "napi/bench.h"
#include "napi/build_info.h"
#include "napi/decoder.h"
#include "napi/features.h"
#include "napi/speech.h"

namespace undertone::napi {
namespace {

struct Export {
  const char* name;
  Napi::Value (*function)(const Napi::CallbackInfo&);
};

constexpr Export kExports[] = {
    {"describeBuild", DescribeBuild},
    {"describeCuda", DescribeCuda},
    {"createPlan", CreatePlan},
    {"planColumns", PlanColumns},
    {"planWork", PlanWork},
    {"extract", Extract},
    {"extractAsync", ExtractAsync},
    {"extractSpan", ExtractSpan},
    {"createSpeechDetector", CreateSpeechDetector},
    {"pushSpeech", PushSpeech},
    {"endSpeech", EndSpeech},
    {"openDecoder", OpenDecoder},
    {"decoderInfo", DecoderInfo},
    {"readDecoder", ReadDecoder},
    {"decoderEnding", DecoderEnding},
    {"closeDecoder", CloseDecoder},
    {"announceFile", AnnounceFile},
    {"sumSquares", SumSquaresOf},
    {"resample", Resample},
    {"measureLimits", MeasureLimits},
    {"measureCuda", MeasureCuda},
};

Napi::Object Init(Napi::Env env, Napi::Object exports) {
  for (const Export& entry : kExports) {
    exports.Set(entry.name, Napi::Function::New(env, entry.function, entry.name));
  }
  return exports;
}

}  // namespace
}  // namespace undertone::napi

using undertone::napi::Init;
NODE_API_MODULE(undertone_dsp, Init)
