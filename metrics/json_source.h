#pragma once

#include "base/fetch.h"
#include "base/identity.h"
#include "base/worker_pool.h"
#include "metrics/asks.h"
#include "metrics/query.h"

#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <variant>
#include <vector>

namespace autoscaler {

// Fills every signal that is a JsonRead: with one reading for the service, or with one for each
// target, or a single kNoTarget where there is none.
//
// Asks as PrometheusSource does: once each tick, on threads beneath. A number was measured when it
// was asked for. Answers are capped at 1 MiB. Services that fail three times in a row are left
// alone for a while (Breaker), each host and port on its own.
class JsonSource : public MetricSource {
 public:
  // As Fetcher::fetch. Called from several threads at once.
  using Fetch =
      std::function<std::vector<Result<FetchResponse>>(std::span<const FetchRequest> requests)>;

  // All endpoints are asked under the one identity.
  JsonSource(Patience patience, uint64_t seed, IdentitySettings identity = {});
  JsonSource(Fetch fetch, Patience patience, uint64_t seed);
  ~JsonSource() override;

  void read(std::span<const WorkloadQuery> queries, Instant now, std::vector<Signals>& answers,
            std::vector<ReadError>& errors) override;
  std::vector<SourceHealth> health() const override;

 private:
  // Services that several workloads ask about are asked once: their workload is "".
  struct Key {
    std::string workload;
    JsonRead read;
    auto operator<=>(const Key&) const = default;
  };
  using Answer = std::map<InstanceId, Reading>;  // of a service: one, named ""

  static Key key_of(const WorkloadQuery& query, const JsonRead& read);
  void ask(const Key& key, const std::string& tenant, std::span<const Target> targets, Instant now);
  Answer fetch(const JsonRead& read, const std::vector<Target>& targets, Instant now) const;
  Reading newest(const Key& key, const InstanceId& instance) const;
  void fill(const WorkloadQuery& query, size_t index, const JsonRead& read, Signal& signal,
            std::vector<ReadError>& errors) const;
  Breaker* breaker_of(const JsonRead& read);

  const Fetch fetch_;
  const Patience patience_;
  const uint64_t seed_;
  Asks<Key, Answer> asks_;
  std::map<std::string, Breaker> breakers_;  // by host and port
  WorkerPool pool_;                          // after what its threads use
};

}  // namespace autoscaler
