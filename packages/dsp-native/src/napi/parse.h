// From JS settings to the plain struct that the engine reads.
#pragma once

#include <napi.h>

#include "core/front_end.h"

namespace undertone::napi {

// `value`: a fully resolved front-end (packages/shared/src/settings.ts). Defaults live there alone, so a
// missing or unknown key is refused here, and every range on which memory safety rests is checked again.
// Throws Error(kUsage): `Expected <what> for <dotted.path> but received <value> of type <t>`.
FrontEndSpec ParseFrontEnd(const Napi::Value& value);

// The same message for any argument.
[[noreturn]] void ThrowUnexpected(const std::string& what, const std::string& path,
                                  const Napi::Value& received);

// A whole number in [low, high], at most 2^53.
int64_t ParseInteger(const Napi::Value& value, const std::string& path, int64_t low, int64_t high);

Napi::Float32Array ParseFloats(const Napi::Value& value, const std::string& path);

// Throws Error(kUsage) unless `out` has room for `values` values.
void CheckRoom(const Napi::Float32Array& out, size_t values);

}  // namespace undertone::napi
