#pragma once

#include "metrics/poller.h"
#include "metrics/query.h"
#include "metrics/scrape_group.h"

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace autoscaler {

struct ScrapeSettings {
  Duration interval{std::chrono::seconds(5)};
  // The first read waits so long for answers at most, so that the first tick is not blind.
  Duration first_wait{std::chrono::seconds(1)};
};

// Reads metrics pages in the background and answers from what came last. Fills every signal that is
// a ScrapeRead, with one reading for each target, or with a single kNoTarget where there is none.
//
// - A read waits for nobody, the first one aside. What has not been scraped yet is kTooFewSamples.
// - A page is taken whole or not at all. One broken line in what is read of it makes every signal
//   of that target kMalformed, with the line's number, and what was counted before stays as it was:
//   the next good page carries on from there. The latest answer speaks, good or bad.
// - Counters are remembered by workload, target and signal. A target that is no longer asked about
//   is forgotten; so is a workload, and one whose queries have changed begins anew.
// - A line's own timestamp is when its value was taken, if it is in the past; otherwise that is
//   when the page had arrived, by the clock that is given. So a page that an instance serves from
//   a cache grows old, and so does one of an instance that is asked no more.
class ScrapeSource : public MetricSource {
 public:
  // `clock` is asked on the poller's thread.
  ScrapeSource(std::unique_ptr<Poller> poller, std::function<Instant()> clock,
               ScrapeSettings settings);
  ~ScrapeSource() override;

  void read(std::span<const WorkloadQuery> queries, Instant now, std::vector<Signals>& answers,
            std::vector<ReadError>& errors) override;
  void count_targets(TargetCounts& counts) const override;

 private:
  struct ScrapedWorkload {
    std::vector<SignalQuery> asked;
    std::vector<ScrapeGroup> groups;
    uint64_t round = 0;
  };

  ScrapedWorkload& prepare(const WorkloadQuery& query);
  void hand_over();

  const std::unique_ptr<Poller> poller_;
  const std::function<Instant()> clock_;
  const ScrapeSettings settings_;
  std::map<std::string, ScrapedWorkload> workloads_;
  uint64_t round_ = 0;    // of read(): what was not asked about in this one is forgotten
  bool changed_ = false;  // the targets, since they were handed to the poller
  bool waited_ = false;
  TargetCounts counts_;
};

}  // namespace autoscaler
