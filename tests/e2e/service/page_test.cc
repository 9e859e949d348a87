#include "tests/e2e/service/page.h"

#include <gmock/gmock.h>

namespace autoscaler::e2e {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

TEST(MetricsPage, CountsEachLatencyInTheFirstBucketThatHoldsIt) {
  Counts counts;
  for (Duration latency : {Duration(1ms), Duration(50ms), Duration(51ms), Duration(11s)}) {
    counts.observe(latency);
  }
  std::string page = metrics_page(counts, {.busy = 0s, .in_flight = 0, .waiting = 0, .workers = 1});
  for (const char* line :
       {"_bucket{le=\"0.005\"} 1\n", "_bucket{le=\"0.025\"} 1\n", "_bucket{le=\"0.05\"} 2\n",
        "_bucket{le=\"0.1\"} 3\n", "_bucket{le=\"10\"} 3\n", "_bucket{le=\"+Inf\"} 4\n",
        "_seconds_sum 11.102\n", "_seconds_count 4\n"}) {
    EXPECT_THAT(page, HasSubstr(line));
  }
}

TEST(MetricsPage, ShowsWhatItIsGiven) {
  Counts counts;
  counts.served = 7;
  counts.rejected = 2;
  std::string page =
      metrics_page(counts, {.busy = 1500ms, .in_flight = 5, .waiting = 3, .workers = 4});
  for (const char* line :
       {"\nhttp_requests_total{code=\"200\"} 7\n", "\nhttp_requests_total{code=\"503\"} 2\n",
        "\nprocess_cpu_seconds_total 1.5\n", "\nhttp_requests_in_flight 5\n",
        "\nhttp_requests_waiting 3\n", "\nservice_workers 4\n"}) {
    EXPECT_THAT(page, HasSubstr(line));
  }
}

}  // namespace
}  // namespace autoscaler::e2e
