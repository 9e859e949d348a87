#include "metrics/kubernetes_source.h"

#include "base/check.h"
#include "metrics/kubernetes_reading.h"

#include <algorithm>
#include <utility>

namespace autoscaler {
namespace {

// Questions that wait for a thread longer than their deadline are not sent.
constexpr Duration kLeastTime{1};

// In bytes. Room for less costs little: the heap has it at hand.
constexpr size_t kLongAnswer = 256u << 10;

constexpr const char* kGroups[] = {"metrics.k8s.io", "custom.metrics.k8s.io",
                                   "external.metrics.k8s.io"};

std::string encoded(const std::string& text) {
  constexpr char kHex[] = "0123456789ABCDEF";
  std::string safe;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '-' || c == '.' || c == '_' || c == '~';
    if (plain) {
      safe += c;
    } else {
      safe += '%';
      safe += kHex[byte >> 4];
      safe += kHex[byte & 15];
    }
  }
  return safe;
}

std::string with_selectors(std::string path, const char* first, const std::string& selector,
                           const char* second = "", const std::string& other = "") {
  char before = '?';
  for (const auto& [name, text] : {std::pair(first, &selector), std::pair(second, &other)}) {
    if (text->empty()) continue;
    path += before + std::string(name) + "=" + encoded(*text);
    before = '&';
  }
  return path;
}

Missing missing_of(const Error& error) {
  switch (error.code) {
    case Code::kNotFound: return {MissingReason::kNoSeries, error.message};
    case Code::kTimeout: return {MissingReason::kTimeout, error.message};
    case Code::kUnavailable: return {MissingReason::kUnreachable, error.message};
    case Code::kTooLarge: return {MissingReason::kTooLarge, error.message};
    case Code::kInvalid: return {MissingReason::kMalformed, error.message};
    case Code::kDenied:
    case Code::kConflict:
    case Code::kExhausted: break;
  }
  return {MissingReason::kBadStatus, error.message};
}

// What one question is refused for leaves the others their API; what was not sent says nothing.
Verdict verdict_on(const Error& error) {
  switch (error.code) {
    case Code::kNotFound:
    case Code::kDenied:
    case Code::kInvalid: return Verdict::kWell;
    case Code::kExhausted: return Verdict::kNotAsked;
    default: return Verdict::kSick;
  }
}

// Of which a reading is one for each pod.
bool is_of_pods(const KubernetesRead& read) {
  return std::holds_alternative<KubernetesRead::Resource>(read.what) ||
         std::holds_alternative<KubernetesRead::Pods>(read.what);
}

// The question without how it is read: for whom it can be shared.
KubernetesRead question(KubernetesRead read) {
  read.exact = false;
  return read;
}

// From the workload `first` on.
template <typename Visit>
void each_read(std::span<const WorkloadQuery> queries, size_t first, Visit visit) {
  for (size_t n = 0; n < queries.size(); ++n) {
    const size_t q = (first + n) % queries.size();
    for (size_t i = 0; i < queries[q].signals.size(); ++i) {
      const auto* read = std::get_if<KubernetesRead>(&queries[q].signals[i].how);
      if (read != nullptr) visit(q, i, *read);
    }
  }
}

}  // namespace

KubernetesSource::KubernetesSource(KubernetesMetricsApi& api, Settings settings)
    : settings_(settings),
      api_(api),
      breakers_{Breakers(settings.seed), Breakers(settings.seed + 1), Breakers(settings.seed + 2)},
      pool_(settings.threads) {}

KubernetesSource::~KubernetesSource() = default;

Breaker& KubernetesSource::breaker_of(const Ask& ask) {
  return breakers_[static_cast<size_t>(ask.group)].of(ask.tenant);
}

KubernetesSource::Ask KubernetesSource::ask_of(const KubernetesRead& read,
                                               const WorkloadQuery& query,
                                               const std::string& tenant, const Askers& askers) {
  const std::string space = "/namespaces/" + read.name_space + "/";
  if (const auto* pods = std::get_if<KubernetesRead::Pods>(&read.what)) {
    const bool is_shared = askers.at(question(read)) > 1;
    return {Group::kCustom,
            with_selectors(space + "pods/*/" + encoded(pods->metric), "labelSelector",
                           is_shared ? "" : std::string(query.pod_selector), "metricLabelSelector",
                           pods->selector),
            tenant};
  }
  if (const auto* object = std::get_if<KubernetesRead::Object>(&read.what)) {
    return {Group::kCustom,
            with_selectors(
                space + object->resource + "/" + object->name + "/" + encoded(object->metric),
                "metricLabelSelector", object->selector),
            tenant};
  }
  if (const auto* external = std::get_if<KubernetesRead::External>(&read.what)) {
    return {Group::kExternal,
            with_selectors(space + encoded(external->metric), "labelSelector", external->selector),
            tenant};
  }
  return {Group::kMetrics, space + "pods", ""};
}

