// Decoding for JS.
#pragma once

#include <napi.h>

namespace undertone::napi {

Napi::Value OpenDecoder(const Napi::CallbackInfo& info);
Napi::Value DecoderInfo(const Napi::CallbackInfo& info);
Napi::Value ReadDecoder(const Napi::CallbackInfo& info);
Napi::Value DecoderEnding(const Napi::CallbackInfo& info);
Napi::Value CloseDecoder(const Napi::CallbackInfo& info);
Napi::Value AnnounceFile(const Napi::CallbackInfo& info);
Napi::Value SumSquaresOf(const Napi::CallbackInfo& info);

}  // namespace undertone::napi
