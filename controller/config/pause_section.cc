#include "controller/config/local_time.h"
#include "controller/config/sections.h"
#include "controller/schedule/time_zone.h"

namespace autoscaler {
namespace {

Shape direction(Pause::Direction& to) {
  return choice(to, {"all", "out", "in"});
}

Shape long_form(std::optional<Pause>& to) {
  return mapping([&to](Fields& fields) {
    struct Written {
      Pause pause;
      std::optional<LocalMinute> until;
      std::string zone = "UTC";
    };
    auto written = std::make_shared<Written>();
    fields.required("direction", direction(written->pause.direction),
                    "what stands still: all, out or in");
    fields.optional("until", scalar(written->until, local_time()), "it ends then by itself");
    fields.only_with({"until"}, "timeZone", scalar(written->zone, time_zone()),
                     "on whose clock, by its IANA name");
    fields.check_sound([&to, written](const Cursor&) {
      to = written->pause;
      if (written->until) to->until = (*find_zone(written->zone))->instant_of(*written->until);
    });
  });
}

}  // namespace

Shape pause_section(std::optional<Pause>& to) {
  auto word = std::make_shared<Pause>();
  Shape short_form = direction(word->direction);
  short_form.initial = {};
  short_form.read = [&to, word, read = short_form.read](const Cursor& cursor) {
    read(cursor);
    to = *word;
  };
  return either(std::move(short_form), long_form(to));
}

}  // namespace autoscaler
