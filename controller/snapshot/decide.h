#pragma once

#include "base/result.h"

#include <string>
#include <string_view>

namespace autoscaler {

// `autoscaler decide`: one decision from one document (controller/snapshot/snapshot.h). Nothing is
// read but the document, the clock included.
// Errors: kInvalid, a line for each thing wrong with its path and remedy.

// {from, to, reason, proposals, adjustments, conditions}: indented, keys in alphabetical order,
// without a newline at the end.
Result<std::string> decide_json(std::string_view document);

// The same for a person: what was decided and why, then every policy, rule and condition. Ends with
// a newline.
Result<std::string> decide_text(std::string_view document);

}  // namespace autoscaler
