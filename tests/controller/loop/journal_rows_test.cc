#include "controller/journal_rows.h"

#include "controller/sim/memory_journal.h"
#include "tests/controller/loop/loop_fixture.h"

#include <gmock/gmock.h>

#include <set>

namespace autoscaler {
namespace {

using testing::IsEmpty;
using testing::SizeIs;

constexpr size_t kWorkloads = 250;

std::shared_ptr<const Config> many_workloads() {
  std::string text = "workloads:\n";
  for (size_t i = 0; i < kWorkloads; ++i) {
    const std::string name = "app-" + std::to_string(1000 + i);
    text += "  - {name: " + name + ", target: {kubernetes: {namespace: shop, name: " + name +
            "}}, replicas: {min: 1, max: 9}, signals: {cpu: {source: kubernetes, resource: cpu}}, "
            "policies: [{track: {signal: cpu, target: 50%}}]}\n";
  }
  ConfigResult read = parse_config(text, "config.yaml");
  EXPECT_THAT(read.problems, IsEmpty());
  return std::make_shared<const Config>(*std::move(read.config));
}

TickRecord tick_of(std::shared_ptr<const Config> config, Instant now) {
  TickRecord tick;
  tick.now = now;
  for (const WorkloadConfig& workload : config->workloads) {
    WorkloadTick& one = tick.workloads.emplace_back();
    one.config = &workload;
    one.recent.emplace();
    one.signals.push_back({Reading(Missing{MissingReason::kNoTarget, {}})});
    one.decision.signals.resize(1);
  }
  tick.config = std::move(config);
  return tick;
}

std::vector<JournalRows::Rows> parts_of(JournalRows& rows, const TickRecord& tick) {
  const std::vector<WorkloadMemory> memories(kWorkloads);
  std::vector<JournalRows::Rows> parts;
  for (size_t next = 0; next < kWorkloads;) {
    parts.push_back(rows.choose(tick, memories, false, next));
  }
  return parts;
}

TEST(JournalRowsTest, what_many_have_to_record_at_once_comes_in_parts) {
  const auto config = many_workloads();
  JournalRows rows(*config);
  const Instant begin{std::chrono::hours(24)};
  size_t next = 0;
  for (const JournalRows::Rows& part : parts_of(rows, tick_of(config, begin))) {
    EXPECT_LE(part.records.size(), 100u);
    ASSERT_EQ(part.records.size(), part.memories.size());
    for (size_t i = 0; i < part.records.size(); ++i, ++next) {
      EXPECT_EQ(part.records[i].workload, config->workloads[next].spec.name);
      EXPECT_EQ(part.memories[i].workload, part.records[i].workload)
          << "a record and its memory are in one transaction";
    }
    EXPECT_THAT(part.demand, IsEmpty());
  }
  EXPECT_EQ(next, kWorkloads);

  const auto later = parts_of(rows, tick_of(config, begin + std::chrono::minutes(1)));
  for (size_t i = 0; i + 1 < later.size(); ++i) EXPECT_THAT(later[i].demand, IsEmpty());
  EXPECT_THAT(later.back().demand, SizeIs(kWorkloads)) << "of the minute before, once";
}

// Of three parts the second is not written.
class DiskThatIsFull : public MemoryJournal {
 public:
  Status append(std::span<const RecordRow> records, std::span<const DemandRow> demand,
                std::span<const MemoryRow> memories, Instant now) override {
    if (++parts == 2) return Error{Code::kExhausted, "the disk is full"};
    for (const RecordRow& row : records) recorded.insert(row.workload);
    return MemoryJournal::append(records, demand, memories, now);
  }
  int parts = 0;
  std::set<std::string> recorded;
};

class JournalPartsTest : public LoopTest {};

TEST_F(JournalPartsTest, a_part_that_is_not_written_comes_again_with_the_next_tick) {
  DiskThatIsFull journal;
  Loop loop(many_workloads(), ports(), journal, false, {});
  EXPECT_TRUE(loop.tick()->journal_error) << "though a third part could have been written";
  EXPECT_EQ(journal.parts, 2);
  EXPECT_THAT(journal.recorded, SizeIs(100));
  clock_.advance(std::chrono::seconds(5));
  EXPECT_FALSE(loop.tick()->journal_error);
  EXPECT_THAT(journal.recorded, SizeIs(kWorkloads));
}

}  // namespace
}  // namespace autoscaler
