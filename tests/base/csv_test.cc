#include "base/csv.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace autoscaler {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<CsvReader::Row> rows_of(std::string_view text) {
  std::vector<CsvReader::Row> rows;
  auto reader = CsvReader::open(text);
  EXPECT_TRUE(reader.ok());
  CsvReader::Row row;
  while (reader.ok() && *reader->next(row)) rows.push_back(row);
  return rows;
}

TEST(Csv, KnowsWhereAColumnStands) {
  const auto reader = CsvReader::open("size,colour,name\n");
  ASSERT_TRUE(reader.ok());
  EXPECT_EQ(reader->column("size"), 0u);
  EXPECT_EQ(reader->column("name"), 2u);
  EXPECT_EQ(reader->column("nam"), std::nullopt);
}

TEST(Csv, ReadsQuotedCommasNewlinesAndQuotes) {
  EXPECT_THAT(rows_of("name,size\n\"a,\"\"b\"\"\r\nc\",3\nd\"e\",4\n"),
              ElementsAre(ElementsAre("a,\"b\"\r\nc", "3"), ElementsAre("d\"e\"", "4")));
}

TEST(Csv, TakesEmptyFieldsEmptyLinesAndNoNewlineAtTheEnd) {
  EXPECT_THAT(rows_of("name,size,\r\n,,\r\n\r\nx,,"),
              ElementsAre(ElementsAre("", "", ""), ElementsAre("x", "", "")));
  EXPECT_THAT(rows_of("name,size\n"), IsEmpty());
  EXPECT_THAT(rows_of(""), IsEmpty());
}

TEST(Csv, NamesTheLineOfWhatIsWrong) {
  const struct {
    const char* text;
    const char* message;
  } cases[] = {
      {"name,size\na,1\nb\n", "line 3: 1 fields where the header has 2"},
      {"name,size\na,1,9\n", "line 2: 3 fields where the header has 2"},
      {"name,size\na,\"1\n2\"\nb\n", "line 4: 1 fields where the header has 2"},
      {"name,size\na,\"1\n", "line 2: a quote is never closed"},
      {"\"name,size\n", "line 1: a quote is never closed"},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.text);
    auto reader = CsvReader::open(c.text);
    CsvReader::Row row;
    Result<bool> read = true;
    while (reader.ok() && read.ok() && *read) read = reader->next(row);
    const Error* error = !reader.ok() ? &reader.error() : read.ok() ? nullptr : &read.error();
    ASSERT_NE(error, nullptr);
    EXPECT_EQ(error->code, Code::kInvalid);
    EXPECT_EQ(error->message, c.message);
  }
}

}  // namespace
}  // namespace autoscaler
