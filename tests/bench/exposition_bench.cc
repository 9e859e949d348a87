// The exposition parser beside the obvious one (getline, std::string, stod) over the same pages.
// Bytes per second of one core, the page hot in the cache: an upper bound.

#include "base/check.h"
#include "metrics/exposition.h"

#include <benchmark/benchmark.h>

#include <cstdlib>
#include <map>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace autoscaler {
namespace {

std::string two_digits(int n) {
  return (n < 10 ? "0" : "") + std::to_string(n);
}

// Like a node exporter: short labels, values of many digits, some 500 lines for each of 20.
std::string node_page() {
  std::string page;
  for (int node = 0; node < 20; ++node) {
    page += "# HELP node_cpu_seconds_total Seconds the CPUs spent in each mode.\n";
    page += "# TYPE node_cpu_seconds_total counter\n";
    for (int i = 0; i < 500; ++i) {
      page += "node_cpu_seconds_total{cpu=\"" + std::to_string(i / 8) + "\",mode=\"mode_" +
              std::to_string(i % 8) + "\",node=\"n" + std::to_string(node) + "\"} " +
              std::to_string(123456 + i * 997) + "." + two_digits(i % 100) + "\n";
    }
  }
  return page;
}

// Like a cluster's state: many long labels, values of one digit.
std::string cluster_page() {
  std::string page = "# TYPE kube_pod_container_status_ready gauge\n";
  for (int i = 0; i < 12000; ++i) {
    const std::string n = std::to_string(i);
    page += "kube_pod_container_status_ready{namespace=\"team-" + std::to_string(i % 40) +
            "\",pod=\"checkout-frontend-7d9c5b8f6d-" + n + "\",uid=\"3f6c1c9e-8a0e-4b62-9d0f-" + n +
            "\",container=\"server\"} " + (i % 7 == 0 ? "0" : "1") + "\n";
  }
  return page;
}

// Like a service: histograms of whole numbers.
std::string histogram_page() {
  std::string page;
  const char* bounds[] = {"0.005", "0.01", "0.025", "0.05", "0.1", "0.25",
                          "0.5",   "1",    "2.5",   "5",    "10",  "+Inf"};
  for (int path = 0; path < 1400; ++path) {
    for (const char* bound : bounds) {
      page += "http_request_duration_seconds_bucket{method=\"GET\",path=\"/api/v1/items/" +
              std::to_string(path) + "\",le=\"" + bound + "\"} " + std::to_string(path * 1013 + 7) +
              "\n";
    }
  }
  return page;
}

const std::string& page_of(int64_t which) {
  static const std::string pages[] = {node_page(), cluster_page(), histogram_page()};
  return pages[which];
}

// So that no parser can leave out what it read.
struct Sum : ExpositionVisitor {
  explicit Sum(std::string_view only = {}) : wanted(only) {}
  bool wants(std::string_view name) override { return wanted.empty() || name == wanted; }
  void sample(const ExpositionSample& sample) override {
    value += sample.value;
    for (const ExpositionLabel& label : sample.labels)
      bytes += label.name.size() + label.raw.size();
    ++lines;
  }
  std::string_view wanted;
  double value = 0;
  size_t bytes = 0;
  size_t lines = 0;
};

struct NaiveSample {
  std::string name;
  std::map<std::string, std::string> labels;
  double value = 0;
};

// As one writes it first: copies everything, checks little, knows no escapes but \".
bool naive_line(const std::string& line, NaiveSample& sample) {
  const size_t name_end = line.find_first_of("{ ");
  if (name_end == std::string::npos) return false;
  sample.name = line.substr(0, name_end);
  sample.labels.clear();
  size_t at = name_end;
  if (line[at] == '{') {
    ++at;
    while (line[at] != '}') {
      const size_t equals = line.find('=', at);
      if (equals == std::string::npos) return false;
      size_t close = equals + 2;
      while (close < line.size() && (line[close] != '"' || line[close - 1] == '\\')) ++close;
      if (close >= line.size()) return false;
      sample.labels[line.substr(at, equals - at)] = line.substr(equals + 2, close - equals - 2);
      at = close + 1;
      if (line[at] == ',') ++at;
    }
    ++at;
  }
  sample.value = std::stod(line.substr(at));
  return true;
}

void strict(benchmark::State& state) {
  const std::string& page = page_of(state.range(0));
  for (auto _ : state) {
    Sum sum;
    CHECK(parse_exposition(page, sum).ok());
    benchmark::DoNotOptimize(sum);
  }
  state.SetBytesProcessed(state.iterations() * static_cast<int64_t>(page.size()));
}

void naive(benchmark::State& state) {
  const std::string& page = page_of(state.range(0));
  for (auto _ : state) {
    std::istringstream stream(page);
    std::string line;
    NaiveSample sample;
    double value = 0;
    while (std::getline(stream, line)) {
      if (line.empty() || line[0] == '#') continue;
      CHECK(naive_line(line, sample));
      value += sample.value;
    }
    benchmark::DoNotOptimize(value);
  }
  state.SetBytesProcessed(state.iterations() * static_cast<int64_t>(page.size()));
}

void skipping(benchmark::State& state) {
  const std::string& page = page_of(state.range(0));
  for (auto _ : state) {
    Sum sum("process_cpu_seconds_total");
    CHECK(parse_exposition(page, sum).ok());
    benchmark::DoNotOptimize(sum);
  }
  state.SetBytesProcessed(state.iterations() * static_cast<int64_t>(page.size()));
}

// 0: node, 1: cluster, 2: histogram.
BENCHMARK(strict)->DenseRange(0, 2);
BENCHMARK(skipping)->DenseRange(0, 2);
BENCHMARK(naive)->DenseRange(0, 2);

}  // namespace
}  // namespace autoscaler

BENCHMARK_MAIN();
