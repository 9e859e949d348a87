#include "controller/kubernetes/micro_time.h"

#include "metrics/instant.h"

namespace autoscaler {

std::string micro_time(Instant at) {
  std::string text = format_instant(at);  // with three digits and Z
  text.insert(text.size() - 1, "000");
  return text;
}

std::string seconds_text(Instant at) {
  const std::string text = format_instant(at);
  return text.substr(0, text.find('.')) + "Z";
}

}  // namespace autoscaler
