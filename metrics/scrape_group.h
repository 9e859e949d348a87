#pragma once

#include "metrics/query.h"
#include "metrics/scraped_target.h"
#include "metrics/target_file.h"

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace autoscaler {

// What the targets of a workload need to know besides their URLs.
struct ScrapeContext {
  const std::string& workload;
  Duration interval;
  const std::function<Instant()>& clock;
};

// The signals of a workload that are read from the same targets: one page serves all of them.
class ScrapeGroup {
 public:
  // The ScrapeReads among the signals, in as many groups as there are sets of targets.
  static std::vector<ScrapeGroup> all_of(std::span<const SignalQuery> signals);

  // Takes up new targets and forgets those that are gone; `own` are the workload's instances,
  // ordered by id. True if there were any.
  bool update(std::span<const Target> own, const ScrapeContext& context);
  void add_targets(const std::string& workload, std::vector<PollTarget>& to) const;
  // Fills the group's signals with the latest answers.
  void answer(const std::string& workload, Instant now, Signals& signals,
              std::vector<ReadError>& errors, TargetCounts& counts) const;

 private:
  struct Page {
    InstanceId name;
    std::shared_ptr<ScrapedTarget> target;  // null: no address yet
  };

  std::vector<Target> listed();

  ScrapeTargets from_;
  std::vector<ScrapeRead> reads_;
  std::vector<size_t> indices_;  // reads_[i] is signal indices_[i]
  std::shared_ptr<const ScrapedTarget::Plans> plans_;
  std::optional<TargetFile> file_;
  std::vector<Page> pages_;  // ordered by name
};

}  // namespace autoscaler
