#include "controller/config/local_time.h"
#include "controller/config/sections.h"
#include "policies/cron.h"

#include <algorithm>

namespace autoscaler {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

constexpr Duration kLongestWindow = hours(24 * 366);

std::string text_schema() {
  return R"({"type":"string"})";
}

struct WrittenCron {
  Cron cron;
  std::string text;
};

ScalarRule<WrittenCron> cron_rule() {
  return {"a cron of five fields, such as 0 8 * * MON-FRI", text_schema,
          [](const Node& node) -> Result<WrittenCron> {
            const Result<Cron> cron = parse_cron(node.text);
            if (!cron) return cron.error();
            const LocalMinute some{std::chrono::local_days(std::chrono::year(2026) / 1 / 1)};
            if (!next_match(*cron, some)) {
              return Error{Code::kInvalid, "no day ever matches it"};
            }
            return WrittenCron{*cron, node.text};
          },
          [](const WrittenCron& cron) { return json_text(cron.text); }};
}

struct Lead {
  bool by_readiness = false;
  Duration fixed{0};
};

ScalarRule<Lead> lead_rule() {
  const ScalarRule<Duration> fixed = duration(Duration{0}, hours(24));
  return {fixed.expected + ", or auto: the measured time to readiness", text_schema,
          [fixed](const Node& node) -> Result<Lead> {
            if (node.text == "auto") return Lead{true, Duration{0}};
            const Result<Duration> lead = fixed.parse(node);
            if (!lead) return lead.error();
            return Lead{false, *lead};
          },
          [fixed](const Lead& lead) {
            return lead.by_readiness ? json_text("auto") : fixed.print(lead.fixed);
          }};
}

struct Written {
  std::optional<WrittenCron> cron, until;
  std::optional<Duration> length;
  std::optional<LocalMinute> from, to;
  std::vector<std::chrono::local_days> except;
  Lead lead;
};

void describe_times(const std::shared_ptr<Written>& written, ScheduleTimes& times, Fields& fields) {
  fields.optional("cron", scalar(written->cron, cron_rule()), "when a window opens, each time");
  fields.only_with({"cron"}, "for", scalar(written->length, duration(minutes(1), kLongestWindow)),
                   "how long it stays open, on no clock but the passing of time");
  fields.only_with({"cron"}, "until", scalar(written->until, cron_rule()),
                   "when it closes: the next match after it opened");
  fields.only_with(
      {"cron"}, "except",
      list_of(1, [written] { return scalar(written->except.emplace_back(), local_date()); }),
      "days on which no window opens");
  fields.optional("from", scalar(written->from, local_time()), "when the one window opens");
  fields.only_with({"from"}, "to", scalar(written->to, local_time()), "when it closes");
  fields.exactly_one({"cron", "from"});
  fields.optional("timeZone", scalar(times.zone, time_zone()), "on whose clock, by its IANA name");
}

void build_times(const Cursor& cursor, const Written& written, ScheduleTimes& to) {
  if (cursor.has("cron")) {
    if (!cursor.has("for") && !cursor.has("until")) {
      cursor.problem_under("for",
                           "missing, or until: with cron one of them says when a window "
                           "closes");
    }
    if (cursor.has("for") && cursor.has("until")) {
      cursor.problem_at_key("until", "excluded by 'for' beside it: a window closes in one way");
    }
    if (!written.cron || (!written.length && !written.until)) return;
    ScheduleTimes::Recurring recurring{written.cron->cron, {}};
    to.text = written.cron->text;
    if (written.length) {
      recurring.end = *written.length;
      to.text += " for " + format_duration(*written.length);
    } else {
      recurring.end = written.until->cron;
      to.text += " until " + written.until->text;
    }
    to.when = recurring;
    to.except = written.except;
    std::sort(to.except.begin(), to.except.end());
    return;
  }
  if (!cursor.has("from")) return;
  if (!cursor.has("to")) cursor.problem_under("to", "missing, and it is required beside from");
  if (!written.from || !written.to) return;
  if (*written.from >= *written.to) {
    cursor.child("to").problem("found '" + cursor.child("to").node().text +
                               "', which is not after from");
  }
  to.when = ScheduleTimes::Once{*written.from, *written.to};
  to.text = cursor.child("from").node().text + " to " + cursor.child("to").node().text;
}

void check_bounds(const Cursor& cursor, const ScheduleSpec& spec,
                  const std::optional<Bounds>& bounds) {
  const auto check = [&](const char* key, const std::optional<int32_t>& value) {
    if (!value || !bounds || (*value >= bounds->min && *value <= bounds->max)) return;
    cursor.child(key).problem("found " + std::to_string(*value) + ", outside of replicas (" +
                              std::to_string(bounds->min) + " to " + std::to_string(bounds->max) +
                              "), which a schedule only narrows: widen replicas, or change this");
  };
  check("min", spec.min);
  check("max", spec.max);
  check("size", spec.size);
  if (spec.min && spec.max && *spec.min > *spec.max) {
    cursor.child("min").problem("found min " + std::to_string(*spec.min) + " above max " +
                                std::to_string(*spec.max) + ": min is at most max");
  }
  if (cursor.has("leadBy") && !spec.min && !spec.size) {
    cursor.problem_at_key("leadBy",
                          "has no meaning here: max never begins early. It is for min "
                          "and size");
  }
}

}  // namespace

Shape schedule_section(ScheduleSpec& to, const std::optional<Bounds>& bounds) {
  return mapping([&to, &bounds](Fields& fields) {
    auto written = std::make_shared<Written>();
    describe_times(written, to.times, fields);
    fields.optional("leadBy", scalar(written->lead, lead_rule()),
                    "min and size begin so much earlier, so that instances are ready in time");
    constexpr int64_t kMost = 10'000;
    fields.optional("min", scalar(to.min, integer(0, kMost)), "never fewer while it is open");
    fields.optional("max", scalar(to.max, integer(0, kMost)), "never more while it is open");
    fields.optional("size", scalar(to.size, integer(0, kMost)),
                    "wanted while it is open; the largest wish wins");
    fields.at_least_one({"min", "max", "size"});
    fields.check([&to, &bounds, written](const Cursor& cursor) {
      to.lead = written->lead.fixed;
      to.lead_by_readiness = written->lead.by_readiness;
      build_times(cursor, *written, to.times);
      check_bounds(cursor, to, bounds);
    });
  });
}

}  // namespace autoscaler
