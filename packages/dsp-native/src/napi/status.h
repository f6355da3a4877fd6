// Turns C++ exceptions into JS errors: the one place where a native status code meets JavaScript.
#pragma once

#include <napi.h>

#include <new>

#include "core/status.h"

namespace undertone::napi {

inline Napi::Error ToJsError(Napi::Env env, StatusCode code, const std::string& message) {
  Napi::Error error = Napi::Error::New(env, message);
  error.Set("code", Napi::String::New(env, StatusName(code)));
  return error;
}

// Runs `body` and rethrows anything it throws as a JS error with a stable code.
template <typename Body>
auto Guard(Napi::Env env, Body&& body) -> decltype(body()) {
  try {
    return body();
  } catch (const Error& error) {
    throw ToJsError(env, error.code(), error.what());
  } catch (const Napi::Error&) {
    throw;
  } catch (const std::bad_alloc&) {
    throw ToJsError(env, StatusCode::kOutOfMemory, "The native add-on ran out of memory");
  } catch (const std::exception& error) {
    throw ToJsError(env, StatusCode::kInternal, error.what());
  }
}

}  // namespace undertone::napi
