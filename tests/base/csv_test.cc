#include "base/csv.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace autoscaler {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr std::string_view kNameAndSize[] = {"name", "size"};

TEST(Csv, KeepsTheWantedColumnsInTheWantedOrder) {
  const auto rows = read_csv("size,colour,name\n1,red,a\n2,blue,b\n", kNameAndSize);
  ASSERT_TRUE(rows.ok());
  EXPECT_THAT(*rows, ElementsAre(ElementsAre("a", "1"), ElementsAre("b", "2")));
}

TEST(Csv, ReadsQuotedCommasNewlinesAndQuotes) {
  const auto rows = read_csv("name,size\n\"a,\"\"b\"\"\nc\",3\n", kNameAndSize);
  ASSERT_TRUE(rows.ok());
  EXPECT_THAT(*rows, ElementsAre(ElementsAre("a,\"b\"\nc", "3")));
}

TEST(Csv, TakesEmptyFieldsEmptyLinesAndNoNewlineAtTheEnd) {
  const auto rows = read_csv("name,size,\r\n,,\r\n\r\nx,,", kNameAndSize);
  ASSERT_TRUE(rows.ok());
  EXPECT_THAT(*rows, ElementsAre(ElementsAre("", ""), ElementsAre("x", "")));
  EXPECT_THAT(*read_csv("name,size\n", kNameAndSize), IsEmpty());
}

TEST(Csv, NamesTheRowOfWhatIsWrong) {
  const struct {
    const char* text;
    const char* message;
  } cases[] = {
      {"", "row 1: there is no column 'name'"},
      {"name,colour\na,b\n", "row 1: there is no column 'size'"},
      {"name,size\na,1\nb\n", "row 3: 1 fields, where the header has 2"},
      {"name,size\na,1,9\n", "row 2: 3 fields, where the header has 2"},
      {"name,size\na,\"1\n", "row 2: a quote is never closed"},
      {"\"name,size\n", "row 1: a quote is never closed"},
  };
  for (const auto& c : cases) {
    const auto rows = read_csv(c.text, kNameAndSize);
    ASSERT_FALSE(rows.ok()) << c.text;
    EXPECT_EQ(rows.error().code, Code::kInvalid);
    EXPECT_THAT(rows.error().message, HasSubstr(c.message));
  }
}

}  // namespace
}  // namespace autoscaler
