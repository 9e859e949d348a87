// The exposition parser beside the obvious one (getline, std::string, stod) over the same pages:
// all families, and five of them. CPU time of one core, the page hot in the cache: an upper bound.
// Both take turns, so that a busy machine slows both alike; medians.
//   exposition_bench [rounds]

#include "base/check.h"
#include "metrics/exposition.h"
#include "tests/bench/exposition_shapes.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <functional>
#include <span>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace autoscaler {
namespace {

// So that no parser can leave out what it read.
struct Sum : ExpositionVisitor {
  explicit Sum(std::span<const std::string_view> names) : wanted(names) {}
  bool wants(std::string_view name) override {
    return wanted.empty() || std::ranges::find(wanted, name) != wanted.end();
  }
  void sample(const ExpositionSample& sample) override {
    value += sample.value;
    for (const ExpositionLabel& label : sample.labels) {
      bytes += label.name.size() + label.raw.size();
    }
    ++lines;
  }
  std::span<const std::string_view> wanted;
  double value = 0;
  size_t bytes = 0;
  size_t lines = 0;
};

struct NaiveSample {
  std::string name;
  std::vector<std::pair<std::string, std::string>> labels;
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
      sample.labels.emplace_back(line.substr(at, equals - at),
                                 line.substr(equals + 2, close - equals - 2));
      at = close + 1;
      if (line[at] == ',') ++at;
    }
    ++at;
  }
  sample.value = std::stod(line.substr(at));
  return true;
}

size_t naive(const std::string& page, double& sum) {
  std::istringstream stream(page);
  std::string line;
  NaiveSample sample;
  size_t lines = 0;
  while (std::getline(stream, line)) {
    if (line.empty() || line[0] == '#') continue;
    CHECK(naive_line(line, sample));
    sum += sample.value;
    ++lines;
  }
  return lines;
}

double cpu_seconds() {
  timespec now{};
  CHECK(clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now) == 0);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

// GB a second of some 20 ms of it.
double speed(size_t bytes, const std::function<void()>& pass) {
  const double start = cpu_seconds();
  size_t passes = 0;
  double spent = 0;
  for (; spent < 0.02; ++passes) {
    pass();
    spent = cpu_seconds() - start;
  }
  return 1e-9 * static_cast<double>(bytes * passes) / spent;
}

double median(std::vector<double> values) {
  std::ranges::nth_element(values, values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2));
  return values[values.size() / 2];
}

void measure(const ExpositionShape& shape, int rounds) {
  Sum sum({});
  double naive_sum = 0;
  CHECK(parse_exposition(shape.page, sum).ok());
  CHECK(naive(shape.page, naive_sum) == sum.lines);
  CHECK(naive_sum == sum.value);
  std::vector<double> strict;
  std::vector<double> five;
  std::vector<double> obvious;
  std::vector<double> factors;
  for (int round = 0; round < rounds; ++round) {
    const auto parse = [&](std::span<const std::string_view> wanted) {
      Sum again(wanted);
      CHECK(parse_exposition(shape.page, again).ok());
      CHECK(again.lines > 0);
    };
    strict.push_back(speed(shape.page.size(), [&] { parse({}); }));
    obvious.push_back(speed(shape.page.size(), [&] { naive(shape.page, naive_sum); }));
    five.push_back(speed(shape.page.size(), [&] { parse(shape.wanted); }));
    factors.push_back(strict.back() / obvious.back());
  }
  std::printf("%-10s %5.2f MB %6zu lines %8.2f %8.2f %8.2f %8.1f\n", shape.name,
              1e-6 * static_cast<double>(shape.page.size()), sum.lines, median(obvious),
              median(strict), median(five), median(factors));
}

}  // namespace
}  // namespace autoscaler

int main(int argc, char** argv) {
  const int given = argc > 1 ? std::atoi(argv[1]) : 0;
  const int rounds = given > 0 ? given : 15;
  std::printf("GB/s, medians of %d           naive   strict  5 wanted  strict/naive\n", rounds);
  for (const autoscaler::ExpositionShape& shape : autoscaler::exposition_shapes()) {
    autoscaler::measure(shape, rounds);
  }
}
