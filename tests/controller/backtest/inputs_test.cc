#include "controller/backtest_inputs.h"
#include "controller/journal/journal.h"
#include "tests/fakes/temp_directory.h"

#include <gmock/gmock.h>

namespace autoscaler {
namespace {

using testing::HasSubstr;

constexpr int64_t kStart = 1767571200;

// A journal of two workloads, an hour of demand each.
std::string journal_in(const TempDirectory& directory) {
  const std::string file = directory / "journal.db";
  const auto journal = Journal::open(file, {}, false);
  CHECK(journal.ok());
  std::vector<DemandRow> rows;
  for (int minute = 0; minute < 60; ++minute) {
    const Instant at(std::chrono::seconds(kStart + 60 * minute));
    rows.push_back({.workload = "shop", .minute = at, .requests_per_second = 100.0 + minute});
    rows.push_back({.workload = "api", .minute = at, .requests_per_second = 7.0});
    rows.push_back({.workload = "batch", .minute = at, .requests_per_second = std::nullopt});
  }
  CHECK((*journal)->append({}, rows, {}, rows.back().minute).ok());
  return file;
}

TEST(Inputs, AJournalsDemandIsALoad) {
  const TempDirectory directory;
  LoadOptions options;
  options.journal = journal_in(directory);
  options.scale = 2;
  const auto load = load_of(options, "shop");
  ASSERT_TRUE(load) << load.error().message;
  EXPECT_EQ(load->step_s, 60);
  ASSERT_EQ(load->rows.size(), 60u);
  EXPECT_EQ(load->rows[3].at_s, kStart + 180);
  EXPECT_EQ(load->rows[3].value, 206);
}

TEST(Inputs, AJournalOfSeveralWorkloadsAsksWhich) {
  const TempDirectory directory;
  LoadOptions options;
  options.journal = journal_in(directory);
  EXPECT_THAT(load_of(options, "").error().message,
              HasSubstr("journal.db: say whose demand with --workload: api, shop"));
  EXPECT_THAT(load_of(options, "batch").error().message,
              HasSubstr("has no demand of 'batch': it has that of api, shop"));
}

TEST(Inputs, OfALongLoadTheLastDaysAreTaken) {
  LoadOptions options;
  options.synthetic = "days=60";
  const auto load = load_of(options, "");
  ASSERT_TRUE(load);
  EXPECT_EQ(load->rows.size(), 52u * 1440);
  EXPECT_EQ(load->rows.back().at_s, kStart + 60 * 86400 - 60);
  options.last = std::chrono::days(60);
  EXPECT_EQ(load_of(options, "")->rows.size(), 60u * 1440);
}

}  // namespace
}  // namespace autoscaler
