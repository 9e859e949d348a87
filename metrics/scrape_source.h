#pragma once

#include "base/fetch.h"
#include "metrics/query.h"

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace autoscaler {

// Reads the /metrics pages of instances: all of them in one batch, each on its own. Fills every
// signal that is a ScrapeRead, with one reading for each target, or with a single kNoTarget where
// there is none.
//
// - A page is taken whole or not at all. One broken line in what is read of it makes every signal
//   of that instance kMalformed, with the line's number, and what was counted before stays as it
//   was: the next good page carries on from there.
// - Counters are remembered by workload, instance and signal. An instance that is no longer among
//   the targets is forgotten; so is a workload that is no longer asked about, and one whose queries
//   have changed begins anew.
// - A line's own timestamp is when its value was taken, if it is in the past; otherwise that is
//   `now`. So a page that an instance serves from a cache grows old.
class ScrapeSource : public MetricSource {
 public:
  // Answers in the order of the requests, as Fetcher::fetch.
  using Fetch =
      std::function<std::vector<Result<FetchResponse>>(std::span<const FetchRequest> requests)>;

  explicit ScrapeSource(FetchLimits limits);
  explicit ScrapeSource(Fetch fetch);
  ~ScrapeSource() override;

  void read(std::span<const WorkloadQuery> queries, Instant now, std::vector<Signals>& answers,
            std::vector<ReadError>& errors) override;

 private:
  struct ScrapedWorkload;

  ScrapedWorkload& prepare(const WorkloadQuery& query);
  // Takes the workload's pages off the front of `pages` and answers with the others.
  static std::span<const Result<FetchResponse>> answer(const WorkloadQuery& query,
                                                       ScrapedWorkload& workload,
                                                       std::span<const Result<FetchResponse>> pages,
                                                       Instant now, Signals& signals,
                                                       std::vector<ReadError>& errors);

  Fetch fetch_;
  uint64_t round_ = 0;  // of read(): what was not asked about in this one is forgotten
  std::map<std::string, std::unique_ptr<ScrapedWorkload>> workloads_;
};

}  // namespace autoscaler
