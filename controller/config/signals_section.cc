#include "controller/config/metric_names.h"
#include "controller/config/nearest.h"
#include "controller/config/scalars.h"
#include "controller/config/sections.h"
#include "controller/config/signal_quality.h"
#include "controller/config/signal_queries.h"

#include <algorithm>

namespace autoscaler {
namespace {

using std::chrono::hours;
using std::chrono::seconds;
using What = BalancerRead::What;

constexpr Grammar kPageUrl = {"a URL such as http://10.0.0.7:9100/metrics",
                              "^https?://[A-Za-z0-9.:\\[\\]_-]+/[!-~]*$"};
const Duration kShortestDefaultWindow = seconds(30);

// What `source` may be, and which key then says what is read.
enum class Source { kScrape, kPrometheus, kJson, kKubernetes, kBalancer };
const std::vector<std::string> kSources = {"scrape", "prometheus", "json", "kubernetes",
                                           "balancer"};
const std::vector<std::string> kKeysOf[] = {{"gauge", "counter", "histogram", "ratio"},
                                            {"query"},
                                            {"url", "path"},
                                            {"resource", "pods", "object", "external"},
                                            {"value"}};

// In a ScalingPolicy there is no balancer, and no URL.
std::vector<std::string> sources(const PolicyReading* policy) {
  return {kSources.begin(), policy == nullptr ? kSources.end() : kSources.end() - 1};
}
std::vector<std::string> kinds(const PolicyReading* policy) {
  std::vector<std::string> all;
  for (const auto& keys : kKeysOf) all.insert(all.end(), keys.begin(), keys.end());
  if (policy != nullptr)
    std::erase_if(all, [](const auto& k) { return k == "value" || k == "url"; });
  return all;
}

// As written; turned into a spec and a query when all of it was read.
struct Written {
  std::optional<size_t> source;
  std::optional<std::string> gauge, counter, histogram;
  std::optional<std::string> ratio_of;
  std::vector<LabelMatcher> ratio_matching;
  std::vector<std::string> targets;
  std::optional<std::string> targets_file;
  std::optional<size_t> value;
  std::vector<LabelMatcher> matching;
  std::optional<double> capacity;
  std::optional<Duration> window;
  std::optional<size_t> means;
  WrittenQuery query;
  WrittenQuality quality;

