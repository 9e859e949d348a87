#include "metrics/scrape_group.h"

#include <algorithm>
#include <functional>
#include <utility>

namespace autoscaler {
namespace {

// A reading is not newer than the moment that asks for it: the tick has one `now`, and an answer
// may arrive after it was taken.
Reading as_of(const Reading& reading, Instant now) {
  Reading copy = reading;
  if (auto* measured = std::get_if<Measured>(&copy)) measured->at = std::min(measured->at, now);
  return copy;
}

void count(const ScrapedTarget::Latest& latest, TargetCounts& counts) {
  if (!latest.any) {
    ++counts.waiting;
  } else if (latest.paused) {
    ++counts.paused;
  } else if (latest.page.failure) {
    ++counts.failing;
  } else {
    ++counts.good;
  }
}

}  // namespace

std::vector<ScrapeGroup> ScrapeGroup::all_of(std::span<const SignalQuery> signals) {
  std::vector<ScrapeGroup> groups;
  for (size_t i = 0; i < signals.size(); ++i) {
    const auto* read = std::get_if<ScrapeRead>(&signals[i].how);
    if (read == nullptr) continue;
    auto group = std::find_if(groups.begin(), groups.end(),
                              [&](const ScrapeGroup& each) { return each.from_ == read->from; });
    if (group == groups.end()) {
      group = groups.emplace(groups.end());
      group->from_ = read->from;
      if (const auto* list = std::get_if<TargetList>(&read->from)) group->file_.emplace(list->file);
    }
    group->reads_.push_back(*read);
    group->indices_.push_back(i);
  }
  return groups;
}

std::vector<Target> ScrapeGroup::listed() {
  if (file_) file_->refresh();
  std::vector<Target> targets;
  for (const std::string& url : file_ ? file_->urls() : std::get<UrlList>(from_).urls) {
    targets.push_back({url, url});
  }
  std::sort(targets.begin(), targets.end(),
            [](const Target& a, const Target& b) { return a.instance < b.instance; });
  return targets;
}

bool ScrapeGroup::update(std::span<const Target> own, const ScrapeContext& context) {
  if (plans_ == nullptr) {
    auto plans = std::make_shared<ScrapedTarget::Plans>();
    for (const ScrapeRead& read : reads_) plans->push_back(make_plan(read));
    plans_ = std::move(plans);
  }
  std::vector<Target> list;
  if (!std::holds_alternative<OwnInstances>(from_)) list = listed();
  const std::span<const Target> targets =
      std::holds_alternative<OwnInstances>(from_) ? own : std::span<const Target>(list);
  const auto is = [](const Page& page, const Target& target) {
    return page.name == target.instance &&
           (page.target ? page.target->url() : std::string()) == target.url;
  };
  if (std::equal(pages_.begin(), pages_.end(), targets.begin(), targets.end(), is)) return false;

  std::vector<Page> pages;
  auto before = pages_.begin();
  for (const Target& target : targets) {
    while (before != pages_.end() && before->name < target.instance) ++before;
    if (before != pages_.end() && is(*before, target)) {
      pages.push_back(std::move(*before++));
      continue;
    }
    std::shared_ptr<ScrapedTarget> scraped;
    if (!target.url.empty()) {
      scraped = std::make_shared<ScrapedTarget>(target.url, plans_, context.interval, context.clock,
                                                std::hash<std::string>()(target.instance));
    }
    pages.push_back({target.instance, std::move(scraped)});
  }
  pages_ = std::move(pages);
  return true;
}

void ScrapeGroup::add_targets(const std::string& workload, std::vector<PollTarget>& to) const {
  const std::string prefix = workload + "/" + std::to_string(indices_.front()) + "/";
  for (const Page& page : pages_) {
    if (page.target) to.push_back({prefix + page.name, page.target->url(), page.target});
  }
}

void ScrapeGroup::answer(const std::string& workload, Instant now, Signals& signals,
                         std::vector<ReadError>& errors, TargetCounts& counts) const {
  if (file_ && file_->problem()) {
    const std::string& file = std::get<TargetList>(from_).file;
    errors.push_back({workload, file, MissingReason::kSourceError, file_->problem()->message});
  }
  const std::vector<Reading> no_address(
      reads_.size(), Missing{MissingReason::kNoTarget, "the instance has no address yet"});
  std::vector<std::vector<InstanceReading>> readings(reads_.size());
  for (const Page& page : pages_) {
    std::shared_ptr<const ScrapedTarget::Latest> latest;
    if (page.target) {
      latest = page.target->latest();
      count(*latest, counts);
      const std::optional<Missing>& failure = latest->page.failure;
      if (latest->any && failure) {
        errors.push_back({workload, page.name, failure->reason, failure->detail});
      }
    }
    const std::vector<Reading>& of_page = latest ? latest->page.readings : no_address;
    for (size_t i = 0; i < readings.size(); ++i) {
      readings[i].push_back({page.name, as_of(of_page[i], now)});
    }
  }
  for (size_t i = 0; i < readings.size(); ++i) {
    Signal& signal = signals[indices_[i]];
    if (pages_.empty()) {
      signal.readings = Reading{Missing{MissingReason::kNoTarget, "nothing to scrape"}};
    } else {
      signal.readings = std::move(readings[i]);
    }
  }
}

}  // namespace autoscaler
