// Native objects owned by JS values. Each kind carries a type tag, so one kind passed for another is refused.
#pragma once

#include <napi.h>

#include <memory>
#include <string>

#include "core/status.h"

namespace undertone::napi {

// Specialised beside each handled type: `static constexpr napi_type_tag kTag` and `static constexpr const
// char* kName`.
template <typename T>
struct HandleTraits;

template <typename T>
Napi::Value WrapHandle(Napi::Env env, std::unique_ptr<T> object) {
  auto external = Napi::External<T>::New(env, object.get(), [](Napi::Env, T* owned) { delete owned; });
  object.release();
  external.TypeTag(&HandleTraits<T>::kTag);
  return external;
}

template <typename T>
T& UnwrapHandle(const Napi::Value& value) {
  if (value.IsExternal()) {
    auto external = value.As<Napi::External<T>>();
    if (external.CheckTypeTag(&HandleTraits<T>::kTag)) return *external.Data();
  }
  throw Error(StatusCode::kUsage, std::string("Expected a ") + HandleTraits<T>::kName + " handle");
}

}  // namespace undertone::napi
