#include "controller/journal/sqlite.h"
#include "tests/controller/journal/journal_fixture.h"

namespace autoscaler {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

const std::string kBytes("\0\x01 any\xff", 7);

TEST_F(JournalTest, LearnedPartsComeBackByteByByteAndAreReplaced) {
  auto journal = open();
  const LearnedRow old[] = {{"shop", "capacity:rps", 1, "old"}, {"cart", "forecast:rps", 7, ""}};
  ASSERT_TRUE(journal->checkpoint(old, kTen).ok());
  const LearnedRow newer[] = {{"shop", "capacity:rps", 2, kBytes}};
  ASSERT_TRUE(journal->checkpoint(newer, kTen).ok());
  journal = nullptr;
  journal = open();
  const auto learned = journal->learned();
  ASSERT_TRUE(learned.ok());
  ASSERT_EQ(learned->rows.size(), 2u);
  EXPECT_EQ(learned->rows[0].workload, "cart");
  EXPECT_EQ(learned->rows[0].version, 7u);
  EXPECT_EQ(learned->rows[0].bytes, "");
  EXPECT_EQ(learned->rows[1].part, "capacity:rps");
  EXPECT_EQ(learned->rows[1].version, 2u);
  EXPECT_EQ(learned->rows[1].bytes, kBytes);
  EXPECT_TRUE(learned->damaged.empty());
  EXPECT_TRUE(journal->verify().ok());
}

TEST_F(JournalTest, ADamagedPartIsNamedAndTheOthersAreRead) {
  const LearnedRow rows[] = {{"cart", "capacity:rps", 1, kBytes}, {"shop", "capacity:rps", 1, "x"}};
  ASSERT_TRUE(open()->checkpoint(rows, kTen).ok());
  Result<Database> raw = Database::open(path_, Database::Access::kCreate);
  ASSERT_TRUE(raw.ok());
  ASSERT_TRUE(raw->run("UPDATE learned SET bytes = x'79' WHERE workload = 'shop'").ok());
  auto journal = open();
  const auto learned = journal->learned();
  ASSERT_TRUE(learned.ok());
  EXPECT_EQ(learned->rows.size(), 1u);
  EXPECT_THAT(learned->damaged, ElementsAre("shop/capacity:rps"));
  const Status verified = journal->verify();
  ASSERT_FALSE(verified.ok());
  EXPECT_THAT(verified.error().message,
              HasSubstr("what was learned of shop/capacity:rps does not fit its checksum"));
}

}  // namespace
}  // namespace autoscaler
