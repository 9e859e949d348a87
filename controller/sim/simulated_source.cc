#include "controller/sim/simulated_source.h"

#include "controller/sim/chance.h"
#include "policies/histogram.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>

namespace autoscaler {
namespace {

// Longer than any window of a query.
constexpr Duration kKept = std::chrono::minutes(15);

constexpr Duration kDefaultWindow = std::chrono::seconds(30);

Duration window_of(const SignalQuery& query) {
  if (const auto* scrape = std::get_if<ScrapeRead>(&query.how)) return scrape->window;
  if (const auto* balancer = std::get_if<BalancerRead>(&query.how)) return balancer->window;
  return kDefaultWindow;
}

bool asks_instances(const SignalQuery& query) {
  if (const auto* scrape = std::get_if<ScrapeRead>(&query.how)) {
    return std::holds_alternative<OwnInstances>(scrape->from);
  }
  if (const auto* pods = std::get_if<KubernetesRead>(&query.how)) {
    return std::holds_alternative<KubernetesRead::Resource>(pods->what) ||
           std::holds_alternative<KubernetesRead::Pods>(pods->what);
  }
  const auto* json = std::get_if<JsonRead>(&query.how);
  return json != nullptr && std::holds_alternative<JsonRead::Instance>(json->where);
}

std::optional<double> number_when_empty(const SignalQuery& query) {
  const auto* prometheus = std::get_if<PrometheusRead>(&query.how);
  return prometheus != nullptr ? prometheus->when_empty : std::nullopt;
}

// "" where it is none of them.
std::string kind_of(const SignalSpec& signal) {
  using Meaning = SignalSpec::Meaning;
  static const std::set<std::string> kKinds = {"rps",    "latency", "errors",  "cpu",
                                               "memory", "queue",   "sessions"};
  std::string kind = signal.name.substr(0, signal.name.find('-'));
  if (kKinds.count(kind) != 0) return kind;
  switch (signal.meaning) {
    case Meaning::kLoad: return "rps";
    case Meaning::kWork: return "cpu";
    case Meaning::kLatency: return "latency";
    case Meaning::kErrors:
    case Meaning::kOverload: return "errors";
    case Meaning::kOther: return "";
  }
  return "";
}

// For the noise of one reading.
uint64_t seed_of(Instant at, const std::string& instance) {
  return static_cast<uint64_t>(at.time_since_epoch().count()) ^ std::hash<std::string>{}(instance);
}

Reading missing(MissingReason reason) {
  return Missing{reason, {}};
}

BucketRates histogram_of(const Counters& rates) {
  BucketRates histogram;
  histogram.bounds.assign(latency_bounds().begin(), latency_bounds().end());
  histogram.bounds.push_back(std::numeric_limits<double>::infinity());
  histogram.rates.assign(rates.latencies.begin(), rates.latencies.end());
  return histogram;
}

}  // namespace

void SimulatedSource::Flow::add(const Seen& before, const Seen& after, double seconds) {
  const auto rate = [seconds](double from, double to) { return (to - from) / seconds; };
  rates.requests += rate(before.counters.requests, after.counters.requests);
  rates.errors += rate(before.counters.errors, after.counters.errors);
  rates.cpu_seconds += rate(before.counters.cpu_seconds, after.counters.cpu_seconds);
  rates.latency_seconds += rate(before.counters.latency_seconds, after.counters.latency_seconds);
  for (size_t i = 0; i < rates.latencies.size(); ++i) {
    rates.latencies[i] += rate(before.counters.latencies[i], after.counters.latencies[i]);
  }
  cores += after.cores;
  cpu_request += after.cpu_request;
  memory += after.memory;
  waiting += after.waiting;
  in_flight += after.in_flight;
  instances += 1;
}

bool SimulatedSource::knows(const SignalSpec& signal) {
  return !kind_of(signal).empty();
}

void SimulatedSource::sample(Instant now) {
  if (is_down) return;
  if (is_frozen && !samples_.empty()) {
    samples_.push_back(samples_.back());
    samples_.back().at = now;
    samples_.back().totals = service_.totals();
    return;
  }
  const auto is_lost = [this] { return lost > 0 && draw(chance_) < lost; };
  Sample sample{.at = now, .totals = {}, .instances = {}};
  if (!is_lost()) sample.totals = service_.totals();
  auto silent = static_cast<size_t>(
      std::lround(silent_share * static_cast<double>(service_.instances.size())));
  for (const auto& [id, instance] : service_.instances) {
    if (silent > 0) {
      --silent;
    } else if (instance.running && !is_lost()) {
      const Release& release = instance.release;
      sample.instances[id] = {
          instance.counters, release.cores,    release.cpu_request.value_or(release.cores),
          instance.memory,   instance.waiting, instance.in_flight()};
    }
  }
  samples_.push_back(std::move(sample));
  if (samples_.front().at < now - kKept) samples_.erase(samples_.begin());
}

void SimulatedSource::read(std::span<const WorkloadQuery> queries, Instant now,
                           std::vector<Signals>& answers, std::vector<ReadError>&) {
  for (size_t i = 0; i < queries.size(); ++i) {
    for (size_t signal = 0; signal < answers[i].size(); ++signal) {
      answers[i][signal] = answer(signal, queries[i].targets, now);
    }
  }
}

Signal SimulatedSource::answer(size_t signal, std::span<const Target> targets, Instant now) const {
  const SignalQuery& query = config_.queries[signal];
  const std::string& name = config_.spec.signals[signal].name;
  if (is_down || broken.count(name) != 0) return {missing(MissingReason::kTimeout)};
  if (is_empty) {
    const auto number = number_when_empty(query);
    if (!number) return {missing(MissingReason::kNoSeries)};
    return {Reading(Measured{*number, now, Duration{0}})};
  }
  if (const auto it = numbers.find(name); it != numbers.end()) {
    return {Reading(Measured{it->second(now - delay), now - delay, Duration{0}})};
  }
  if (!knows(config_.spec.signals[signal])) return {missing(MissingReason::kNoSeries)};
  auto span = span_of(window_of(query), now);
  if (!span) return {missing(MissingReason::kTooFewSamples)};

  Flow together;
  std::vector<InstanceReading> each;
  for (const Target& target : targets) {
    const InstanceId& id = target.instance;
    const auto heard =
        within(*span, [&id](const Sample& sample) { return sample.instances.count(id) != 0; });
    // Where nothing is lost, an instance that is not in all of the window is new, or silent.
    const bool ends = heard && (lost > 0 || heard->after == span->after);
    const bool spans = ends && (lost > 0 || heard->before == span->before);
    if (!spans || heard->before == heard->after) {
      each.push_back({id, missing(ends ? MissingReason::kTooFewSamples : MissingReason::kTimeout)});
      continue;
    }
    const Seen& before = heard->before->instances.at(id);
    const Seen& after = heard->after->instances.at(id);
    Flow flow;
    flow.add(before, after, heard->seconds());
    together.add(before, after, heard->seconds());
    each.push_back({id, measured(signal, id, flow, *heard)});
  }
  if (asks_instances(query)) return {std::move(each)};
  if (std::holds_alternative<BalancerRead>(query.how)) {
    span = within(*span, [](const Sample& sample) { return sample.totals.has_value(); });
    if (!span || span->before == span->after) return {missing(MissingReason::kTooFewSamples)};
    const auto& before = *span->before->totals;
    const auto& after = *span->after->totals;
    together.rates.requests = (after.requests - before.requests) / span->seconds();
    together.rates.errors = (after.failed - before.failed) / span->seconds();
  } else if (together.instances == 0) {
    return {missing(MissingReason::kNoSeries)};
  }
  Value value = value_of(signal, together, seed_of(span->after->at, ""));
  const auto* pods = std::get_if<KubernetesRead>(&query.how);
  const auto* number = std::get_if<double>(&value);
  if (pods != nullptr && pods->exact && number != nullptr) {
    value = Quantities{{std::llround(*number * 1000)}};
  }
  return {Reading(Measured{std::move(value), span->after->at, span->after->at - span->before->at})};
}

double SimulatedSource::Span::seconds() const {
  return std::chrono::duration<double>(after->at - before->at).count();
}

template <typename Has>
std::optional<SimulatedSource::Span> SimulatedSource::within(Span span, Has has) {
  while (!has(*span.after)) {
    if (span.after == span.before) return std::nullopt;
    --span.after;
  }
  while (!has(*span.before)) ++span.before;
  return span;
}

std::optional<SimulatedSource::Span> SimulatedSource::span_of(Duration window, Instant now) const {
  const Sample* after = nullptr;
  for (const Sample& sample : samples_) {
    if (sample.at <= now - delay) after = &sample;
  }
  if (after == nullptr) return std::nullopt;
  for (const Sample& sample : samples_) {
    if (sample.at < after->at - window) continue;
    if (&sample == after) break;
    return Span{&sample, after};
  }
  return std::nullopt;
}

// With its quality: a sample stands for the time to the next, and a step in which nothing was
// counted stood still.
Measured SimulatedSource::measured(size_t signal, const InstanceId& instance, const Flow& flow,
                                   Span span) const {
  Measured result{value_of(signal, flow, seed_of(span.after->at, instance)), span.after->at,
                  span.after->at - span.before->at};
  const SignalQuery& query = config_.queries[signal];
  const bool is_cpu = kind_of(config_.spec.signals[signal]) == "cpu";
  bool moved = false;
  for (const Sample* sample = span.after; sample != span.before; --sample) {
    const auto now = sample->instances.find(instance);
    const auto before = (sample - 1)->instances.find(instance);
    if (now == sample->instances.end() || before == (sample - 1)->instances.end()) continue;
    const Counters& a = before->second.counters;
    const Counters& b = now->second.counters;
    moved = moved || (is_cpu ? b.cpu_seconds > a.cpu_seconds : b.requests > a.requests);
    if (!moved) ++result.still;
  }
  const Duration step = span.after->at - (span.after - 1)->at;
  const Duration covered = result.window + step;
  result.completeness = std::min(
      1.0, static_cast<double>(covered.count()) / static_cast<double>(window_of(query).count()));
  return result;
}

Value SimulatedSource::value_of(size_t signal, const Flow& flow, uint64_t seed) const {
  const SignalSpec& spec = config_.spec.signals[signal];
  const std::string kind = kind_of(spec);
  const Counters& rates = flow.rates;
  if (kind == "errors") {
    if (spec.kind == SignalSpec::Kind::kRatio) return RatioParts{rates.errors, rates.requests};
    return rates.requests > 0 ? rates.errors / rates.requests : 0.0;
  }
  if (kind == "latency") {
    if (spec.kind == SignalSpec::Kind::kHistogram) return histogram_of(rates);
    if (spec.kind == SignalSpec::Kind::kRatio) {
      return RatioParts{rates.latency_seconds, rates.requests};
    }
    const BucketRates histogram = histogram_of(rates);
    return quantile_of(histogram.bounds, histogram.rates, spec.quantile).value_or(0);
  }
  if (kind == "cpu") {
    const double noise = cpu_noise > 0 ? draw_factor(cpu_noise, 0, seed) : 1;
    return std::min(flow.cores, rates.cpu_seconds * noise) / flow.cpu_request;
  }
  if (kind == "memory") return flow.memory / flow.instances;
  if (kind == "queue") return flow.waiting;
  if (kind == "sessions") return flow.in_flight;
  return rates.requests;
}

}  // namespace autoscaler
