#include "controller/config/signal_queries.h"

#include "controller/config/nearest.h"
#include "controller/config/scalars.h"
#include "metrics/json_reply.h"

#include <re2/re2.h>

#include <algorithm>

namespace autoscaler {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::seconds;

const std::vector<std::string> kUnits = {"number", "perSecond", "ratio", "seconds", "milliseconds"};

ScalarRule<double> any_number() {
  return {"a number such as 0 or 0.01",
          [] { return std::string(R"({"type":["number","string"]})"); },
          [](const Node& node) { return parse_quantity(node.text); },
          [](const double& value) { return format_number(value); }};
}

ScalarRule<double> scale_factor() {
  ScalarRule<double> rule = any_number();
  rule.parse = [parse = rule.parse](const Node& node) -> Result<double> {
    auto value = parse(node);
    if (value.ok() && *value == 0) {
      return Error{Code::kInvalid, "everything would be 0"};
    }
    return value;
  };
  return rule;
}

ScalarRule<std::string> pointer_text() {
  ScalarRule<std::string> rule =
      any_text("a JSON pointer such as /cpu/usage, or \"\" for the document");
  rule.parse = [parse = rule.parse](const Node& node) -> Result<std::string> {
    auto text = parse(node);
    if (!text.ok() || is_json_pointer(*text)) return text;
    return Error{Code::kInvalid, "each of its parts begins with /, with ~1 for / and ~0 for ~"};
  };
  return rule;
}

ScalarRule<std::string> service_url() {
  ScalarRule<std::string> rule = path_text("a URL such as http://billing:8080/queue");
  rule.parse = [parse = rule.parse](const Node& node) -> Result<std::string> {
    auto text = parse(node);
    if (!text.ok()) return text;
    const Status sound = check_url(*text, {"http://", "https://"});
    if (!sound.ok()) return sound.error();
    return text;
  };
  return rule;
}

ScalarRule<std::string> instance_path() {
  ScalarRule<std::string> rule = path_text("a path such as /health/cpu");
  rule.parse = [parse = rule.parse](const Node& node) -> Result<std::string> {
    auto text = parse(node);
    if (!text.ok() || (text->starts_with('/') && check_url("http://a" + *text, {"http://"}).ok())) {
      return text;
    }
    return Error{Code::kInvalid, "it is not a path that begins with /"};
  };
  return rule;
}

std::string server_of(const Cursor& cursor, const WrittenQuery& written,
                      std::span<const PrometheusServer> servers) {
  std::vector<std::string> names;
  for (const PrometheusServer& server : servers) names.push_back(server.name);
  if (names.empty()) {
    cursor.near("source").problem(
        "no server to ask: write sources: {prometheus: {url: http://prometheus:9090}}");
    return "";
  }
  if (!written.server) {
    if (names.size() == 1) return names.front();
    cursor.problem("several servers are among the sources: write server: with one of " +
                   one_of_these(names));
    return "";
  }
  if (std::find(names.begin(), names.end(), *written.server) == names.end()) {
    cursor.child("server").problem("found the unknown server '" + *written.server +
                                   "'. Servers of sources.prometheus: " + one_of_these(names));
  }
  return *written.server;
}

OverSeries over_series(Aggregation aggregation) {
  switch (aggregation) {
    case Aggregation::kSum: return OverSeries::kSum;
    case Aggregation::kMax: return OverSeries::kMax;
    case Aggregation::kMin: return OverSeries::kMin;
    case Aggregation::kMedian: return OverSeries::kMedian;
    case Aggregation::kMean:
    case Aggregation::kPercentile: break;
  }
  return OverSeries::kMean;
}

// The longest of the ranges in a query: 5m of rate(a[5m]) / rate(b[1m:10s]). None in it, or one
// that is no duration, is 0.
Duration longest_range(const std::string& query) {
  static const re2::RE2 kRange("\\[\\s*([0-9a-z]+)");
  Duration longest{0};
  re2::StringPiece rest(query);
  for (std::string range; re2::RE2::FindAndConsume(&rest, kRange, &range);) {
    const Result<Duration> parsed = parse_duration(range);
    if (parsed.ok()) longest = std::max(longest, *parsed);
  }
  return longest;
}

void take_unit(const WrittenQuery& written, SignalDraft& to) {
  to.unit = static_cast<Unit>(written.unit.value_or(0));
  to.spec.is_utilization = to.unit == Unit::kRatio;
}

}  // namespace

