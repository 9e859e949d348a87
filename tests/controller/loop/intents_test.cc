// The intents of many workloads are written in parts, all before the first change is made.
#include "controller/sim/memory_journal.h"
#include "tests/controller/loop/loop_fixture.h"
#include "tests/fakes/fake_scales.h"

#include <cstdio>
#include <set>

namespace autoscaler {
namespace {

using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

constexpr int kWorkloads = 600;  // three parts

std::string name_of(int number) {
  char name[16];
  std::snprintf(name, sizeof name, "app-%03d", number);
  return name;
}

std::string many() {
  std::string yaml = "workloads:\n";
  for (int i = 0; i < kWorkloads; ++i) {
    const std::string name = name_of(i);
    yaml += "  - name: " + name + "\n    target: {kubernetes: {namespace: store, name: " + name +
            "}}\n"
            "    replicas: {min: 2, max: 20}\n"
            "    signals: {rps: {source: kubernetes, external: rps, unit: perSecond}}\n"
            "    policies: [{track: {signal: rps, perInstance: 100/s}}]\n"
            "    behavior: {scaleDown: {stabilizationWindowSeconds: 60}}\n";
  }
  return yaml;
}

class DiskThatFills : public MemoryJournal {
 public:
  Status intend(std::span<const IntentRow> intents, std::span<const MemoryRow> memories,
                Instant now) override {
    parts.push_back(intents.size());
    if (parts.size() == fails_at) return Error{Code::kExhausted, "the disk is full"};
    return MemoryJournal::intend(intents, memories, now);
  }
  std::vector<size_t> parts;
  size_t fails_at = 0;  // 1 is the first; 0: none does
};

class IntentsTest : public LoopTest {
 protected:
  IntentsTest() : LoopTest(many()) {
    loop_ = std::make_unique<Loop>(std::make_shared<const Config>(config_), ports(), disk_, false,
                                   std::vector<Loop::Sink>{});
    for (int i = 0; i < kWorkloads; ++i) scales_.write(name_of(i), 4);
    scales_.before_write = [this] { parts_before_writes_.insert(disk_.parts.size()); };
    load_ = 400;
    run(std::chrono::minutes(2));
    load_ = 200;
    run(std::chrono::seconds(55));
    EXPECT_THAT(scales_.log, IsEmpty());
  }
  Ports ports() override { return {clock_, scales_, scales_, balancer_, balancer_, {&source_}}; }
  std::vector<std::string> memories() {
    std::vector<std::string> documents;
    const auto rows = disk_.memories();
    for (const MemoryRow& row : *rows) documents.push_back(row.document);
    return documents;
  }

  FakeScales scales_;
  DiskThatFills disk_;
  std::set<size_t> parts_before_writes_;
};

TEST_F(IntentsTest, all_parts_are_written_before_the_first_size_is) {
  tick();
  EXPECT_THAT(disk_.parts, ElementsAre(250, 250, 100));
  EXPECT_THAT(scales_.log, SizeIs(kWorkloads));
  EXPECT_THAT(parts_before_writes_, ElementsAre(3));
}

TEST_F(IntentsTest, a_part_that_is_not_written_stops_them_all) {
  disk_.fails_at = 2;
  tick();
  EXPECT_THAT(disk_.parts, ElementsAre(250, 250));
  EXPECT_THAT(scales_.log, IsEmpty()) << "nor that of a part that was written";
  for (const WorkloadTick& workload : last_->workloads) {
    EXPECT_EQ(workload.decision.reason, Reason::kJournal);
  }
  EXPECT_THAT(memories(), Each(HasSubstr("\"desired\":4"))) << "of the first part too";
  tick();
  EXPECT_THAT(scales_.log, SizeIs(kWorkloads));
  EXPECT_THAT(memories(), Each(HasSubstr("\"desired\":2")));
}

}  // namespace
}  // namespace autoscaler