void KubernetesSource::read(std::span<const WorkloadQuery> queries, Instant now,
                            std::vector<Signals>& answers, std::vector<ReadError>& errors) {
  CHECK(answers.size() == queries.size());
  const auto settle = [&](const Ask& ask, Verdict verdict) {
    report(breaker_of(ask), verdict, now);
  };
  asks_.begin(settle);
  Askers askers;
  const size_t first = asks_.first_of(queries.size());
  each_read(queries, first, [&](size_t, size_t, const KubernetesRead& read) {
    if (std::holds_alternative<KubernetesRead::Pods>(read.what)) ++askers[question(read)];
  });
  std::map<Ask, Answer> asked;  // what several reads ask alike is one entry
  struct Reader {
    size_t query;
    size_t signal;
    const KubernetesRead* read;
    Answer* answer;
  };
  std::vector<Reader> readers;
  std::map<std::string_view, Answer*> usage_in;  // by namespace: thousands of workloads ask alike
  auto last_usage = usage_in.end();              // and mostly as the one before
  each_read(queries, first, [&](size_t q, size_t i, const KubernetesRead& read) {
    const bool is_usage = std::holds_alternative<KubernetesRead::Resource>(read.what);
    if (is_usage && (last_usage == usage_in.end() || last_usage->first != read.name_space)) {
      last_usage = usage_in.find(read.name_space);
    }
    if (is_usage && last_usage != usage_in.end()) {
      readers.push_back({q, i, &read, last_usage->second});
      return;
    }
    const std::string& tenant = queries[q].signals[i].tenant;
    const auto [at, is_new] = asked.try_emplace(ask_of(read, queries[q], tenant, askers));
    readers.push_back({q, i, &read, &at->second});
    if (is_usage) usage_in.emplace(read.name_space, &at->second);
    const Ask& ask = at->first;
    if (!is_new) return;
    Breaker& breaker = breaker_of(ask);
    if (asks_.is_due(ask) && breaker.may_ask(now)) start(ask);
  });
  {
    const std::lock_guard lock(rooms_mutex_);
    std::erase_if(rooms_, [&](const auto& room) { return !asked.contains(room.first); });
  }
  asks_.wait(settings_.patience, settle);
  for (Breakers& breakers : breakers_) breakers.end_tick();
  for (auto& [ask, answer] : asked) answer = newest(ask);
  made_.resize(queries.size());
  for (const auto& [q, i, read, answer] : readers) {
    made_[q].resize(queries[q].signals.size());
    Signal& signal = answers[q][i];
    make(*read, queries[q], *answer, now, made_[q][i], signal);
    const auto* reading = std::get_if<Reading>(&signal.readings);
    const auto* missing = reading == nullptr ? nullptr : std::get_if<Missing>(reading);
    if (missing == nullptr || missing->reason == MissingReason::kNoTarget) continue;
    errors.push_back(
        {*queries[q].workload, "", missing->reason, missing->detail, ReadFrom::kKubernetes, i});
  }
}

void KubernetesSource::make(const KubernetesRead& read, const WorkloadQuery& query,
                            const Answer& answer, Instant now, Made& last, Signal& signal) const {
  if (const auto* missing = std::get_if<Missing>(&answer)) {
    signal.readings = *missing;
    return;
  }
  const auto* resource = std::get_if<KubernetesRead::Resource>(&read.what);
  if (resource == nullptr) {
    const auto& values = *std::get<std::shared_ptr<const std::vector<MetricValue>>>(answer);
    signal = is_of_pods(read) ? pods_signal(read.exact, query.targets, values, now)
                              : service_signal(read.exact, values, now);
    return;
  }
  const auto& usages = std::get<std::shared_ptr<const PodUsages>>(answer);
  const bool stands =
      last.of == usages && last.targets.is_same(query.targets) && usages->is_dated();
  if (!stands) {
    last = {usages, query.targets,
            resource_signal(*resource, read.exact, query.targets, *usages, now)};
  }
  signal = last.signal;
}

