#pragma once

#include "base/result.h"
#include "policies/signal.h"

namespace autoscaler {

// What a failed request to a source means for the readings that were to come from it.
Missing missing_from(const Error& error);

}  // namespace autoscaler
