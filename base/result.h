#pragma once

#include "base/check.h"

#include <string>
#include <utility>
#include <variant>

namespace autoscaler {

// What kind of failure it was, so that a caller can choose without reading the text.
enum class Code {
  kInvalid,      // the request or the answer makes no sense
  kNotFound,     // the thing named is not there
  kConflict,     // it is there, in a state that forbids this
  kDenied,       // permission
  kUnavailable,  // refused, reset, gone: may work later
  kTimeout,      // no answer within the deadline
  kTooLarge,     // past a stated cap
  kExhausted,    // disk, descriptors, ports
};

constexpr const char* code_name(Code code) {
  switch (code) {
    case Code::kInvalid: return "invalid";
    case Code::kNotFound: return "not_found";
    case Code::kConflict: return "conflict";
    case Code::kDenied: return "denied";
    case Code::kUnavailable: return "unavailable";
    case Code::kTimeout: return "timeout";
    case Code::kTooLarge: return "too_large";
    case Code::kExhausted: return "exhausted";
  }
  return "unknown";
}

// `message` is a sentence for a person: what failed, where, and the remedy if there is one.
struct Error {
  Code code;
  std::string message;
};

// A value or the Error that stands in its place.
template <typename T>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}

  [[nodiscard]] bool ok() const { return state_.index() == 0; }
  explicit operator bool() const { return ok(); }

  const T& value() const& {
    CHECK(ok());
    return std::get<0>(state_);
  }
  T& value() & {
    CHECK(ok());
    return std::get<0>(state_);
  }
  T&& value() && {
    CHECK(ok());
    return std::get<0>(std::move(state_));
  }
  const T& operator*() const& { return value(); }
  T& operator*() & { return value(); }
  T&& operator*() && { return std::move(*this).value(); }
  const T* operator->() const { return &value(); }
  T* operator->() { return &value(); }

  const Error& error() const {
    CHECK(!ok());
    return std::get<1>(state_);
  }

 private:
  std::variant<T, Error> state_;
};

// Success without a value.
struct Done {};
using Status = Result<Done>;

}  // namespace autoscaler
