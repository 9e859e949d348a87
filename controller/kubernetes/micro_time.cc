#include "controller/kubernetes/micro_time.h"

#include "metrics/instant.h"

namespace autoscaler {

std::string micro_time(Instant at) {
  std::string text = format_instant(at);  // with three digits and Z
  text.insert(text.size() - 1, "000");
  return text;
}

}  // namespace autoscaler
