// load-generator: open-loop HTTP load. On stdout one JSON object a line: the first says when the
// schedule starts, then one a second, the last sums up. Each counts what ended in that second.

#include "tests/e2e/load/flags.h"

#include <sys/resource.h>

#include <cstdio>
#include <memory>

namespace autoscaler::e2e {
namespace {

void print(const std::string& line) {
  std::fputs(line.c_str(), stdout);
  std::fflush(stdout);
}

// A connection takes a descriptor, and shells commonly allow only 1024.
void allow_descriptors() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

int generate(const LoadFlags& flags) {
  std::unique_ptr<std::FILE, int (*)(std::FILE*)> csv(nullptr, std::fclose);
  if (!flags.csv.empty()) {
    csv.reset(std::fopen(flags.csv.c_str(), "w"));
    if (!csv) {
      std::fprintf(stderr, "load-generator: cannot write %s\n", flags.csv.c_str());
      return 1;
    }
    std::fputs(kCsvHead, csv.get());
  }
  Tally second;
  Tally all;
  LoadEvents events;
  events.begins = [&](double zero) {
    char line[128];
    std::snprintf(line, sizeof(line),
                  "{\"zero_epoch_s\":%.6f,\"requests\":%zu,\"length_s\":%.3f}\n", zero,
                  flags.plan.arrivals.size(), seconds(flags.length));
    print(line);
  };
  events.sent = [&](Duration lag) {
    second.sent(lag);
    all.sent(lag);
  };
  events.done = [&](const RequestResult& result) {
    second.add(result);
    all.add(result);
    if (csv) std::fputs(csv_line(result).c_str(), csv.get());
  };
  events.second_over = [&](int number, size_t open) {
    print(second.json("\"second\":" + std::to_string(number) +
                      ",\"offered\":" + std::to_string(offered_in(flags.plan.arrivals, number)) +
                      ",\"open\":" + std::to_string(open) + ","));
    second = Tally();
    if (csv) std::fflush(csv.get());
  };
  Status ran = run_load(flags.plan, events);
  if (!ran) {
    std::fprintf(stderr, "load-generator: %s\n", ran.error().message.c_str());
    return 1;
  }
  print(
      all.json("\"summary\":true,\"offered\":" + std::to_string(flags.plan.arrivals.size()) + ","));
  return 0;
}

}  // namespace
}  // namespace autoscaler::e2e

int main(int argc, char** argv) {
  auto flags = autoscaler::e2e::parse_load_flags(argc, argv);
  if (int* code = std::get_if<int>(&flags)) return *code;
  autoscaler::e2e::allow_descriptors();
  return autoscaler::e2e::generate(std::get<autoscaler::e2e::LoadFlags>(flags));
}
