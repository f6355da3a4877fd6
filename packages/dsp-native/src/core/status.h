// The error every layer throws; the N-API border turns it into a JS Error with `code` (src/napi/status.h).
#pragma once

#include <stdexcept>
#include <string>

namespace undertone {

// Names are the closed list of packages/shared/src/errors.ts.
enum class StatusCode {
  kNotFound,
  kUnreadable,
  kUnsupportedCodec,
  kCorrupt,
  kTruncated,
  kEmpty,
  kTooShort,
  kOutOfMemory,
  kUsage,
  kUnsupportedDevice,
  kInternal,
};

constexpr const char* StatusName(StatusCode code) {
  switch (code) {
    case StatusCode::kNotFound:
      return "not_found";
    case StatusCode::kUnreadable:
      return "unreadable";
    case StatusCode::kUnsupportedCodec:
      return "unsupported_codec";
    case StatusCode::kCorrupt:
      return "corrupt";
    case StatusCode::kTruncated:
      return "truncated";
    case StatusCode::kEmpty:
      return "empty";
    case StatusCode::kTooShort:
      return "too_short";
    case StatusCode::kOutOfMemory:
      return "out_of_memory";
    case StatusCode::kUsage:
      return "usage";
    case StatusCode::kUnsupportedDevice:
      return "unsupported_device";
    case StatusCode::kInternal:
      return "internal";
  }
  return "internal";
}

class Error : public std::runtime_error {
 public:
  Error(StatusCode code, const std::string& message) : std::runtime_error(message), code_(code) {}
  StatusCode code() const { return code_; }

 private:
  StatusCode code_;
};

}  // namespace undertone
