// Plans and feature extraction for JS.
#pragma once

#include <napi.h>

namespace undertone::napi {

Napi::Value CreatePlan(const Napi::CallbackInfo& info);
Napi::Value PlanColumns(const Napi::CallbackInfo& info);
Napi::Value PlanWork(const Napi::CallbackInfo& info);
Napi::Value Extract(const Napi::CallbackInfo& info);
Napi::Value ExtractAsync(const Napi::CallbackInfo& info);
Napi::Value ExtractSpan(const Napi::CallbackInfo& info);

}  // namespace undertone::napi
