#include "metrics/json_source.h"

#include "base/check.h"
#include "metrics/json_reply.h"
#include "metrics/missing.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <mutex>
#include <set>
#include <utility>

namespace autoscaler {
namespace {

// So many endpoints may hang at once before others wait for them.
constexpr size_t kThreads = 8;

// One for each thread at the most, handed round so that connections are kept.
class Fetchers {
 public:
  explicit Fetchers(IdentitySettings identity) : identity_(std::move(identity)) {}

  std::vector<Result<FetchResponse>> fetch(std::span<const FetchRequest> requests) {
    std::unique_ptr<Fetcher> fetcher = take();
    auto responses = fetcher->fetch(requests);
    const std::lock_guard lock(mutex_);
    idle_.push_back(std::move(fetcher));
    return responses;
  }

 private:
  std::unique_ptr<Fetcher> take() {
    {
      const std::lock_guard lock(mutex_);
      if (!idle_.empty()) {
        std::unique_ptr<Fetcher> fetcher = std::move(idle_.back());
        idle_.pop_back();
        return fetcher;
      }
    }
    FetchLimits limits;
    limits.deadline = std::chrono::minutes(1);  // each request has its own
    limits.body_bytes = 1u << 20;
    return std::make_unique<Fetcher>(limits, identity_);
  }

