#include "metrics/scrape_source.h"

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <malloc.h>
#include <memory>
#include <string>
#include <unistd.h>
#include <utility>
#include <vector>

// What the readings of a large fleet hold in memory: 10,000 workloads of 10 instances and 5 signals
// (CPU, memory, requests, error ratio, and a histogram of 12 buckets), scraped every 15 s until
// their windows of 2 minutes are full, with the signals of two ticks at hand. 1 GiB at most.
//   memory_bench [workloads [instances]]
namespace autoscaler {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

constexpr int kBuckets = 12;

// A poller without sockets, whose targets answer when they are told to.
class Answers final : public Poller {
 public:
  void poll(std::vector<PollTarget> targets) override { targets_ = std::move(targets); }
  void wait_for_first_answers(Duration) override {}
  void answer(const FetchResponse& page) {
    for (const PollTarget& target : targets_) target.sink->answered(page);
  }

 private:
  std::vector<PollTarget> targets_;
};

std::string page_of(int round) {
  const auto line = [](const std::string& series, int value) {
    return series + " " + std::to_string(value) + "\n";
  };
  std::string page = line("process_cpu_seconds_total", 10 * round) +
                     line("process_resident_memory_bytes", 300'000'000 + round) +
                     line("http_requests_total{method=\"GET\",code=\"200\"}", 1500 * round) +
                     line("http_requests_total{method=\"GET\",code=\"503\"}", 15 * round);
  for (int b = 1; b < kBuckets; ++b) {
    page += line("http_request_duration_seconds_bucket{le=\"" + std::to_string(b) + "\"}",
                 100 * b * round);
  }
  return page + line("http_request_duration_seconds_bucket{le=\"+Inf\"}", 100 * kBuckets * round);
}

// Series of an instance as the signals hold them: 1 + 1 + 2 + 2 + the buckets.
constexpr int kSeries = 6 + kBuckets;

std::vector<SignalQuery> five_signals() {
  const Duration window = minutes(2);
  return {{ScrapeRead{RateOf{{"process_cpu_seconds_total", {}}, 2}, window}},
          {ScrapeRead{GaugeOf{{"process_resident_memory_bytes", {}}, 2e9, window}, window}},
          {ScrapeRead{RateOf{{"http_requests_total", {}}, 1}, window}},
          {ScrapeRead{RatioOf{{"http_requests_total", {}}, {{"code", "5.."}}}, window}},
          {ScrapeRead{HistogramOf{{"http_request_duration_seconds", {}}}, window}}};
}

double resident_bytes() {
  malloc_trim(0);
  std::ifstream statm("/proc/self/statm");
  double pages = 0;
  statm >> pages >> pages;
  return pages * static_cast<double>(sysconf(_SC_PAGESIZE));
}

void run(int workloads, int instances) {
  const std::vector<SignalQuery> signals = five_signals();
  std::vector<std::string> names;
  for (int w = 0; w < workloads; ++w) names.push_back("workload-" + std::to_string(w));
  std::vector<WorkloadQuery> queries;
  for (const std::string& name : names) {
    WorkloadQuery query{&name, signals, {}};
    for (int i = 0; i < instances; ++i) {
      query.targets.push_back({name + "-" + std::to_string(i),
                               "http://10.1.2.3:" + std::to_string(9000 + i) + "/metrics"});
    }
    queries.push_back(std::move(query));
  }
  const double before = resident_bytes();
  auto owned = std::make_unique<Answers>();
  Answers& poller = *owned;
  Instant now{std::chrono::hours(500'000)};
  ScrapeSource source(std::move(owned), [&now] { return now; }, {.interval = seconds(15)});
  std::vector<Signals> ticks[2];
  std::vector<ReadError> errors;
  const auto tick = [&](int round) {
    std::vector<Signals>& answers = ticks[round % 2];
    answers.assign(queries.size(), Signals(signals.size()));
    errors.clear();
    source.read(queries, now, answers, errors);
  };
  tick(0);
  for (int round = 1; round <= 12; ++round) {
    now += seconds(15);
    poller.answer({200, page_of(round)});
    tick(round);
  }
  for (const Signal& signal : ticks[0].front()) {
    const auto& readings = std::get<InstanceReadings>(signal.readings);
    if (std::holds_alternative<Measured>(readings.front().reading)) continue;
    std::printf("a signal has no value: the figures would mean nothing\n");
    std::exit(1);
  }
  const double held = resident_bytes() - before;
  const double series = static_cast<double>(workloads) * instances * kSeries;
  std::printf("%d workloads of %d instances, 5 signals, %d series each, 9 samples a series\n",
              workloads, instances, kSeries);
  std::printf("  %.0f MiB in all (aim: 1024), %.0f bytes a series, %.1f KiB a workload\n",
              held / (1 << 20), held / series, held / workloads / 1024);
}

}  // namespace
}  // namespace autoscaler

int main(int argc, char** argv) {
  const int workloads = argc > 1 ? std::atoi(argv[1]) : 10'000;
  const int instances = argc > 2 ? std::atoi(argv[2]) : 10;
  autoscaler::run(workloads, instances);
}
