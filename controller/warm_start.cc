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
                     std::vector<ColdForecast> cold, std::chrono::milliseconds pause)
    : past_(past), now_(std::move(now)), cold_(std::move(cold)), pause_(pause) {
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
  while (true) {
    std::erase_if(cold_, [&](const ColdForecast& each) {
      return stop.stop_requested() || learn(each, stop);
    });
    if (cold_.empty()) return;
    std::unique_lock lock(mutex_);
    if (wakes_.wait_for(lock, stop, pause_, [&stop] { return stop.stop_requested(); })) return;
  }
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
  warm_.push_back(std::move(warm));
  return true;
}

}  // namespace autoscaler