void KubernetesSource::start(const Ask& ask) {
  asks_.asked(ask);
  std::shared_ptr<const PodUsages> before;
  if (const std::optional<Answer>& newest = asks_.newest(ask)) {
    const auto* usages = std::get_if<std::shared_ptr<const PodUsages>>(&*newest);
    if (usages != nullptr) before = *usages;
  }
  const Deadline deadline(settings_.timeout);
  pool_.run(ask.tenant, [this, ask, deadline, before](const std::stop_token& stop) {
    const Duration left = deadline.left();
    if (left < kLeastTime) {
      asks_.answer(ask, Missing{MissingReason::kTimeout, "no place among the requests under way"},
                   Verdict::kNotAsked);
      return;
    }
    const Duration most = ask.tenant.empty() ? left : std::min(left, kTenantTimeout);
    Result<std::string> body = get(ask, most, stop);
    if (!body) {
      asks_.answer(ask, missing_of(body.error()), verdict_on(body.error()));
      return;
    }
    const Result<Answer> answer =
        before && before->is_of(*body) ? Answer(before) : read_answer(ask.group, *body);
    keep_room(ask, *std::move(body));  // before it is answered, and perhaps asked again
    if (answer) {
      asks_.answer(ask, *answer, Verdict::kWell);
    } else {
      asks_.answer(ask, missing_of(answer.error()), Verdict::kSick);
    }
  });
}

Result<KubernetesSource::Answer> KubernetesSource::read_answer(Group group,
                                                               const std::string& body) {
  if (group != Group::kMetrics) {
    Result<std::vector<MetricValue>> values = parse_metric_values(body);
    if (!values) return values.error();
    return Answer(std::make_shared<const std::vector<MetricValue>>(std::move(values).value()));
  }
  Result<PodMetricsList> list = parse_pod_metrics(body);
  if (!list) return list.error();
  return Answer(std::make_shared<const PodUsages>(std::move(list).value(), body));
}

Result<std::string> KubernetesSource::get(const Ask& ask, Duration deadline,
                                          const std::stop_token& stop) {
  const Deadline whole(deadline);
  std::string room;
  {
    const std::lock_guard lock(rooms_mutex_);
    if (auto kept = rooms_.extract(ask)) room = std::move(kept.mapped());
  }
  const auto path = [&](const char* version) {
    return std::string("/apis/") + kGroups[static_cast<size_t>(ask.group)] + "/" + version +
           ask.rest;
  };
  const bool is_new = ask.group == Group::kCustom && !is_old_custom_;
  if (!is_new) return api_.get(path("v1beta1"), deadline, stop, std::move(room));
  Result<std::string> body = api_.get(path("v1beta2"), deadline, stop, std::move(room));
  if (body || body.error().code != Code::kNotFound || whole.left() < kLeastTime) return body;
  Result<std::string> old = api_.get(path("v1beta1"), whole.left(), stop, {});
  if (!old) return body;
  is_old_custom_ = true;
  return old;
}

// Unless most of it was not used.
void KubernetesSource::keep_room(const Ask& ask, std::string body) {
  if (body.size() < std::max(kLongAnswer, body.capacity() / 2)) return;
  const std::lock_guard lock(rooms_mutex_);
  rooms_[ask] = std::move(body);
}

KubernetesSource::Answer KubernetesSource::newest(const Ask& ask) const {
  const std::optional<Answer>& newest = asks_.newest(ask);
  if (newest) return *newest;
  const auto group = static_cast<size_t>(ask.group);
  if (!breakers_[group].is_closed(ask.tenant)) {
    return Missing{MissingReason::kSourceError,
                   std::string(kGroups[group]) +
                       " is left alone for a while after failures in a "
                       "row"};
  }
  return Missing{MissingReason::kTimeout, std::string(kGroups[group]) + " has not answered yet"};
}

std::vector<SourceHealth> KubernetesSource::health() const {
  std::vector<SourceHealth> all;
  for (size_t group = 0; group < breakers_.size(); ++group) {
    breakers_[group].health(std::string("kubernetes/") + kGroups[group], all);
  }
  return all;
}

}  // namespace autoscaler
