#include "controller/warm_start.h"

#include "controller/log.h"

#include <algorithm>

namespace autoscaler {
namespace {

constexpr Duration kPast = std::chrono::hours(24 * 14);
constexpr Duration kStep = std::chrono::minutes(1);

int64_t minute_number(Instant at) {
  return std::chrono::floor<std::chrono::minutes>(at.time_since_epoch()).count();
}

}  // namespace

WarmStart::WarmStart(HistorySource& past, std::function<Instant()> now,
                     std::chrono::milliseconds pause)
    : past_(past), now_(std::move(now)), pause_(pause) {}

void WarmStart::want(std::vector<ColdForecast> cold) {
  const std::lock_guard lock(mutex_);
  cold_.clear();
  later_.clear();
  std::map<Key, SignalQuery> before = std::exchange(asked_, {});
  for (ColdForecast& each : cold) {
    Key key{each.workload, each.part};
    const auto asked = before.find(key);
    if (asked != before.end() && asked->second == each.load) {
      asked_.insert(before.extract(asked));
    } else {
      cold_.push_back(std::move(each));
    }
  }
  std::erase_if(warm_, [this](const WarmForecast& each) {
    return !asked_.contains({each.workload, each.part});
  });
  if (cold_.empty()) return;
  wakes_.notify_all();
  if (thread_.joinable()) return;
  thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
}

std::vector<WarmForecast> WarmStart::take(const WorkloadId& workload) {
  const std::lock_guard lock(mutex_);
  const auto others = std::stable_partition(
      warm_.begin(), warm_.end(),
      [&workload](const WarmForecast& each) { return each.workload != workload; });
  std::vector<WarmForecast> taken(std::make_move_iterator(others),
                                  std::make_move_iterator(warm_.end()));
  warm_.erase(others, warm_.end());
  return taken;
}

void WarmStart::run(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  while (!stop.stop_requested()) {
    if (cold_.empty()) {
      wait(lock, stop);
      continue;
    }
    ColdForecast cold = std::move(cold_.front());
    cold_.pop_front();
    const Key key{cold.workload, cold.part};
    asked_[key] = cold.load;
    lock.unlock();
    const bool is_settled = learn(cold, stop);
    lock.lock();
    const auto asked = asked_.find(key);
    const bool is_wanted = asked != asked_.end() && asked->second == cold.load;
    if (is_settled || !is_wanted) continue;
    asked_.erase(asked);
    later_.push_back(std::move(cold));
  }
}

void WarmStart::wait(std::unique_lock<std::mutex>& lock, const std::stop_token& stop) {
  const auto has_come = [this] { return !cold_.empty(); };
  if (later_.empty()) {
    wakes_.wait(lock, stop, has_come);
    return;
  }
  if (wakes_.wait_for(lock, stop, pause_, has_come) || stop.stop_requested()) return;
  // Another one is first, so that one that always fails does not end each round for the others.
  std::rotate(later_.begin(), later_.begin() + 1, later_.end());
  cold_.assign(std::make_move_iterator(later_.begin()), std::make_move_iterator(later_.end()));
  later_.clear();
}

bool WarmStart::learn(const ColdForecast& cold, const std::stop_token& stop) {
  const Instant to = std::chrono::floor<std::chrono::minutes>(now_());
  const auto points = past_.history(cold.load, to - kPast, to - kStep, kStep, stop);
  const LogFields fields = {{"workload", cold.workload}, {"stage", "learn"}};
  if (!points) {
    if (stop.stop_requested()) return true;
    const bool sick = points.error().code == Code::kUnavailable;
    log_line(LogLevel::kWarning,
             cold.workload + "/" + cold.part + ": the past of its load is not known" +
                 (sick ? " yet: " : ", and it learns from now on: ") + points.error().message,
             fields);
    return !sick;
  }
  WarmForecast warm{cold.workload, cold.part, Lookahead(cold.lead_minutes)};
  for (const HistoryPoint& point : *points) {
    if (stop.stop_requested()) return true;
    warm.lookahead.learn(minute_number(point.at), point.value, cold.calendar);
  }
  log_line(LogLevel::kInfo,
           cold.workload + "/" + cold.part + ": learned from " + std::to_string(points->size()) +
               " recorded minutes of the last two weeks",
           fields);
  const std::lock_guard lock(mutex_);
  const auto asked = asked_.find({cold.workload, cold.part});
  const bool is_wanted = asked != asked_.end() && asked->second == cold.load;
  if (is_wanted) warm_.push_back(std::move(warm));
  return true;
}

}  // namespace autoscaler
