// Our decisions beside those of the model, over a million cases. A case that differs is told whole.
#include "tests/policies/reference/random_case.h"

#include <gtest/gtest.h>

#include <cstdlib>

namespace reference {
namespace {

// Under sanitizers, which slow both down, fewer are asked for (tests/policies/CMakeLists.txt).
constexpr int kCases = REFERENCE_CASES / 4;

// The first thing in which ours differs from the model's; empty where nothing does.
std::string difference(const Case& one, const Answer& wanted) {
  const Inputs inputs = inputs_of(one);
  const autoscaler::Decision ours =
      evaluate(inputs.spec, inputs.workload, inputs.signals, inputs.recent, inputs.now);
  const auto differs = [](const std::string& what, auto mine, auto its) {
    return what + " is " + std::to_string(mine) + ", the model says " + std::to_string(its);
  };
  if (ours.proposals.size() != wanted.proposals.size()) {
    return differs("the number of proposals", ours.proposals.size(), wanted.proposals.size());
  }
  for (size_t i = 0; i < wanted.proposals.size(); ++i) {
    const autoscaler::Proposal& mine = ours.proposals[i];
    const Proposal& its = wanted.proposals[i];
    const std::string of = " of metric " + std::to_string(i);
    if (mine.replicas.value_or(-1) != its.replicas.value_or(-1)) {
      return differs("the proposal" + of, mine.replicas.value_or(-1), its.replicas.value_or(-1));
    }
    const double unit = one.metrics[i].target == "Utilization" ? 1 : 1000;
    const double reported = static_cast<double>(its.reported.value_or(-1)) / unit;
    if (mine.replicas && mine.current.value_or(-1 / unit) != reported) {
      return differs("the usage" + of, mine.current.value_or(-1), reported);
    }
  }
  const int64_t remembered = ours.remember ? ours.combined : -1;
  if (remembered != wanted.recommendation.value_or(-1)) {
    return differs("what is remembered", remembered, wanted.recommendation.value_or(-1));
  }
  if (ours.to != wanted.replicas) return differs("the size", ours.to, wanted.replicas);
  return "";
}

class HpaReference : public testing::TestWithParam<uint64_t> {};

TEST_P(HpaReference, DecidesTheSame) {
  Random random(GetParam());
  int moved = 0;
  int failed = 0;
  for (int i = 0; i < kCases; ++i) {
    const Case one = random_case(random);
    const Answer answer = decide(one);
    const std::string differs = difference(one, answer);
    ASSERT_EQ(differs, "") << "case " << i << ": " << describe(one);
    moved += answer.replicas != one.spec_replicas;
    failed += !answer.recommendation.has_value();
  }
  EXPECT_GT(moved, kCases / 10) << "the cases say too little";
  EXPECT_GT(failed, kCases / 20);
  EXPECT_LT(failed, kCases * 3 / 4);
}

INSTANTIATE_TEST_SUITE_P(Seeds, HpaReference, testing::Values(1, 2, 3, 4));

}  // namespace
}  // namespace reference
