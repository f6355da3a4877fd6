// What benchmarks need to know besides the functions they time.
#pragma once

#include <napi.h>

namespace undertone::napi {

Napi::Value Resample(const Napi::CallbackInfo& info);
Napi::Value MeasureLimits(const Napi::CallbackInfo& info);
Napi::Value MeasureCuda(const Napi::CallbackInfo& info);

}  // namespace undertone::napi
