#include "controller/config/signal_quality.h"

#include "controller/config/scalars.h"

#include <algorithm>

namespace autoscaler {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr int32_t kDefaultObservations = 5;
constexpr double kDefaultCoverageIn = SignalSpec{}.min_coverage_in;

ScalarRule<double> share() {
  ScalarRule<double> rule = ratio(0.01, 1);
  rule.print = [](const double& value) { return format_number(value); };
  return rule;
}

// A number alone is `out`; going in never asks for less.
Shape coverage(WrittenQuality& to) {
  Shape single = scalar(to.coverage_out, share());
  single.initial = [] { return format_number(SignalSpec{}.min_coverage); };
  return either(std::move(single), mapping([&to](Fields& fields) {
                  fields.optional("out", scalar(to.coverage_out, share()),
                                  "for there to be a value at all");
                  fields.optional("in", scalar(to.coverage_in, share()),
                                  "for a scale-in to be founded on it");
                  fields.check([&to](const Cursor& cursor) {
                    const double out = to.coverage_out.value_or(SignalSpec{}.min_coverage);
                    if (!to.coverage_in || *to.coverage_in >= out) return;
                    cursor.child("in").problem(
                        "found less than for `out`, so that a scale-in could be founded on no "
                        "value: at least " +
                        format_number(out));
                  });
                }));
}

ScalarRule<std::string> aggregation() {
  ScalarRule<std::string> rule = name({"mean, sum, max, min, median, or a percentile such as p90",
                                       "^(mean|sum|max|min|median|p[1-9][0-9]?(\\.[0-9])?)$"});
  return rule;
}

void take_aggregation(const std::string& word, SignalSpec& to) {
  constexpr std::pair<const char*, Aggregation> kWords[] = {{"mean", Aggregation::kMean},
                                                            {"sum", Aggregation::kSum},
                                                            {"max", Aggregation::kMax},
                                                            {"min", Aggregation::kMin},
                                                            {"median", Aggregation::kMedian}};
  for (const auto& [text, aggregation] : kWords) {
    if (word == text) to.aggregation = aggregation;
  }
  if (word.front() != 'p') return;
  to.aggregation = Aggregation::kPercentile;
  to.percentile = std::stod(word.substr(1)) / 100;
}

// A counter stands still, a histogram has no observations, an instance uses nothing: each is a
// broken exporter more often than a fact. An empty queue, no errors and no jobs are good news.
Duration default_belief(const SignalDraft& draft) {
  const bool zero_is_odd = std::visit(
      [&draft](const auto& read) {
        using Read = std::decay_t<decltype(read)>;
        if constexpr (std::is_same_v<Read, ScrapeRead>) {
          return !std::holds_alternative<GaugeOf>(read.what) || draft.spec.is_utilization;
        } else if constexpr (std::is_same_v<Read, JsonRead>) {
          return std::holds_alternative<JsonRead::Instance>(read.where) &&
                 draft.spec.is_utilization;
        } else if constexpr (std::is_same_v<Read, PrometheusRead>) {
          return draft.unit == Unit::kPerSecond;
        } else if constexpr (std::is_same_v<Read, KubernetesRead>) {
          return std::holds_alternative<KubernetesRead::Resource>(read.what);
        } else {
          return false;  // the balancer is what others are held against
        }
      },
      draft.query.how);
  return zero_is_odd ? minutes(5) : Duration{0};
}

void check_samples(const Cursor& cursor, int32_t samples, const ReadContext& context,
                   const ScrapeRead& read) {
  const auto* gauge = std::get_if<GaugeOf>(&read.what);
  const Duration window = gauge ? gauge->mean_over : read.window;
  if (window == Duration{0}) {
    cursor.problem_at_key("minSamples",
                          "has no meaning without a window to count them in: add "
                          "window: 1m");
    return;
  }
  const auto held = static_cast<int32_t>(window / context.scrape_interval) + 1;
  if (context.snapshot || samples <= held) return;
  cursor.child("minSamples")
      .problem("found " + std::to_string(samples) + ", and a window of " + format_duration(window) +
               " never holds more than " + std::to_string(held) + " at sources.scrape.interval " +
               format_duration(context.scrape_interval));
}

void check_age(const Cursor& cursor, const WrittenQuality& written, const ReadContext& context) {
  if (context.snapshot || !written.max_age || *written.max_age >= context.scrape_interval) return;
  cursor.problem_at_key("maxAge", "is less than sources.scrape.interval " +
                                      format_duration(context.scrape_interval) +
                                      ": each reading would be too old before the next");
}

// Averages of quantiles mean nothing.
void check_summary(const Cursor& cursor, const ScrapeRead& read, const SignalSpec& spec) {
  const auto* gauge = std::get_if<GaugeOf>(&read.what);
  if (!gauge || spec.aggregation == Aggregation::kMax || spec.aggregation == Aggregation::kMin) {
    return;
  }
  const bool quantile =
      std::any_of(gauge->of.matching.begin(), gauge->of.matching.end(),
                  [](const LabelMatcher& matcher) { return matcher.label == "quantile"; });
  if (!quantile) return;
  cursor.near("aggregate")
      .problem(
          "quantiles of a summary cannot be averaged over instances: write aggregate: max, or read "
          "a "
          "histogram");
}

}  // namespace

