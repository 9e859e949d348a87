#include "tests/e2e/service/page.h"

#include <algorithm>
#include <cinttypes>
#include <cstdio>
#include <unistd.h>

namespace autoscaler::e2e {
namespace {

class Page {
 public:
  void family(const char* name, const char* type, const char* help) {
    text_ += std::string("# HELP ") + name + " " + help + "\n# TYPE " + name + " " + type + "\n";
  }
  void sample(const std::string& series, double value) {
    char number[40];
    std::snprintf(number, sizeof(number), " %.15g\n", value);
    text_ += series + number;
  }
  std::string text() && { return std::move(text_); }

 private:
  std::string text_;
};

double resident_bytes() {
  std::FILE* file = std::fopen("/proc/self/statm", "r");
  if (file == nullptr) return 0;
  unsigned long pages = 0;
  if (std::fscanf(file, "%*s %lu", &pages) != 1) pages = 0;
  std::fclose(file);
  return static_cast<double>(pages) * static_cast<double>(sysconf(_SC_PAGESIZE));
}

void add_histogram(Page& page, const Counts& counts) {
  const std::string name = "http_request_duration_seconds";
  page.family(name.c_str(), "histogram", "Time from request to answer of the requests served.");
  uint64_t below = 0;
  for (size_t i = 0; i < kBuckets.size(); ++i) {
    below += counts.buckets[i];
    char bound[32];
    std::snprintf(bound, sizeof(bound), "%g", kBuckets[i]);
    page.sample(name + "_bucket{le=\"" + bound + "\"}", static_cast<double>(below));
  }
  below += counts.buckets.back();
  page.sample(name + "_bucket{le=\"+Inf\"}", static_cast<double>(below));
  page.sample(name + "_sum", seconds(counts.total));
  page.sample(name + "_count", static_cast<double>(below));
}

}  // namespace

void Counts::observe(Duration latency) {
  auto bucket = std::lower_bound(kBuckets.begin(), kBuckets.end(), seconds(latency));
  ++buckets[static_cast<size_t>(bucket - kBuckets.begin())];
  total += latency;
}

std::string metrics_page(const Counts& counts, const Gauges& gauges) {
  Page page;
  page.family("http_requests_total", "counter", "Requests for work answered, by status code.");
  page.sample("http_requests_total{code=\"200\"}", static_cast<double>(counts.served));
  page.sample("http_requests_total{code=\"503\"}", static_cast<double>(counts.rejected));
  add_histogram(page, counts);
  page.family("process_cpu_seconds_total", "counter",
              "Simulated: seconds that workers were busy. Full use is one per worker and second.");
  page.sample("process_cpu_seconds_total", seconds(gauges.busy));
  page.family("process_resident_memory_bytes", "gauge", "Resident memory of this process.");
  page.sample("process_resident_memory_bytes", resident_bytes());
  page.family("http_requests_in_flight", "gauge", "Requests accepted and not yet answered.");
  page.sample("http_requests_in_flight", gauges.in_flight);
  page.family("http_requests_waiting", "gauge", "Of those, the ones that wait for a worker.");
  page.sample("http_requests_waiting", gauges.waiting);
  page.family("service_workers", "gauge", "Workers: how many requests are worked on at a time.");
  page.sample("service_workers", gauges.workers);
  return std::move(page).text();
}

}  // namespace autoscaler::e2e