void describe_queries(WrittenQuery& to, const PolicyReading* policy, Fields& fields) {
  fields.optional("query", scalar(to.query, path_text("a query in PromQL")),
                  "PromQL that gives one number for the service");
  fields.only_with({"query"}, "server", scalar(to.server, name(kLocalName)),
                   "the server to ask, where sources.prometheus names several");
  fields.only_with(
      {"query", "gauge", "counter", "histogram", "ratio"}, "offset",
      scalar(to.offset, duration(Duration{0}, hours(1))),
      "ask about so long ago, when all samples are in; of a scraped signal, the window "
      "ends so long before the newest sample");
  fields.only_with({"query"}, "whenEmpty", scalar(to.when_empty, any_number()),
                   "the number that an empty answer stands for; if not given it is missing");
  if (policy == nullptr) {
    fields.optional("url", scalar(to.url, service_url()),
                    "an endpoint that answers with JSON, for the service as a whole");
  }
  fields.optional("path", scalar(to.path, instance_path()),
                  "an endpoint that answers with JSON, at the address of each instance");
  fields.only_with({"url", "path"}, "pointer", scalar(to.pointer, pointer_text()),
                   "where the number stands in the answer (RFC 6901)");
  Shape scale = scalar(to.scale, scale_factor());
  scale.initial = [] { return std::string("1"); };
  fields.only_with({"url", "path"}, "scale", std::move(scale),
                   "the number is multiplied by it: 0.01 for a percentage");
  const Duration longest = policy == nullptr ? seconds(30) : kTenantTimeout;
  Shape timeout = scalar(to.timeout, duration(milliseconds(10), longest));
  timeout.initial = [] { return json_text("1s"); };
  fields.only_with({"url", "path"}, "timeout", std::move(timeout),
                   "time within which it must be answered");
  Shape unit = scalar(to.unit, word(kUnits));
  unit.initial = [] { return json_text(kUnits.front()); };
  fields.only_with({"query", "url", "path", "pods", "object", "external"}, "unit", std::move(unit),
                   "the unit of the number: how targets and marks are written");
}

void allow_for_offset(const Cursor& cursor, Duration offset, Duration interval,
                      const ReadContext& context, SignalDraft& to) {
  if (!cursor.has("maxAge")) {
    to.spec.max_age += offset;
  } else if (!context.snapshot && offset > Duration{0} && to.spec.max_age < offset + interval) {
    cursor.child("maxAge").problem("found " + format_duration(to.spec.max_age) +
                                   ", which each answer is older than: at least the offset and "
                                   "one interval, " +
                                   format_duration(offset + interval));
  }
}

void build_prometheus(const Cursor& cursor, const WrittenQuery& written, const ReadContext& context,
                      SignalDraft& to) {
  PrometheusRead read;
  read.query = written.query.value_or("");
  read.offset = written.offset.value_or(Duration{0});
  read.when_empty = written.when_empty;
  // There are no instances to aggregate over: the word is about series.
  if (to.spec.aggregation == Aggregation::kPercentile) {
    cursor.child("aggregate")
        .problem(
            "percentiles are taken over instances: write it into the query, quantile(0.9, ...)");
  }
  if (cursor.has("aggregate")) {
    read.over_series = over_series(to.spec.aggregation);
    to.spec.aggregation = Aggregation::kMean;
  }
  take_unit(written, to);
  to.exists_without_instances = true;
  if (context.snapshot || context.any_server) {
    read.server = written.server.value_or("prometheus");
  } else {
    read.server = server_of(cursor, written, context.prometheus);
  }
  allow_for_offset(cursor, read.offset, context.interval, context, to);
  to.spec.lookback = longest_range(read.query);
  to.query.how = std::move(read);
}

void build_json(const Cursor& cursor, const WrittenQuery& written, SignalDraft& to) {
  JsonRead read;
  if (written.path) {
    read.where = JsonRead::Instance{*written.path};
    if (to.spec.aggregation == Aggregation::kSum) to.response = SignalDraft::Response::kTotal;
  } else {
    read.where = JsonRead::Service{written.url.value_or("")};
    to.exists_without_instances = true;
  }
  if (!cursor.has("pointer") && (cursor.has("url") || cursor.has("path"))) {
    cursor.problem_under("pointer",
                         "missing: write pointer: /name, or \"\" where the answer is a number");
  }
  read.pointer = written.pointer.value_or("");
  read.scale = written.scale.value_or(read.scale);
  read.timeout = written.timeout.value_or(read.timeout);
  take_unit(written, to);
  to.query.how = std::move(read);
}

}  // namespace autoscaler