void describe_quality(WrittenQuality& to, SignalDraft& draft, const std::optional<Bounds>& bounds,
                      Duration pace, Fields& fields) {
  Shape aggregate = scalar(to.aggregate, aggregation());
  aggregate.initial = [] { return json_text("mean"); };
  fields.only_with({"gauge", "counter", "path", "query", "resource", "pods"}, "aggregate",
                   std::move(aggregate),
                   "how the instances' numbers become one; with query, its series, of which there "
                   "may be but one if not given");
  Shape max_age = scalar(to.max_age, duration(seconds(1), hours(1)));
  max_age.initial = [pace] { return json_text(format_duration(3 * pace)); };
  fields.optional(
      "maxAge", std::move(max_age),
      "an older reading counts as missing; three intervals, and the offset, if not given");
  fields.optional("minCoverage", coverage(to),
                  "share of the instances in service that must report: out, for there to be a "
                  "value at all; in, for a scale-in");
  fields.only_with(
      {"gauge", "counter", "histogram", "ratio"}, "minSamples",
      scalar(to.samples, integer(1, 1000)),
      "samples of an instance that its window must hold; a rate needs two in any case");
  Shape observations = scalar(to.observations, integer(0, 1'000'000));
  observations.initial = [] { return std::to_string(kDefaultObservations); };
  fields.only_with({"histogram"}, "minObservations", std::move(observations),
                   "observations within the window, of all instances, that a quantile needs");
  Shape belief = scalar(to.believe_zero_after, duration(Duration{0}, hours(24)));
  belief.initial = [] { return json_text("5m"); };
  fields.optional("believeZeroAfter", std::move(belief),
                  "how long a zero must have lasted where nothing else tells of load; 0s: at once, "
                  "whatever others show");
  fields.optional("whenMissing", when_missing_section(draft.spec.when_missing, bounds),
                  "what to do while the signal cannot be known");
  fields.check([&to, &draft, pace](const Cursor&) {
    draft.spec.max_age = to.max_age.value_or(3 * pace);
    if (to.aggregate) take_aggregation(*to.aggregate, draft.spec);
  });
}

void build_quality(const Cursor& cursor, const WrittenQuality& written, const ReadContext& context,
                   SignalDraft& to) {
  SignalSpec& spec = to.spec;
  spec.min_coverage = written.coverage_out.value_or(spec.min_coverage);
  // What is missing in a sum counts as 0.
  const double least_in = spec.aggregation == Aggregation::kSum ? 1 : kDefaultCoverageIn;
  spec.min_coverage_in = written.coverage_in.value_or(std::max(spec.min_coverage, least_in));
  if (spec.kind == SignalSpec::Kind::kHistogram) {
    spec.min_observations = written.observations.value_or(kDefaultObservations);
  }
  spec.believe_zero_after = written.believe_zero_after.value_or(default_belief(to));
  if (auto* read = std::get_if<ScrapeRead>(&to.query.how)) {
    if (written.samples) check_samples(cursor, *written.samples, context, *read);
    check_age(cursor, written, context);
    check_summary(cursor, *read, spec);
    const int32_t least = std::holds_alternative<GaugeOf>(read->what) ? 1 : 2;
    read->samples = std::max(least, written.samples.value_or(least));
  }
}

}  // namespace autoscaler
