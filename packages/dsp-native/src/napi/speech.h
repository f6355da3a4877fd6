// Detection of speech for JS.
#pragma once

#include <napi.h>

namespace undertone::napi {

Napi::Value CreateSpeechDetector(const Napi::CallbackInfo& info);
Napi::Value PushSpeech(const Napi::CallbackInfo& info);
Napi::Value EndSpeech(const Napi::CallbackInfo& info);

}  // namespace undertone::napi
