#include "controller/config/config.h"
#include "tests/controller/config/print_config.h"

#include <gmock/gmock.h>

namespace autoscaler {
namespace {

using ::testing::HasSubstr;

WorkloadResult read(const std::string& policy, const std::string& rest = "") {
  return parse_workload(
      "name: shop\nreplicas: {min: 2, max: 20}\n" + rest + "policies:\n  - " + policy + "\n",
      "shop.yaml");
}

ScheduleSpec schedule(const std::string& fields) {
  const WorkloadResult result = read("schedule: {" + fields + "}");
  EXPECT_TRUE(result.workload) << problems_text(result.problems);
  return result.workload ? std::get<ScheduleSpec>(result.workload->spec.policies.at(0).rule)
                         : ScheduleSpec{};
}

TEST(ScheduleConfig, IsReadWhole) {
  const ScheduleSpec spec = schedule(
      "cron: 0 8 * * MON-FRI, for: 10h30m, timeZone: Europe/Berlin, leadBy: 90s, min: 4, max: 9, "
      "except: [2026-12-26, 2026-12-25]");
  const auto& recurring = std::get<ScheduleTimes::Recurring>(spec.times.when);
  EXPECT_EQ(std::get<Duration>(recurring.end), std::chrono::minutes(630));
  EXPECT_EQ(recurring.begin.hours, 1u << 8);
  EXPECT_EQ(spec.times.zone, "Europe/Berlin");
  EXPECT_EQ(spec.times.text, "0 8 * * MON-FRI for 10h30m");
  EXPECT_EQ(spec.lead, std::chrono::seconds(90));
  EXPECT_EQ(spec.min, 4);
  EXPECT_EQ(spec.max, 9);
  EXPECT_EQ(spec.size, std::nullopt);
  ASSERT_EQ(spec.times.except.size(), 2u);
  EXPECT_LT(spec.times.except[0], spec.times.except[1]);
}

TEST(ScheduleConfig, EndsByACronOrComesOnce) {
  const ScheduleSpec day = schedule("cron: \"@daily\", until: 0 6 * * *, size: 3, leadBy: auto");
  EXPECT_TRUE(day.lead_by_readiness);
  EXPECT_EQ(day.times.zone, "UTC");
  EXPECT_EQ(day.times.text, "@daily until 0 6 * * *");
  const ScheduleSpec sale = schedule("from: 2026-11-27, to: 2026-11-30T08:00, size: 3");
  const auto& once = std::get<ScheduleTimes::Once>(sale.times.when);
  EXPECT_EQ(once.to - once.from, std::chrono::hours(3 * 24 + 8));
}

TEST(ScheduleConfig, HasANameOfItsKind) {
  const WorkloadResult result = read(
      "schedule: {cron: 0 8 * * *, for: 1h, min: 4}\n  - schedule: {cron: 0 9 * * *, for: 1h, "
      "min: 5}");
  ASSERT_TRUE(result.workload) << problems_text(result.problems);
  EXPECT_EQ(result.workload->spec.policies[0].name, "schedule-1");
  EXPECT_EQ(result.workload->spec.policies[1].name, "schedule-2");
}

struct WrongSchedule {
  const char* fields;
  const char* path;  // below policies[0].schedule
  const char* remedy;
};

const WrongSchedule kWrong[] = {
    {"cron: 0 8 * *, for: 1h, min: 3", ".cron", "a cron has five"},
    {"cron: 0 8 * * MO, for: 1h, min: 3", ".cron", "SUN to SAT"},
    {"cron: 0 8 30 2 *, for: 1h, min: 3", ".cron", "no day ever matches"},
    {"cron: 0 8 * * *, min: 3", ".for", "one of them says when"},
    {"cron: 0 8 * * *, for: 1h, until: 0 9 * * *, min: 3", ".until", "excluded by 'for'"},
    {"cron: 0 8 * * *, for: 30s, min: 3", ".for", "from 1m to 366d"},
    {"cron: 0 8 * * *, until: 0 25 * * *, min: 3", ".until", "0 to 23"},
    {"cron: 0 8 * * *, for: 1h", "", "at least one of min, max or size"},
    {"cron: 0 8 * * *, for: 1h, from: 2026-01-01, to: 2026-01-02, min: 3", ".from",
     "exactly one of cron or from"},
    {"from: 2026-01-01, min: 3", ".to", "required beside from"},
    {"from: 2026-01-02, to: 2026-01-02, min: 3", ".to", "not after from"},
    {"from: 2026-01-02 8:00, to: 2026-01-03, min: 3", ".from", "such as 2026-12-24 18:00"},
    {"from: \"2026-01-02T08:00:00Z\", to: 2026-01-03, min: 3", ".from", "no offset of its own"},
    {"from: 2026-02-30, to: 2026-03-03, min: 3", ".from", "such as 2026-12-24 18:00"},
    {"from: 2026-02-20 24:00, to: 2026-03-03, min: 3", ".from", "such as 2026-12-24 18:00"},
    {"from: 2026-01-01, to: 2026-01-02, except: [2026-01-01], min: 3", ".except",
     "it goes with cron"},
    {"cron: 0 8 * * *, for: 1h, except: [Christmas], min: 3", ".except[0]", "such as 2026-12-24"},
    {"cron: 0 8 * * *, for: 1h, except: [2026-12-25 08:00], min: 3", ".except[0]",
     "such as 2026-12-24"},
    {"cron: 0 8 * * *, for: 1h, timeZone: Europe/Belrin, min: 3", ".timeZone",
     "Europe/Berlin or UTC"},
    {"cron: 0 8 * * *, for: 1h, timeZone: +02:00, min: 3", ".timeZone", "Europe/Berlin or UTC"},
    {"cron: 0 8 * * *, for: 1h, leadBy: soon, min: 3", ".leadBy", "or auto"},
    {"cron: 0 8 * * *, for: 1h, leadBy: 5m, max: 3", ".leadBy", "max never begins early"},
    {"cron: 0 8 * * *, for: 1h, min: 1", ".min", "outside of replicas (2 to 20)"},
    {"cron: 0 8 * * *, for: 1h, max: 21", ".max", "outside of replicas (2 to 20)"},
    {"cron: 0 8 * * *, for: 1h, size: 40", ".size", "outside of replicas (2 to 20)"},
    {"cron: 0 8 * * *, for: 1h, min: 9, max: 8", ".min", "min is at most max"},
    {"cron: 0 8 * * *, for: 1h, min: 3, zone: UTC", ".zone", "Allowed: cron, for, until"},
};

TEST(ScheduleConfig, EachMistakeNamesThePlaceAndTheRemedy) {
  for (const WrongSchedule& row : kWrong) {
    const WorkloadResult result = read("schedule: {" + std::string(row.fields) + "}");
    EXPECT_FALSE(result.workload) << row.fields;
    ASSERT_EQ(result.problems.size(), 1u) << row.fields << "\n" << problems_text(result.problems);
    EXPECT_EQ(result.problems[0].path, "policies[0].schedule" + std::string(row.path))
        << row.fields;
    EXPECT_THAT(result.problems[0].message, HasSubstr(row.remedy)) << row.fields;
  }
}

TEST(PauseConfig, IsAWordOrHasAnEnd) {
  const char* track = "schedule: {cron: 0 8 * * *, for: 1h, min: 4}";
  EXPECT_EQ(read(track).workload->spec.pause, std::nullopt);
  EXPECT_EQ(read(track, "pause: all\n").workload->spec.pause,
            (Pause{Pause::Direction::kAll, std::nullopt}));
  EXPECT_EQ(read(track, "pause: in\n").workload->spec.pause,
            (Pause{Pause::Direction::kIn, std::nullopt}));
  const WorkloadResult ends =
      read(track, "pause: {direction: out, until: 2026-07-01 08:00, timeZone: Europe/Berlin}\n");
  ASSERT_TRUE(ends.workload) << problems_text(ends.problems);
  const Instant six{std::chrono::sys_days(std::chrono::year(2026) / 7 / 1) + std::chrono::hours(6)};
  EXPECT_EQ(ends.workload->spec.pause, (Pause{Pause::Direction::kOut, six}));
}

TEST(PauseConfig, SaysWhatIsWrong) {
  const char* track = "schedule: {cron: 0 8 * * *, for: 1h, min: 4}";
  const auto problem = [&](const char* pause) {
    const WorkloadResult result = read(track, std::string("pause: ") + pause + "\n");
    return problems_text(result.problems);
  };
  EXPECT_THAT(problem("yes"), HasSubstr("expected all, out or in"));
  EXPECT_THAT(problem("{until: 2026-07-01}"), HasSubstr("pause.direction: missing"));
  EXPECT_THAT(problem("{direction: in, until: tomorrow}"), HasSubstr("such as 2026-12-24 18:00"));
  EXPECT_THAT(problem("{direction: in, timeZone: UTC}"), HasSubstr("it goes with until"));
}

}  // namespace
}  // namespace autoscaler
