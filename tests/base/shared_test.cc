#include "base/shared.h"

#include "base/shared_text.h"

#include <gmock/gmock.h>

namespace autoscaler {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(Shared, WhatIsChangedIsTheOwnAndTheOthersKeepTheirs) {
  Shared<int> one(1);
  const Shared<int> other = one;
  EXPECT_EQ(one.get(), other.get());
  one.edit() = 2;
  EXPECT_EQ(*one, 2);
  EXPECT_EQ(*other, 1);
  const int* const own = one.get();
  one.edit() = 3;
  EXPECT_EQ(one.get(), own) << "nobody else has it any more: it is changed in place";
}

TEST(Shared, NoneIsMadeWhenItIsFirstChanged) {
  Shared<int> none;
  EXPECT_FALSE(none);
  EXPECT_EQ(none.get(), nullptr);
  none.edit() = 5;
  EXPECT_EQ(*none, 5);
}

TEST(SharedList, IsTheSameUntilOneOfThemIsChanged) {
  SharedList<int> one{1, 2};
  SharedList<int> other = one;
  EXPECT_TRUE(one.is_same(other));
  other.push_back(3);
  EXPECT_FALSE(one.is_same(other));
  EXPECT_THAT(one, ElementsAre(1, 2));
  EXPECT_THAT(other, ElementsAre(1, 2, 3));
  EXPECT_FALSE(one.is_same(SharedList<int>{1, 2})) << "as long and alike, and another";
  EXPECT_THAT(SharedList<int>(), IsEmpty());
}

TEST(SharedText, CopiesAreTheSameTextAndOthersAreComparedByTheirLetters) {
  const std::vector<SharedText> both(2, SharedText("shop-5d9c7b8f6d-00001"));
  const SharedText& one = both[0];
  EXPECT_EQ(&one.str(), &both[1].str());
  EXPECT_EQ(one, both[1]);
  EXPECT_EQ(one, SharedText("shop-5d9c7b8f6d-00001"));
  EXPECT_NE(one, SharedText("shop-5d9c7b8f6d-00002"));
  EXPECT_LT(one, SharedText("shop-5d9c7b8f6d-00002"));
  EXPECT_EQ(one, "shop-5d9c7b8f6d-00001");
  EXPECT_EQ("pod " + one + "!", "pod shop-5d9c7b8f6d-00001!");
}

TEST(SharedText, AnEmptyOneIsThatOfNoText) {
  EXPECT_TRUE(SharedText().empty());
  EXPECT_TRUE(SharedText("").empty());
  EXPECT_EQ(SharedText(), SharedText(""));
  EXPECT_EQ(SharedText().str(), "");
  EXPECT_LT(SharedText(), SharedText("a"));
}

}  // namespace
}  // namespace autoscaler
