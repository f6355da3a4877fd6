// What this build and machine can do, for `doctor` and run.json.
#pragma once

#include <napi.h>

namespace undertone::napi {

Napi::Value DescribeBuild(const Napi::CallbackInfo& info);
// Opens the CUDA library, which DescribeBuild does not.
Napi::Value DescribeCuda(const Napi::CallbackInfo& info);

}  // namespace undertone::napi
