#pragma once

#include "base/result.h"

#include <compare>
#include <string>
#include <variant>

namespace autoscaler {

// A password or token that stands outside of the config, so that neither the journal nor the log
// nor the API can show it.
struct SecretFile {
  std::string path;
  auto operator<=>(const SecretFile&) const = default;
};
struct SecretVariable {
  std::string name;  // of an environment variable
  auto operator<=>(const SecretVariable&) const = default;
};
using Secret = std::variant<SecretFile, SecretVariable>;

// Its value now, without the line ends after it: a file that is replaced is seen by the next call.
// At most 64 KiB, and nothing in it that could end an HTTP header. Errors: kNotFound, kDenied,
// kInvalid; they name the file or variable, never what is in it.
Result<std::string> read_secret(const Secret& secret);

}  // namespace autoscaler
