#include "controller/schedule/time_zone.h"
#include "policies/cron.h"

#include <cctz/time_zone.h>
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

// Windows around every change of every zone's clock from 1980 to 2037, found by us with one
// library, against a walk through the minutes with another.
namespace autoscaler {
namespace {

using namespace std::chrono_literals;
using cctz::civil_minute;

// The zones of the database itself, without their other names.
std::vector<std::string> zones() {
  std::ifstream file("/usr/share/zoneinfo/tzdata.zi");
  std::vector<std::string> names;
  for (std::string line; std::getline(file, line);) {
    std::istringstream words(line);
    std::string kind, name;
    if (words >> kind >> name && kind == "Z" && name != "Factory") names.push_back(name);
  }
  return names;
}

struct Walk {
  std::vector<TimeSpan> lasting;  // begin for 10 minutes
  std::vector<TimeSpan> until;    // begin until end
};

// Begins at the minutes 0 and 30, ends at 15 and 45. A minute happens when the clock first shows
// it or has passed it.
Walk walk(const cctz::time_zone& zone, cctz::time_point<cctz::seconds> from,
          cctz::time_point<cctz::seconds> to) {
  Walk found;
  bool is_open = false;
  Instant opened{};
  civil_minute seen(cctz::convert(from - 1min, zone));
  for (auto at = from; at < to; at += 1min) {
    const Instant now(std::chrono::duration_cast<Duration>(at.time_since_epoch()));
    const civil_minute shown(cctz::convert(at, zone));
    while (seen < shown) {
      ++seen;
      if (seen.minute() % 30 == 0) {
        const TimeSpan span{now, now + 10min};
        if (found.lasting.empty() || found.lasting.back() != span) found.lasting.push_back(span);
        if (!is_open) opened = now;
        is_open = true;
      }
      if (seen.minute() % 30 == 15 && is_open) {
        if (opened < now) found.until.push_back({opened, now});
        is_open = false;
      }
    }
  }
  return found;
}

std::vector<TimeSpan> ours(const ScheduleTimes& times, const ZoneClock& zone, Instant from,
                           Instant to) {
  std::vector<TimeSpan> found;
  for (Instant after = from;;) {
    const auto span = first_window(times, zone, after);
    if (!span || span->opens >= to) return found;
    if (span->opens >= from) found.push_back(*span);
    after = span->closes;
  }
}

std::vector<TimeSpan> within(const std::vector<TimeSpan>& spans, Instant from, Instant to) {
  std::vector<TimeSpan> found;
  for (const TimeSpan& span : spans) {
    if (span.opens >= from && span.opens < to) found.push_back(span);
  }
  return found;
}

TEST(ZonesOracle, OpeningsAndClosingsAroundEveryChangeOfEveryClock) {
  const Cron begin = *parse_cron("0,30 * * * *"), end = *parse_cron("15,45 * * * *");
  ScheduleTimes lasting, until;
  lasting.when = ScheduleTimes::Recurring{begin, Duration(10min)};
  until.when = ScheduleTimes::Recurring{begin, end};
  const auto first = cctz::convert(cctz::civil_second(1980), cctz::utc_time_zone());
  const auto last = cctz::convert(cctz::civil_second(2038), cctz::utc_time_zone());
  int changes = 0, different = 0;
  for (const std::string& name : zones()) {
    cctz::time_zone theirs;
    ASSERT_TRUE(cctz::load_time_zone(name, &theirs)) << name;
    const auto zone = find_zone(name);
    ASSERT_TRUE(zone.ok()) << zone.error().message;
    cctz::time_zone::civil_transition change;
    for (auto at = first; theirs.next_transition(at, &change) && different < 5;) {
      // A gap is found from its begin, an overlap from its end.
      const auto gap = theirs.lookup(change.from), overlap = theirs.lookup(change.to);
      const auto when = gap.kind == cctz::time_zone::civil_lookup::SKIPPED        ? gap.trans
                        : overlap.kind == cctz::time_zone::civil_lookup::REPEATED ? overlap.trans
                                                                                  : overlap.pre;
      ASSERT_GT(when, at) << name;
      at = when;
      if (at >= last) break;
      ++changes;
      const Walk expected = walk(theirs, at - 5h, at + 6h);
      const Instant middle(std::chrono::duration_cast<Duration>(at.time_since_epoch()));
      const Instant from = middle - 3h, to = middle + 4h;
      const bool same = ours(lasting, **zone, from, to) == within(expected.lasting, from, to) &&
                        ours(until, **zone, from, to) == within(expected.until, from, to);
      EXPECT_TRUE(same) << name << " at " << local_text(**zone, middle);
      if (!same) ++different;
    }
  }
  EXPECT_GT(changes, 10'000);
}

}  // namespace
}  // namespace autoscaler
