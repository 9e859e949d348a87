#pragma once

#include "base/result.h"
#include "policies/spec.h"

#include <optional>
#include <string>

namespace autoscaler {

// The annotations of a target by which it is paused:
//   autoscaler.io/paused        "true" | "in" | "out"; "false" and "" are no pause
//   autoscaler.io/paused-until  an RFC 3339 instant at which it ends; alone it pauses all
// kInvalid where they cannot be read: what was meant by them was surely no change of the size.
inline constexpr const char* kPausedAnnotation = "autoscaler.io/paused";
inline constexpr const char* kPausedUntilAnnotation = "autoscaler.io/paused-until";
Result<std::optional<Pause>> pause_of_annotations(const std::string& paused,
                                                  const std::string& until);

// The two together: a direction that either of them holds is held. Of two that hold different
// directions, it ends with the first to end; the next tick sees the other alone.
std::optional<Pause> both(const std::optional<Pause>& a, const std::optional<Pause>& b,
                          Instant now);

}  // namespace autoscaler
