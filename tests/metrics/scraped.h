#pragma once

#include "metrics/scrape_source.h"

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace autoscaler {

// A poller without sockets: a target answers when the test says so.
class FakePoller final : public Poller {
 public:
  void poll(std::vector<PollTarget> targets) override {
    targets_ = std::move(targets);
    ++orders;
  }
  void wait_for_first_answers(Duration) override {
    ++waits;
    if (on_wait) on_wait();
  }

  // The turn of each target has come, once.
  void answer_all(const std::function<Result<FetchResponse>(const std::string& url)>& answer) {
    for (const PollTarget& target : std::vector(targets_)) {
      if (target.sink->may_ask()) target.sink->answered(answer(target.url));
    }
  }
  const std::vector<PollTarget>& targets() const { return targets_; }

  std::function<void()> on_wait;
  int orders = 0;
  int waits = 0;

 private:
  std::vector<PollTarget> targets_;
};

// One workload "shop" whose instances serve the pages that a test gives them, scraped at the times
// that it names.
class Scraped {
 public:
  explicit Scraped(std::vector<ScrapeRead> reads) {
    for (ScrapeRead& read : reads) signals.push_back({std::move(read)});
  }

  // What the instance answers from now on.
  void serves(const InstanceId& instance, std::string page) {
    pages_.insert_or_assign(instance, FetchResponse{200, std::move(page)});
  }
  void answers(const InstanceId& instance, Result<FetchResponse> answer) {
    pages_.insert_or_assign(instance, std::move(answer));
  }
  void is_gone(const InstanceId& instance) { pages_.erase(instance); }

  // Every target is asked once at that time, and read by a tick of the same time.
  void scrape(int64_t second) { scrape_at(kStart + std::chrono::seconds(second)); }
  void scrape_at(Instant now) {
    read_at(now);  // so that the poller knows the targets
    answer_at(now);
    read_at(now);
  }
  void answer_at(Instant now) {
    clock_ = now;
    poller->answer_all([this](const std::string& url) {
      ++asked[url];
      return pages_.at(url);
    });
  }
  // A tick that nobody answers in time for.
  void read(int64_t second) { read_at(kStart + std::chrono::seconds(second)); }
  void read_at(Instant now) {
    WorkloadQuery query{&workload_, signals, {}};
    for (const auto& [instance, page] : pages_) query.targets.push_back({instance, instance});
    errors.clear();
    answers_.assign(1, Signals(signals.size()));
    source_.read({&query, 1}, now, answers_, errors);
  }
  TargetCounts counts() const {
    TargetCounts counts;
    source_.count_targets(counts);
    return counts;
  }

  const Signal& signal(size_t i = 0) const { return answers_.at(0).at(i); }
  // The reading of one instance; the test fails where there is none.
  const Reading& reading(const InstanceId& instance, size_t i = 0) const {
    const auto& readings = std::get<InstanceReadings>(signal(i).readings);
    for (const InstanceReading& r : readings) {
      if (r.instance == instance) return r.reading;
    }
    throw std::out_of_range("no reading of " + instance);
  }

  static constexpr Instant kStart{std::chrono::hours(500'000)};
  std::vector<SignalQuery> signals;
  std::vector<ReadError> errors;
  std::map<std::string, int> asked;  // how often, by URL
  FakePoller* poller = nullptr;

 private:
  std::string workload_ = "shop";
  std::map<InstanceId, Result<FetchResponse>> pages_;
  std::vector<Signals> answers_;
  Instant clock_ = kStart;
  ScrapeSource source_{
      make_poller(), [this] { return clock_; }, {.interval = std::chrono::seconds(5)}};

  std::unique_ptr<Poller> make_poller() {
    auto made = std::make_unique<FakePoller>();
    poller = made.get();
    return made;
  }
};

// For one comparison: "12.5", "3/40", "[0.5 1 0]", or why it is missing.
inline std::string shown(const Reading& reading) {
  const auto number = [](double value) {
    std::string text = std::to_string(value);
    text.erase(text.find_last_not_of('0') + 1);
    if (text.back() == '.') text.pop_back();
    return text;
  };
  if (const auto* missing = std::get_if<Missing>(&reading)) {
    return missing_reason_name(missing->reason);
  }
  const Value& value = std::get<Measured>(reading).value;
  if (const auto* plain = std::get_if<double>(&value)) return number(*plain);
  if (const auto* ratio = std::get_if<RatioParts>(&value)) {
    return number(ratio->numerator) + "/" + number(ratio->denominator);
  }
  std::string text = "[";
  for (const double rate : std::get<BucketRates>(value).rates) {
    text += (text.size() > 1 ? " " : "") + number(rate);
  }
  return text + "]";
}

inline std::string detail_of(const Reading& reading) {
  return std::get<Missing>(reading).detail;
}

}  // namespace autoscaler
