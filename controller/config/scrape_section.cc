#include "controller/config/scalars.h"
#include "controller/config/sections.h"

#include <algorithm>

namespace autoscaler {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

Shape scrape_section(ScrapeDraft& to) {
  return mapping([&to](Fields& fields) {
    Shape interval = scalar(to.interval, duration(seconds(1), minutes(10)));
    interval.initial = [] { return json_text(format_duration(ControllerSpec{}.interval)); };
    fields.optional("interval", std::move(interval),
                    "from one scrape of a target to the next; controller.interval if not given");
    Shape timeout = scalar(to.timeout, duration(milliseconds(10), minutes(1)));
    timeout.initial = [] { return json_text(format_duration(ControllerSpec{}.interval / 2)); };
    fields.optional("timeout", std::move(timeout),
                    "from the connect to the last byte; half the interval if not given, 10s at "
                    "most");
    fields.optional("maxSize", scalar(to.max_bytes, bytes(1 << 10, 256 << 20)),
                    "a larger page is refused");
    describe_identity(to.identity, fields);
    fields.check([&to](const Cursor& cursor) { to.place = cursor; });
  });
}

ScrapeSpec finish_scrape(const ScrapeDraft& draft, const ControllerSpec& controller) {
  ScrapeSpec spec;
  spec.interval = draft.interval.value_or(controller.interval);
  spec.timeout =
      draft.timeout.value_or(std::min<Duration>(spec.interval / 2, std::chrono::seconds(10)));
  spec.max_bytes = draft.max_bytes;
  spec.identity = draft.identity;
  if (draft.place && spec.timeout > spec.interval) {
    draft.place->near("timeout").problem(
        "found " + format_duration(spec.timeout) + ", longer than the interval of " +
        format_duration(spec.interval) + ": a target is asked once at a time");
  }
  return spec;
}

}  // namespace autoscaler