  const IdentitySettings identity_;
  std::mutex mutex_;  // guards idle_
  std::vector<std::unique_ptr<Fetcher>> idle_;
};

// host:port of http://host:port/path?query: what may be shown, and what a breaker is for.
std::string origin_of(const std::string& url) {
  const size_t start = url.find("://");
  const size_t host = start == std::string::npos ? 0 : start + 3;
  return url.substr(host, url.find_first_of("/?#", host) - host);
}

// One listener speaks one of the two: an instance whose page is on https is asked over https there.
std::string scheme_of(const Target& target) {
  const bool tls = target.url.str().starts_with("https://" + target.address + "/");
  return tls ? "https://" : "http://";
}

Reading reading_of(const Result<FetchResponse>& response, const JsonRead& read, Instant now) {
  if (!response) return missing_from(response.error());
  if (response->status != 200) {
    return Missing{MissingReason::kBadStatus, "status " + std::to_string(response->status)};
  }
  auto number = number_at(response->body, read.pointer);
  if (auto* missing = std::get_if<Missing>(&number)) return std::move(*missing);
  const double scaled = std::get<double>(number) * read.scale;
  if (!std::isfinite(scaled)) {
    return Missing{MissingReason::kNotFinite, "it is infinite once it is scaled"};
  }
  return Measured{scaled, now, Duration{0}};
}

// A good answer without the number is no sickness of the service.
Verdict verdict_on(const Reading& reading) {
  const auto* missing = std::get_if<Missing>(&reading);
  const bool well = missing == nullptr || missing->reason == MissingReason::kNoSeries ||
                    missing->reason == MissingReason::kNotFinite;
  return well ? Verdict::kWell : Verdict::kSick;
}

}  // namespace

JsonSource::JsonSource(Patience patience, uint64_t seed, IdentitySettings identity)
    : JsonSource([fetchers = std::make_shared<Fetchers>(std::move(identity))](
                     std::span<const FetchRequest> requests) { return fetchers->fetch(requests); },
                 patience, seed) {}

JsonSource::JsonSource(Fetch fetch, Patience patience, uint64_t seed)
    : fetch_(std::move(fetch)), patience_(patience), seed_(seed), pool_(kThreads) {}

JsonSource::~JsonSource() = default;

JsonSource::Key JsonSource::key_of(const WorkloadQuery& query, const JsonRead& read) {
  const bool shared = std::holds_alternative<JsonRead::Service>(read.where);
  return {shared ? std::string() : *query.workload, read};
}

// Instances have none: one that hangs costs the others nothing, and is replaced before long.
Breaker* JsonSource::breaker_of(const JsonRead& read) {
  const auto* service = std::get_if<JsonRead::Service>(&read.where);
  if (service == nullptr) return nullptr;
  return &breakers_.try_emplace(origin_of(service->url), BreakerRule{}, seed_ + breakers_.size())
              .first->second;
}

void JsonSource::read(std::span<const WorkloadQuery> queries, Instant now,
                      std::vector<Signals>& answers, std::vector<ReadError>& errors) {
  CHECK(answers.size() == queries.size());
  const auto settle = [&](const Key& key, Verdict verdict) {
    if (Breaker* breaker = breaker_of(key.read)) report(*breaker, verdict, now);
  };
  asks_.begin(settle);
  std::set<const Breaker*> needed;
  const size_t first = asks_.first_of(queries.size());
  for (size_t i = 0; i < queries.size(); ++i) {
    const WorkloadQuery& query = queries[(first + i) % queries.size()];
    for (const SignalQuery& signal : query.signals) {
      const auto* read = std::get_if<JsonRead>(&signal.how);
      if (read == nullptr) continue;
      const Key key = key_of(query, *read);
      Breaker* breaker = breaker_of(*read);
      needed.insert(breaker);
      if (!asks_.is_due(key)) continue;
      if (breaker == nullptr && query.targets.empty()) continue;
      if (breaker == nullptr || breaker->may_ask(now)) {
        ask(key, signal.tenant, query.targets, now);
      }
    }
  }
  asks_.wait(patience_, settle);
  std::erase_if(breakers_, [&](const auto& entry) { return !needed.contains(&entry.second); });
  for (size_t q = 0; q < queries.size(); ++q) {
    CHECK(answers[q].size() == queries[q].signals.size());
    for (size_t i = 0; i < queries[q].signals.size(); ++i) {
      const auto* read = std::get_if<JsonRead>(&queries[q].signals[i].how);
      if (read != nullptr) fill(queries[q], i, *read, answers[q][i], errors);
    }
  }
}

void JsonSource::ask(const Key& key, const std::string& tenant, std::span<const Target> targets,
                     Instant now) {
  asks_.asked(key);
  std::vector<Target> asked;
  if (const auto* service = std::get_if<JsonRead::Service>(&key.read.where)) {
    asked.push_back({"", service->url});
  } else {
    const std::string& path = std::get<JsonRead::Instance>(key.read.where).path;
    for (const Target& target : targets) {
      if (target.address.empty()) continue;
      asked.push_back({target.instance, scheme_of(target) + target.address + path});
    }
  }
  pool_.run(tenant, [this, key, asked = std::move(asked), now](const std::stop_token&) {
    Answer answer = fetch(key.read, asked, now);
    const auto service = answer.find("");
    const Verdict verdict = service == answer.end() ? Verdict::kWell : verdict_on(service->second);
    asks_.answer(key, std::move(answer), verdict);
  });
}

JsonSource::Answer JsonSource::fetch(const JsonRead& read, const std::vector<Target>& targets,
                                     Instant now) const {
  std::vector<FetchRequest> requests;
  for (const Target& target : targets) {
    requests.push_back({target.url, {"Accept: application/json"}, read.timeout});
  }
  std::vector<Result<FetchResponse>> responses;
  if (!requests.empty()) responses = fetch_(requests);
  CHECK(responses.size() == requests.size());
  Answer answer;
  for (size_t i = 0; i < targets.size(); ++i) {
    Reading reading = reading_of(responses[i], read, now);
    if (auto* missing = std::get_if<Missing>(&reading)) {
      missing->detail = origin_of(targets[i].url) + ": " + missing->detail;
    }
    answer.insert_or_assign(targets[i].instance, std::move(reading));
  }
  return answer;
}

Reading JsonSource::newest(const Key& key, const InstanceId& instance) const {
  const std::optional<Answer>& newest = asks_.newest(key);
  if (newest) {
    const auto reading = newest->find(instance);
    if (reading != newest->end()) return reading->second;
  }
  return Missing{MissingReason::kTimeout, "not answered yet"};
}

void JsonSource::fill(const WorkloadQuery& query, size_t index, const JsonRead& read,
                      Signal& signal, std::vector<ReadError>& errors) const {
  const Key key = key_of(query, read);
  const auto note = [&](const InstanceId& instance, const Reading& reading) {
    const auto* missing = std::get_if<Missing>(&reading);
    if (missing == nullptr || missing->reason == MissingReason::kNoTarget) return;
    errors.push_back(
        {*query.workload, instance, missing->reason, missing->detail, ReadFrom::kJson, index});
  };
  if (std::holds_alternative<JsonRead::Service>(read.where)) {
    Reading reading = newest(key, "");
    note("", reading);
    signal.readings = std::move(reading);
    return;
  }
  if (query.targets.empty()) {
    signal.readings = Reading{Missing{MissingReason::kNoTarget, "no instance to ask"}};
    return;
  }
  std::vector<InstanceReading> readings;
  for (const Target& target : query.targets) {
    Reading reading = target.address.empty()
                          ? Missing{MissingReason::kNoTarget, "the instance has no address yet"}
                          : newest(key, target.instance);
    note(target.instance, reading);
    readings.push_back({target.instance, std::move(reading)});
  }
  signal.readings = std::move(readings);
}

std::vector<SourceHealth> JsonSource::health() const {
  std::vector<SourceHealth> all;
  for (const auto& [origin, breaker] : breakers_) {
    all.push_back(health_of("json/" + origin, breaker));
  }
  return all;
}

}  // namespace autoscaler
