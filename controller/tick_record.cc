#include "controller/tick_record.h"

#include <iterator>

namespace autoscaler {

const char* stage_name(Stage stage) {
  static constexpr const char* kNames[] = {"observe", "read",  "learn", "evaluate",
                                           "plan",    "apply", "record"};
  static_assert(std::size(kNames) == kStageCount);
  const auto index = static_cast<size_t>(stage);
  CHECK(index < std::size(kNames));
  return kNames[index];
}

}  // namespace autoscaler