  // What the metric is called, for guessing what it tells.
  std::string metric() const {
    for (const auto* one : {&gauge, &counter, &histogram, &ratio_of}) {
      if (*one) return **one;
    }
    return "";
  }
  Source from() const {
    if (source) return static_cast<Source>(*source);
    if (query.query) return Source::kPrometheus;
    if (query.url || query.path) return Source::kJson;
    if (query.resource || query.pods || query.object || query.external) return Source::kKubernetes;
    return value ? Source::kBalancer : Source::kScrape;
  }
};

ScalarRule<double> plain_ratio(double least, double most) {
  ScalarRule<double> rule = ratio(least, most);
  rule.print = [](const double& value) { return format_number(value); };
  return rule;
}

Unit unit_by_name(const std::string& metric) {
  if (metric.ends_with("_seconds")) return Unit::kSeconds;
  if (metric.ends_with("_milliseconds") || metric.ends_with("_ms")) return Unit::kMilliseconds;
  if (metric.ends_with("_ratio")) return Unit::kRatio;
  return Unit::kNumber;
}

// One that is listed twice would count twice.
void check_targets(const Cursor& cursor, std::vector<std::string> urls) {
  std::sort(urls.begin(), urls.end());
  const auto twice = std::adjacent_find(urls.begin(), urls.end());
  if (twice != urls.end()) cursor.problem_at_key("targets", "holds " + *twice + " twice");
}

void build_scrape(const Cursor& cursor, const Written& written, Duration default_window,
                  const ReadContext& context, SignalDraft& to) {
  ScrapeRead read;
  read.window = written.window.value_or(default_window);
  read.offset = written.query.offset.value_or(Duration{0});
  allow_for_offset(cursor, read.offset, context.scrape_interval, context, to);
  if (!written.targets.empty()) {
    check_targets(cursor, written.targets);
    read.from = UrlList{written.targets};
  } else if (written.targets_file) {
    read.from = TargetList{*written.targets_file};
  }
  to.spec.over_targets = !std::holds_alternative<OwnInstances>(read.from);
  to.exists_without_instances = to.spec.over_targets;
  if (written.histogram) {
    read.what = HistogramOf{Selector{*written.histogram, written.matching}};
    to.spec.kind = SignalSpec::Kind::kHistogram;
    to.unit = unit_by_name(*written.histogram);
    to.response = SignalDraft::Response::kUnknown;
  } else if (written.ratio_of) {
    read.what = RatioOf{Selector{*written.ratio_of, written.matching}, written.ratio_matching};
    to.spec.kind = SignalSpec::Kind::kRatio;
    to.unit = Unit::kRatio;
  } else if (written.counter) {
    read.what = RateOf{Selector{*written.counter, written.matching}, written.capacity.value_or(1)};
    to.unit = written.capacity ? Unit::kRatio : Unit::kPerSecond;
  } else {
    const std::string metric = written.gauge.value_or(to.spec.name);
    read.what = GaugeOf{Selector{metric, written.matching}, written.capacity.value_or(1),
                        written.window.value_or(Duration{0})};
    to.unit = written.capacity ? Unit::kRatio : unit_by_name(metric);
  }
  const bool number = to.spec.kind == SignalSpec::Kind::kNumber;
  to.spec.is_utilization = number && to.unit == Unit::kRatio;
  if (number && to.spec.aggregation == Aggregation::kSum) {
    to.response = SignalDraft::Response::kTotal;
  }
  to.query.how = std::move(read);
}

void build_balancer(const Written& written, Duration default_window, SignalDraft& to) {
  BalancerRead read{};
  read.what = static_cast<What>(written.value.value_or(0));
  read.window = written.window.value_or(default_window);
  to.from_balancer = true;
  to.exists_without_instances = true;
  switch (read.what) {
    case What::kRequestRate:
      to.unit = Unit::kPerSecond;
      to.response = SignalDraft::Response::kTotal;
      to.spec.shows_load = true;  // none waiting and none in flight may be chance
      break;
    case What::kSessions: to.response = SignalDraft::Response::kTotal; break;
    case What::kQueue: break;
    case What::kResponseTime:
      to.unit = Unit::kSeconds;
      to.spec.kind = SignalSpec::Kind::kRatio;  // of nothing, where there is no traffic
      to.response = SignalDraft::Response::kUnknown;
      break;
    case What::kErrors:
      to.unit = Unit::kRatio;
      to.spec.kind = SignalSpec::Kind::kRatio;
      to.response = SignalDraft::Response::kUnknown;
      break;
  }
  to.query.how = read;
}

// What ends at the pods of everybody must not show who we are.
void check_identity(const Cursor& cursor, Source from, const PolicyReading& policy) {
  const bool shown = from == Source::kScrape ? policy.scrape_shows_identity
                                             : from == Source::kJson && policy.json_shows_identity;
  if (!shown) return;
  const std::string source = kSources[static_cast<size_t>(from)];
  cursor.near("source").problem(
      "source: " + source + " is not for ScalingPolicies while sources." + source +
      " of the controller has a token or a password, which these pods would be shown: read it from "
      "Prometheus or the metrics APIs of Kubernetes, or have the workload written in the config");
}

// `source` says which of the other keys have a meaning.
void check_source(const Cursor& cursor, const Written& written, const ReadContext& context) {
  if (!written.source && (cursor.has("source") || !context.snapshot)) return;  // it was reported
  const Source from = written.from();
  if (context.policy) check_identity(cursor, from, *context.policy);
  const std::vector<std::string>& ours = kKeysOf[static_cast<size_t>(from)];
  for (const std::vector<std::string>& keys : kKeysOf) {
    for (const std::string& key : keys) {
      if (&keys == &ours || !cursor.has(key)) continue;
      cursor.problem_at_key(key,
                            "has no meaning with source: " + kSources[static_cast<size_t>(from)] +
                                ", which takes " +
                                (from == Source::kBalancer
                                     ? "value: requestRate, queue, responseTime, errors or sessions"
                                     : one_of_these(ours)));
    }
  }
  const bool of_instances =
      from == Source::kScrape || cursor.has("path") || cursor.has("resource") || cursor.has("pods");
  if (cursor.has("minCoverage") && !of_instances) {
    cursor.problem_at_key(
        "minCoverage",
        "has no meaning with " +
            (from == Source::kJson ? std::string("url")
                                   : "source: " + kSources[static_cast<size_t>(from)]) +
            ": it is about instances");
  }
  if (from != Source::kBalancer) return;
  const auto what = static_cast<What>(written.value.value_or(0));
  if (cursor.has("window") && what != What::kRequestRate && what != What::kErrors &&
      what != What::kResponseTime) {
    cursor.problem_at_key("window",
                          "has no meaning here: it goes with value: requestRate, errors or "
                          "responseTime");
  }
}

// What reaches beyond the pods of the target is the config's to say.
void refuse_for_policy(Fields& fields) {
  fields.refused("value", "there is no load balancer in a ScalingPolicy");
  fields.refused("targets",
                 "a ScalingPolicy has the pods of its target read and no other page; a query to "
                 "Prometheus can tell of anything else");
  fields.refused("targetsFile", "a ScalingPolicy reads no file of the controller");
  fields.refused("url",
                 "a ScalingPolicy has no URL fetched by the controller; write path for the pods "
                 "themselves, or a query to Prometheus");
}

void describe_kinds(Written& written, SignalDraft& to, const PolicyReading* policy,
                    Fields& fields) {
  const std::vector<std::string> scraped = {"gauge", "counter", "histogram", "ratio"};
  fields.optional("gauge", scalar(written.gauge, metric_name()),
                  "a metric taken as it is, divided by capacity if there is one");
  fields.optional("counter", scalar(written.counter, metric_name()),
                  "a metric that only grows: its rate per second, divided by capacity if there is "
                  "one");
  fields.optional("histogram", scalar(written.histogram, family_name()),
                  "a classic histogram, without _bucket: its quantile over all instances");
  fields.optional("ratio", mapping([&written](Fields& ratio) {
                    ratio.required("of", scalar(written.ratio_of, metric_name()),
                                   "a counter; all of it is the denominator");
                    ratio.required("matching", label_matchers(written.ratio_matching),
                                   "labels of the part that is the numerator, as patterns");
                    ratio.check([&written](const Cursor& cursor) {
                      if (!cursor.has("matching") || !written.ratio_matching.empty()) return;
                      cursor.problem_at_key("matching", "names no label: all of it would match");
                    });
                  }),
                  "the share of a counter's rate that matches further labels");
  fields.only_with({"gauge", "counter"}, "capacity", scalar(written.capacity, positive_quantity()),
                   "what one instance has (2 cores, 2Gi): the signal is then a ratio");
  fields.only_with({"histogram"}, "quantile", scalar(to.spec.quantile, plain_ratio(0.01, 0.9999)),
                   "which quantile");
  fields.only_with(scraped, "matching", label_matchers(written.matching),
                   "labels that must match, as patterns; several series are summed");
  if (policy != nullptr) {
    refuse_for_policy(fields);
    return;
  }
  ScalarRule<size_t> values = word({"requestRate", "queue", "responseTime", "errors", "sessions"});
  fields.optional("value", scalar(written.value, std::move(values)),
                  "what the balancer knows: requests per second, requests waiting, seconds, share "
                  "of 5xx, requests in flight");
  fields.only_with(scraped, "targets",
                   list_of(1,
                           [&written] {
                             written.targets.emplace_back();
                             return scalar(written.targets.back(), name(kPageUrl));
                           }),
                   "pages to read instead of the instances', as URLs");
  fields.only_with(
      scraped, "targetsFile", scalar(written.targets_file, path_text("the path of a file")),
      "a file with targets, in the form of Prometheus' file_sd (JSON); read again when "
      "it changes");
}

Shape signal(SignalDraft& to, const std::optional<Bounds>& bounds, const ReadContext& context) {
  return mapping([&to, &bounds, context](Fields& fields) {
    auto written = std::make_shared<Written>();
    Shape source = scalar(written->source, word(sources(context.policy)));
    const char* source_help =
        context.policy
            ? "scrape: the metrics page of each pod; prometheus: a query to a server that the "
              "controller knows; json: a JSON document of each pod; kubernetes: its metrics APIs"
            : "scrape: the metrics page of each instance; balancer: loadBalancer; prometheus: a "
              "query to a server in sources; json: any HTTP endpoint; kubernetes: its metrics APIs";
    if (context.snapshot)
      fields.optional("source", std::move(source), source_help);
    else
      fields.required("source", std::move(source), source_help);
    describe_kinds(*written, to, context.policy, fields);
    describe_queries(written->query, context.policy, fields);
    describe_kubernetes_metrics(written->query, fields);
    if (!context.snapshot) fields.exactly_one(kinds(context.policy));
    Shape window = scalar(written->window, duration(seconds(1), hours(1)));
    const Duration pace = std::max(context.interval, context.scrape_interval);
    const Duration default_window = std::max(kShortestDefaultWindow, 4 * pace);
    window.initial = [default_window] { return json_text(format_duration(default_window)); };
    fields.only_with(
        {"gauge", "counter", "histogram", "ratio", "value", "query"}, "window", std::move(window),
        "time over which rates are taken, at least two intervals; of a gauge, its mean "
        "(the newest sample if not given); how far a query looks back (its longest "
        "range if not given)");
    describe_quality(written->quality, to, bounds, pace, fields);
    fields.optional(
        "means",
        scalar(written->means, word({"other", "load", "work", "latency", "errors", "overload"})),
        "what it tells of the service, for the guards; overload: requests refused for "
        "want of capacity. Guessed from its kind and name if not given");
    fields.check([&to, written, context, pace, default_window](const Cursor& cursor) {
      check_source(cursor, *written, context);
      if (!written->targets.empty() && written->targets_file) {
        cursor.problem_at_key("targetsFile", "contradicts targets: give one of the two");
      }
      const bool scraped = written->from() == Source::kScrape;
      const bool sampled = scraped || written->from() == Source::kBalancer;
      const Duration interval = scraped ? context.scrape_interval : context.interval;
      // A snapshot does not say at which interval its readings were taken.
      if (!context.snapshot && sampled && written->window && *written->window < 2 * interval) {
        cursor.child("window").problem(
            "found " + describe_node(cursor.child("window").node()) + ", too short for a rate at " +
            (interval == context.interval ? "controller.interval " : "sources.scrape.interval ") +
            format_duration(interval) + ": at least " + format_duration(2 * interval));
      }
      switch (written->from()) {
        case Source::kScrape: build_scrape(cursor, *written, default_window, context, to); break;
        case Source::kBalancer: build_balancer(*written, default_window, to); break;
        case Source::kPrometheus:
          build_prometheus(cursor, written->query, context, to);
          to.spec.lookback = written->window.value_or(to.spec.lookback);
          break;
        case Source::kJson: build_json(cursor, written->query, to); break;
        case Source::kKubernetes: build_kubernetes(cursor, written->query, to); break;
      }
      build_quality(cursor, written->quality, context, to);
      to.spec.meaning = written->means ? static_cast<SignalSpec::Meaning>(*written->means)
                                       : meaning_of(to, written->metric());
    });
    fields.check_sound([&to](const Cursor&) { to.sound = true; });
  });
}

}  // namespace

Shape signals_section(std::vector<SignalDraft>& to, const std::optional<Bounds>& bounds,
                      const ReadContext& context) {
  return map_of(kLocalName, [&to, &bounds, context](const std::string& name) {
    to.emplace_back();
    to.back().spec.name = name;
    return signal(to.back(), bounds, context);
  });
}

Shape signal_reference(std::optional<size_t>& to, const std::vector<SignalDraft>& signals) {
  return Shape{[&to, &signals](const Cursor& cursor) {
                 if (!is_scalar(cursor, "the name of a signal")) return;
                 std::vector<std::string> names;
                 for (size_t i = 0; i < signals.size(); ++i) {
                   names.push_back(signals[i].spec.name);
                   if (names.back() == cursor.node().text) to = i;
                 }
                 if (to) return;
                 const std::string near = did_you_mean(cursor.node().text, names);
                 cursor.problem("found the unknown signal " + describe_node(cursor.node()) +
                                (near.empty() ? "." : "; " + near) +
                                " Signals of this workload: " + one_of_these(names));
               },
               [] { return std::string(R"({"type":"string"})"); }};
}

}  // namespace autoscaler
