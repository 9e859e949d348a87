#include "metrics/scrape_source.h"

#include "base/check.h"
#include "metrics/page_reader.h"

#include <algorithm>
#include <utility>

namespace autoscaler {
namespace {

std::vector<ScrapeRead> scrape_reads(std::span<const SignalQuery> signals) {
  std::vector<ScrapeRead> reads;
  for (const SignalQuery& signal : signals) {
    if (const auto* read = std::get_if<ScrapeRead>(&signal.how)) reads.push_back(*read);
  }
  return reads;
}

std::vector<size_t> scrape_indices(std::span<const SignalQuery> signals) {
  std::vector<size_t> indices;
  for (size_t i = 0; i < signals.size(); ++i) {
    if (std::holds_alternative<ScrapeRead>(signals[i].how)) indices.push_back(i);
  }
  return indices;
}

}  // namespace

struct ScrapeSource::ScrapedWorkload {
  std::vector<ScrapeRead> reads;  // in the order of the signals
  std::vector<size_t> indices;    // reads[i] is signal indices[i]
  std::vector<PlanResult> plans;  // parallel to reads
  std::map<InstanceId, PageReader> instances;
  uint64_t round = 0;
};

ScrapeSource::ScrapeSource(FetchLimits limits)
    : fetch_([fetcher = std::make_shared<Fetcher>(limits)](std::span<const FetchRequest> requests) {
        return fetcher->fetch(requests);
      }) {}

ScrapeSource::ScrapeSource(Fetch fetch) : fetch_(std::move(fetch)) {}

ScrapeSource::~ScrapeSource() = default;

ScrapeSource::ScrapedWorkload& ScrapeSource::prepare(const WorkloadQuery& query) {
  std::unique_ptr<ScrapedWorkload>& workload = workloads_[*query.workload];
  std::vector<ScrapeRead> reads = scrape_reads(query.signals);
  if (workload == nullptr || workload->reads != reads) {
    workload = std::make_unique<ScrapedWorkload>();
    for (const ScrapeRead& read : reads) workload->plans.push_back(make_plan(read));
    workload->reads = std::move(reads);
  }
  workload->indices = scrape_indices(query.signals);
  workload->round = round_;
  std::erase_if(workload->instances, [&](const auto& entry) {
    return !std::ranges::binary_search(query.targets, entry.first, {}, &Target::instance);
  });
  for (const Target& target : query.targets) {
    workload->instances.try_emplace(target.instance, workload->plans);
  }
  return *workload;
}

void ScrapeSource::read(std::span<const WorkloadQuery> queries, Instant now,
                        std::vector<Signals>& answers, std::vector<ReadError>& errors) {
  CHECK(answers.size() == queries.size());
  ++round_;
  std::vector<ScrapedWorkload*> workloads;
  std::vector<FetchRequest> requests;
  for (const WorkloadQuery& query : queries) {
    workloads.push_back(&prepare(query));
    if (workloads.back()->plans.empty()) continue;
    for (const Target& target : query.targets) {
      if (target.url.empty()) continue;
      requests.push_back({target.url, {"Accept: text/plain;version=0.0.4"}});
    }
  }
  std::erase_if(workloads_, [&](const auto& entry) { return entry.second->round != round_; });

  std::vector<Result<FetchResponse>> pages;
  if (!requests.empty()) pages = fetch_(requests);
  CHECK(pages.size() == requests.size());

  std::span<const Result<FetchResponse>> rest = pages;
  for (size_t q = 0; q < queries.size(); ++q) {
    if (workloads[q]->plans.empty()) continue;
    rest = answer(queries[q], *workloads[q], rest, now, answers[q], errors);
  }
}

std::span<const Result<FetchResponse>> ScrapeSource::answer(
    const WorkloadQuery& query, ScrapedWorkload& workload,
    std::span<const Result<FetchResponse>> pages, Instant now, Signals& signals,
    std::vector<ReadError>& errors) {
  CHECK(signals.size() == query.signals.size());
  std::vector<std::vector<InstanceReading>> readings(workload.plans.size());
  for (const Target& target : query.targets) {
    PageReader& reader = workload.instances.find(target.instance)->second;
    PageReadings page;
    if (target.url.empty()) {
      page = reader.missing({MissingReason::kNoTarget, "the instance has no address yet"});
    } else {
      page = reader.read(target.url, pages.front(), now);
      pages = pages.subspan(1);
    }
    if (page.failure && page.failure->reason != MissingReason::kNoTarget) {
      errors.push_back(
          {*query.workload, target.instance, page.failure->reason, page.failure->detail});
    }
    for (size_t i = 0; i < readings.size(); ++i) {
      readings[i].push_back({target.instance, std::move(page.readings[i])});
    }
  }
  for (size_t i = 0; i < readings.size(); ++i) {
    Signal& signal = signals[workload.indices[i]];
    if (query.targets.empty()) {
      signal.readings = Reading{Missing{MissingReason::kNoTarget, "no instance to scrape"}};
    } else {
      signal.readings = std::move(readings[i]);
    }
  }
  return pages;
}

}  // namespace autoscaler
