#include "metrics/missing.h"

namespace autoscaler {
namespace {

MissingReason reason_for(Code code) {
  switch (code) {
    case Code::kTimeout: return MissingReason::kTimeout;
    case Code::kTooLarge: return MissingReason::kTooLarge;
    case Code::kInvalid: return MissingReason::kMalformed;
    case Code::kUnavailable:
    case Code::kDenied:
    case Code::kExhausted:  // no port or descriptor left to ask with
    case Code::kNotFound: return MissingReason::kUnreachable;
    case Code::kConflict: return MissingReason::kSourceError;
  }
  return MissingReason::kSourceError;
}

}  // namespace

Missing missing_from(const Error& error) {
  return {reason_for(error.code), error.message};
}

}  // namespace autoscaler
