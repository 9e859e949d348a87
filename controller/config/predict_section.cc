#include "controller/config/local_time.h"
#include "controller/config/sections.h"
#include "policies/predict/lookahead.h"

#include <algorithm>
#include <cmath>

namespace autoscaler {
namespace {

ScalarRule<std::optional<Duration>> lead_rule() {
  const ScalarRule<Duration> fixed = duration(std::chrono::minutes(1), kMostLead);
  return {fixed.expected + ", or auto: the measured time to readiness and the warmup",
          [] { return std::string(R"({"type":"string"})"); },
          [fixed](const Node& node) -> Result<std::optional<Duration>> {
            if (node.text == "auto") return std::optional<Duration>();
            const Result<Duration> lead = fixed.parse(node);
            if (!lead) return lead.error();
            return std::optional(*lead);
          },
          [fixed](const std::optional<Duration>& lead) {
            return lead ? fixed.print(*lead) : json_text("auto");
          }};
}

ScalarRule<double> price_rule() {
  ScalarRule<double> price = positive_quantity();
  price.expected = "a number from 0.3 to 300, such as 3";
  price.parse = [parse = price.parse](const Node& node) -> Result<double> {
    Result<double> value = parse(node);
    if (!value.ok() || (*value >= 0.3 && *value <= 300)) return value;
    return Error{Code::kInvalid, "it is not from 0.3 to 300"};
  };
  return price;
}

struct Written {
  std::optional<size_t> signal;
  std::optional<Cursor> per_instance;
  std::optional<Duration> lead;
  std::vector<std::chrono::local_days> holidays;
};

// What is forecast is shared out among instances: a load, as a total or as each one's part.
bool check_load(const Cursor& cursor, const SignalDraft& signal) {
  std::string problem;
  if (signal.unit == Unit::kRatio || signal.spec.kind != SignalSpec::Kind::kNumber) {
    problem = "is no load that instances share: name one such as requests per second";
  } else if (signal.response == SignalDraft::Response::kUnknown) {
    problem = "does not fall in proportion to the instances that are added: name the load itself";
  } else if (!signal.from_balancer && signal.spec.aggregation != Aggregation::kMean &&
             signal.spec.aggregation != Aggregation::kSum && !signal.spec.over_targets) {
    problem = "is one instance's number, which says nothing of the others: leave out aggregate";
  }
  if (problem.empty()) return true;
  cursor.problem("'" + signal.spec.name + "' " + problem);
  return false;
}

void build(const Cursor& cursor, const Written& written, const std::vector<SignalDraft>& signals,
           PredictSpec& to) {
  to.lead = written.lead;
  for (const auto day : written.holidays) to.holidays.push_back(day.time_since_epoch().count());
  std::sort(to.holidays.begin(), to.holidays.end());
  const bool learned =
      !written.per_instance || (written.per_instance->node().kind == Node::Kind::kScalar &&
                                written.per_instance->node().text == "learned");
  if (!learned) to.per_instance = 1;  // until it is read
  if (!written.signal) return;
  to.signal = *written.signal;
  const SignalDraft& signal = signals[to.signal];
  if (!signal.sound || !check_load(cursor.child("signal"), signal)) return;
  if (learned) return;
  to.per_instance = read_in_unit(*written.per_instance, signal, true).value_or(1);
}

}  // namespace

Shape predict_section(PredictSpec& to, const std::vector<SignalDraft>& signals,
                      const ReadContext& context) {
  return mapping([&to, &signals, context](Fields& fields) {
    auto written = std::make_shared<Written>();
    fields.required("signal", signal_reference(written->signal, signals),
                    "name of the signal that is the load");
    Shape per_instance = later(written->per_instance, kInUnitSchema);
    per_instance.initial = [] { return json_text("learned"); };
    fields.optional("perInstance", std::move(per_instance),
                    "what an instance carries, in the signal's unit: 120/s; learned: within the "
                    "slo");
    fields.optional("mode", choice(to.mode, {"forecast-only", "scale-out", "full"}),
                    "forecast-only wants nothing, scale-out raises only, full brakes scaling in "
                    "too");
    fields.optional("lead", scalar(written->lead, lead_rule()),
                    "from the order for an instance until it serves");
    fields.optional("price", scalar(to.price, price_rule()),
                    "of a violating minute, in minutes of the whole service: 3 if not given; with "
                    "a budget of the slo it is found");
    fields.optional(
        "holidays",
        list_of(0, [written] { return scalar(written->holidays.emplace_back(), local_date()); }),
        "days on which the load is like that of a Sunday (UTC)");
    fields.check([&to, &signals, context, written](const Cursor& cursor) {
      build(cursor, *written, signals, to);
      if (context.interval <= std::chrono::minutes(1)) return;
      cursor.problem("learns minute by minute, and controller.interval is " +
                     format_duration(context.interval) + ": write 1m or less there");
    });
  });
}

}  // namespace autoscaler
