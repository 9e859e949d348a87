#include "controller/schedule/open_windows.h"

#include "policies/cron.h"
#include "tests/policies/local_times.h"

#include <gmock/gmock.h>

namespace autoscaler {
namespace {

using namespace testing;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

ScheduleSpec office_hours() {
  ScheduleSpec spec;
  spec.times.when = ScheduleTimes::Recurring{*parse_cron("0 8 * * MON-FRI"), Duration(10h)};
  spec.times.zone = "Europe/Berlin";
  spec.min = 12;
  return spec;
}

WorkloadSpec shop(std::vector<ScheduleSpec> schedules) {
  WorkloadSpec spec;
  spec.policies.push_back({"track", TrackSpec{}});
  for (ScheduleSpec& each : schedules) spec.policies.push_back({"schedule", std::move(each)});
  return spec;
}

const Instant kOpens = Berlin::utc(11, 30, 7);  // a Monday, at 8 in Berlin
const OpenWindow kMonday{1, kOpens, kOpens + 10h};

TEST(OpenWindows, OpenFromTheFirstMomentToTheLast) {
  const WorkloadSpec spec = shop({office_hours()});
  OpenWindows windows(spec);
  EXPECT_THAT(windows.at(kOpens - 1ms, {}), IsEmpty());
  EXPECT_THAT(windows.at(kOpens, {}), ElementsAre(kMonday));
  EXPECT_THAT(windows.at(kOpens + 10h - 1ms, {}), ElementsAre(kMonday));
  EXPECT_THAT(windows.at(kOpens + 10h, {}), IsEmpty());
  EXPECT_THAT(windows.at(kOpens + 24h, {}), ElementsAre(OpenWindow{1, kOpens + 24h, kOpens + 34h}));
}

TEST(OpenWindows, AClockThatIsSetBackAsksAgain) {
  const WorkloadSpec spec = shop({office_hours()});
  OpenWindows windows(spec);
  EXPECT_THAT(windows.at(kOpens + 25h, {}), ::testing::SizeIs(1));
  EXPECT_THAT(windows.at(kOpens + 1h, {}), ElementsAre(kMonday));
  EXPECT_THAT(windows.at(kOpens - 1h, {}), IsEmpty());
}

TEST(OpenWindows, BeginEarlyByTheirLead) {
  ScheduleSpec early = office_hours();
  early.lead = 5min;
  const WorkloadSpec spec = shop({early});
  OpenWindows windows(spec);
  EXPECT_THAT(windows.at(kOpens - 5min - 1ms, {}), IsEmpty());
  EXPECT_THAT(windows.at(kOpens - 5min, {}), ElementsAre(kMonday));
}

TEST(OpenWindows, BeginEarlyByTheMeasuredTimeToReadinessAndStayOnceTheyHave) {
  ScheduleSpec early = office_hours();
  early.lead_by_readiness = true;
  const WorkloadSpec spec = shop({early});
  OpenWindows windows(spec);
  EXPECT_THAT(windows.at(kOpens - 90s, {}), IsEmpty()) << "nothing is measured yet";
  EXPECT_THAT(windows.at(kOpens - 89s, 80s), IsEmpty());
  EXPECT_THAT(windows.at(kOpens - 80s, 80s), ElementsAre(kMonday));
  EXPECT_THAT(windows.at(kOpens - 75s, 30s), ElementsAre(kMonday))
      << "the first ones were ready sooner than expected";
  EXPECT_THAT(windows.at(kOpens + 11h, 30s), IsEmpty());
}

TEST(OpenWindows, SeveralAreInTheOrderOfTheirPolicies) {
  ScheduleSpec sale;
  sale.times.when = ScheduleTimes::Once{local(2026, 11, 27), local(2026, 12, 1)};
  sale.size = 3;
  const WorkloadSpec spec = shop({office_hours(), sale});
  OpenWindows windows(spec);
  EXPECT_THAT(windows.at(kOpens, {}),
              ElementsAre(kMonday, OpenWindow{2, Berlin::utc(11, 27, 0), Berlin::utc(12, 1, 0)}));
  EXPECT_THAT(windows.at(Berlin::utc(12, 5, 0), {}), IsEmpty());
}

}  // namespace
}  // namespace autoscaler
