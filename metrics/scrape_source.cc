#include "metrics/scrape_source.h"

#include "base/check.h"

#include <algorithm>
#include <utility>

namespace autoscaler {

ScrapeSource::ScrapeSource(std::unique_ptr<Poller> poller, std::function<Instant()> clock,
                           ScrapeSettings settings)
    : poller_(std::move(poller)), clock_(std::move(clock)), settings_(settings) {}

ScrapeSource::~ScrapeSource() = default;

ScrapeSource::ScrapedWorkload& ScrapeSource::prepare(const WorkloadQuery& query) {
  ScrapedWorkload& workload = workloads_[*query.workload];
  if (!std::ranges::equal(workload.asked, query.signals)) {
    workload.asked.assign(query.signals.begin(), query.signals.end());
    workload.groups = ScrapeGroup::all_of(query.signals);
    changed_ = true;
  }
  workload.round = round_;
  const ScrapeContext context{*query.workload, settings_.interval, clock_};
  for (ScrapeGroup& group : workload.groups) {
    if (group.update(query.targets, context)) changed_ = true;
  }
  return workload;
}

void ScrapeSource::hand_over() {
  if (!std::exchange(changed_, false)) return;
  std::vector<PollTarget> targets;
  for (const auto& [name, workload] : workloads_) {
    for (const ScrapeGroup& group : workload.groups) group.add_targets(name, targets);
  }
  const bool any = !targets.empty();
  poller_->poll(std::move(targets));
  if (any && !std::exchange(waited_, true)) poller_->wait_for_first_answers(settings_.first_wait);
}

void ScrapeSource::read(std::span<const WorkloadQuery> queries, Instant now,
                        std::vector<Signals>& answers, std::vector<ReadError>& errors) {
  CHECK(answers.size() == queries.size());
  ++round_;
  const auto is_scraped = [](const SignalQuery& signal) {
    return std::holds_alternative<ScrapeRead>(signal.how);
  };
  std::vector<const ScrapedWorkload*> workloads(queries.size());  // nullptr: it has no such signal
  for (size_t q = 0; q < queries.size(); ++q) {
    if (std::ranges::any_of(queries[q].signals, is_scraped)) workloads[q] = &prepare(queries[q]);
  }
  const size_t gone =
      std::erase_if(workloads_, [this](const auto& entry) { return entry.second.round != round_; });
  if (gone > 0) changed_ = true;
  hand_over();

  counts_ = TargetCounts{};
  for (size_t q = 0; q < queries.size(); ++q) {
    CHECK(answers[q].size() == queries[q].signals.size());
    if (workloads[q] == nullptr) continue;
    for (const ScrapeGroup& group : workloads[q]->groups) {
      group.answer(*queries[q].workload, now, answers[q], errors, counts_);
    }
  }
}

void ScrapeSource::count_targets(TargetCounts& counts) const {
  counts.good += counts_.good;
  counts.failing += counts_.failing;
  counts.paused += counts_.paused;
  counts.waiting += counts_.waiting;
}

}  // namespace autoscaler
