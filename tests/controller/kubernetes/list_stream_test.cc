#include "controller/kubernetes/list_stream.h"

#include <gtest/gtest.h>

#include <vector>

namespace autoscaler {
namespace {

struct Cut {
  std::vector<std::string> items;
  std::string metadata;
  std::string error;
};

Cut cut(std::string_view list, size_t piece, size_t most = 1000) {
  Cut result;
  ListStream stream(
      [&](std::string_view item) -> Status {
        result.items.emplace_back(item);
        return Done{};
      },
      most);
  Status fed = Done{};
  for (size_t i = 0; i < list.size() && fed.ok(); i += piece)
    fed = stream.feed(list.substr(i, piece));
  if (fed.ok()) fed = stream.end();
  if (!fed.ok()) result.error = fed.error().message;
  result.metadata = stream.metadata();
  return result;
}

TEST(ListStream, CutsItemsOutWhereverTheBytesAreDivided) {
  const std::string list =
      R"({"kind":"PodList","items":"no","metadata":{"resourceVersion":"7","a":{"items":[{}]}},)"
      "\n"
      R"( "items" : [ {"a":"}]\"{","items":[{"x":[1,{"y":2}]}]} , {} ,{"b":"\\"}], "more":[{"z":1}]} )";
  for (size_t piece = 1; piece <= list.size(); ++piece) {
    const Cut result = cut(list, piece);
    ASSERT_EQ(result.error, "");
    ASSERT_EQ(result.items,
              (std::vector<std::string>{R"({"a":"}]\"{","items":[{"x":[1,{"y":2}]}]})", "{}",
                                        R"({"b":"\\"})"}));
    ASSERT_EQ(result.metadata, R"({"resourceVersion":"7","a":{"items":[{}]}})");
  }
}

TEST(ListStream, AnEmptyListHasNoItems) {
  for (const char* list : {R"({"metadata":{"resourceVersion":"7"},"items":[]})",
                           R"({"items":null,"metadata":{"resourceVersion":"7"}})"}) {
    const Cut result = cut(list, 5);
    EXPECT_EQ(result.error, "");
    EXPECT_TRUE(result.items.empty());
    EXPECT_EQ(result.metadata, R"({"resourceVersion":"7"})");
  }
}

TEST(ListStream, WhatIsNoListIsAnError) {
  EXPECT_EQ(cut("", 9).error, "the answer is no list: it ends too early");
  EXPECT_EQ(cut("404 page not found", 9).error, "the answer is no list: it does not begin with {");
  EXPECT_EQ(cut(R"({"items":[{}])", 9).error, "the answer is no list: it ends too early");
  EXPECT_EQ(cut(R"({"items":[{}}])", 9).error, "the answer is no list: its brackets do not match");
  EXPECT_EQ(cut(R"({"items":[{}]}{)", 9).error,
            "the answer is no list: there is more behind its end");
  EXPECT_EQ(cut(std::string(1000, '{'), 9).error,
            "the answer is no list: its brackets are too deep");
  EXPECT_EQ(cut("{\"" + std::string(1000, 'a'), 9).error,
            "the answer is no list: a key without an end");
}

TEST(ListStream, HoldsNoItemPastTheCap) {
  const std::string item = R"({"a":")" + std::string(92, 'x') + "\"}";
  EXPECT_EQ(cut(R"({"items":[)" + item + "]}", 7, item.size()).error, "");
  EXPECT_EQ(cut(R"({"items":[)" + item + "]}", 7, item.size() - 1).error,
            "an item of the list is longer than 99 bytes");
}

TEST(ListStream, EndsWhereAnItemIsRefused) {
  int items = 0;
  ListStream stream([&](std::string_view) -> Status {
    ++items;
    return Error{Code::kInvalid, "not this one"};
  });
  const Status fed = stream.feed(R"({"items":[{},{}]})");
  ASSERT_FALSE(fed.ok());
  EXPECT_EQ(fed.error().message, "not this one");
  EXPECT_EQ(items, 1);
}

}  // namespace
}  // namespace autoscaler
