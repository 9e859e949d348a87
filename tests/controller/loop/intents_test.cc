// The intents of many workloads are written in parts, all before the first change is made.
#include "controller/sim/memory_journal.h"
#include "tests/controller/loop/loop_fixture.h"
#include "tests/fakes/fake_scales.h"

#include <set>

namespace autoscaler {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::SizeIs;

constexpr int kWorkloads = 600;  // three parts

std::string name_of(int number) {
  return "app-" + std::to_string(100 + number);
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

// Keeps how many intents came in each part.
class PartsJournal : public MemoryJournal {
 public:
  Status intend(const std::function<IntentPart()>& next, Instant now) override {
    const auto counted = [&] {
      IntentPart part = next();
      if (!part.intents.empty()) parts.push_back(part.intents.size());
      return part;
    };
    ++calls;
    return MemoryJournal::intend(counted, now);
  }
  int calls = 0;
  std::vector<size_t> parts;
};

class IntentsTest : public LoopTest {
 protected:
  IntentsTest() : LoopTest(many()) {
    loop_ = std::make_unique<Loop>(std::make_shared<const Config>(config_), ports(), disk_, false,
                                   std::vector<Loop::Sink>{});
    for (int i = 0; i < kWorkloads; ++i) scales_.write(name_of(i), 4);
    scales_.before_write = [this] { before_writes_.insert(disk_.parts.size()); };
  }
  Ports ports() override { return {clock_, scales_, scales_, balancer_, balancer_, {&source_}}; }

  FakeScales scales_;
  PartsJournal disk_;
  std::set<size_t> before_writes_;  // how many parts there were then
};

TEST_F(IntentsTest, all_parts_are_written_as_one_before_the_first_size_is) {
  settle_at(400);
  EXPECT_EQ(disk_.calls, 0) << "at rest nothing is intended";
  load_ = 800;
  tick();
  EXPECT_EQ(disk_.calls, 1);
  EXPECT_THAT(disk_.parts, ElementsAre(250, 250, 100));
  EXPECT_THAT(scales_.log, SizeIs(kWorkloads));
  EXPECT_THAT(before_writes_, ElementsAre(3));
  const auto memories = disk_.memories();
  for (const MemoryRow& row : *memories) EXPECT_THAT(row.document, HasSubstr("\"desired\":8"));
}

}  // namespace
}  // namespace autoscaler
