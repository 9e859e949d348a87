#include "policies/formula.h"

#include "policies/formula_parser.h"
#include "policies/recent.h"
#include "tests/policies/scene_builder.h"

#include <gtest/gtest.h>

namespace autoscaler {
namespace {

using namespace testing;

const std::vector<std::string> kSignals = {"rps", "queue", "gone", "idle", "rps-fast"};

FormulaSpec parsed(const std::string& text) {
  const auto formula = parse_formula(text, kSignals);
  EXPECT_TRUE(formula.ok()) << text << ": " << (formula.ok() ? "" : formula.error().message);
  return formula.ok() ? *formula : FormulaSpec{text, {{.number = 0}}};
}

// rps 600, queue 40, rps-fast 900; gone is missing, idle has no traffic; the size is 4.
FormulaValue value_of(const std::string& text) {
  const FormulaValue signals[] = {{600}, {40}, {std::nullopt, 2}, {std::nullopt, 3}, {900}};
  return evaluate_formula(parsed(text), 4, signals);
}

TEST(Formula, ComputesAsItIsWritten) {
  const struct {
    const char* text;
    double want;
  } cases[] = {
      {"rps / 120 + queue / 50", 5.8},
      {"rps - 100 - 100", 400},
      {"rps / 10 / 2", 30},
      {"2 + rps * 3", 1802},
      {"(2 + rps) * 3", 1806},
      {"-rps + 1e3", 400},
      {"- -queue", 40},
      {"queue * 70%", 28},
      {".5 * queue", 20},
      {"'rps-fast' - rps", 300},
      {"\"rps-fast\" - rps", 300},
      {"size * rps / 300", 8},
      {"min(rps, queue)", 40},
      {"max(1, queue, rps, 2)", 600},
      {"max(queue)", 40},
      {"abs(queue - rps)", 560},
      {"ceil(queue / 7)", 6},
      {"floor(queue / 7)", 5},
      {"rps > 500", 1},
      {"rps > 600", 0},
      {"rps >= 600 && queue <= 40", 1},
      {"rps < 600 || queue < 40", 0},
      {"rps == 600", 1},
      {"rps != 600", 0},
      {"!(rps > 500)", 0},
      {"rps > 500 ? queue : 1", 40},
      {"rps > 700 ? 9 : queue > 30 ? 5 : 3", 5},
      {"rps < 0 || rps > 1 && queue > 1", 1},
      {"default(rps, 7)", 600},
  };
  for (const auto& c : cases) EXPECT_EQ(value_of(c.text).value, c.want) << c.text;
}

TEST(Formula, WhatHasNoValueSaysWhichSignalLacksIt) {
  const struct {
    const char* text;
    std::optional<double> want;
    std::optional<uint16_t> lacks;
  } cases[] = {
      {"gone", {}, 2},
      {"rps + gone", {}, 2},
      {"idle * gone", {}, 3},
      {"-gone", {}, 2},
      {"min(rps, gone)", {}, 2},
      {"gone < 3", {}, 2},
      {"default(gone, 7)", 7, {}},
      {"default(idle, queue) + 1", 41, {}},
      {"default(gone, idle)", {}, 3},
      {"rps / (queue - 40)", {}, {}},
      {"default(rps / (queue - 40), 3)", 3, {}},
      {"rps * 1e308 * 1e308", {}, {}},
      {"(queue - 40) / (queue - 40)", {}, {}},
      {"gone && queue < 0", 0, {}},
      {"queue < 0 && gone", 0, {}},
      {"gone && queue", {}, 2},
      {"gone || queue", 1, {}},
      {"queue < 0 || gone", {}, 2},
      {"gone ? rps : queue", {}, 2},
      {"rps > 1 ? queue : gone", 40, {}},
      {"rps > 1 ? gone : queue", {}, 2},
  };
  for (const auto& c : cases) {
    const FormulaValue value = value_of(c.text);
    EXPECT_EQ(value.value, c.want) << c.text;
    if (!c.want) {
      EXPECT_EQ(value.lacks, c.lacks) << c.text;
    }
  }
}

TEST(Formula, MistakesAreToldWithTheirColumn) {
  const struct {
    const char* text;
    const char* want;
  } cases[] = {
      {"", "column 1: a number, a signal"},
      {"rps +", "column 6: a number, a signal"},
      {"rps queue", "column 5: there is more"},
      {"(rps", "column 5: ')' is missing"},
      {"min(rps", "column 8: ')' is missing"},
      {"rsp / 2", "column 1: no signal is called 'rsp'; there are rps, queue, gone"},
      {"rps-fast", "column 5: no signal is called 'fast'"},
      {"'rps", "column 1: the closing quote"},
      {"median(rps)", "column 1: there is no function 'median'"},
      {"abs(rps, 2)", "column 1: abs takes 1 argument"},
      {"default(rps)", "column 1: default takes 2 arguments"},
      {"min()", "column 5: a number, a signal"},
      {"1 < rps < 3", "column 10: comparisons do not chain"},
      {"rps ? 1", "column 8: a '?' needs its ':'"},
      {"rps > 300ms", "column 10: numbers have no unit"},
      {"rps * 1e999", "column 7: this is no number"},
      {"size + 1", "column 9: no signal is read"},
      {"rps & 1", "column 5: there is more"},
  };
  for (const auto& c : cases) {
    const auto formula = parse_formula(c.text, kSignals);
    ASSERT_FALSE(formula.ok()) << c.text;
    EXPECT_TRUE(formula.error().message.starts_with(c.want))
        << c.text << ": " << formula.error().message;
  }
}

TEST(Formula, LengthAndDepthAreBounded) {
  const std::string deep(100'000, '(');
  EXPECT_FALSE(parse_formula(deep + "rps", kSignals).ok());
  EXPECT_FALSE(parse_formula(std::string(100'000, '-') + "rps", kSignals).ok());
  std::string wide = "rps";
  for (int i = 0; i < 300; ++i) wide += " + rps";
  EXPECT_FALSE(parse_formula(wide, kSignals).ok());
  std::string right = "rps";
  for (int i = 0; i < 31; ++i) right = "rps + (" + right + ")";
  EXPECT_EQ(value_of(right).value, 32 * 600.0);
  EXPECT_FALSE(parse_formula("rps + (" + right + ")", kSignals).ok());
}

WorkloadSpec formula_of(const std::string& text) {
  WorkloadSpec spec = spec_of(parsed(text));
  spec.signals.clear();
  for (const std::string& name : kSignals) spec.signals.push_back(signal_spec(name));
  spec.signals[3].kind = SignalSpec::Kind::kRatio;
  return spec;
}

Proposal ask(const WorkloadSpec& spec, const Recent& recent = {}) {
  const Signals signals = {for_service(600.0), for_service(40.0), for_service(missing()),
                           for_service(measured(RatioParts{0, 0})), for_service(900.0)};
  return evaluate(spec, workload_of(4), signals, recent, kStart).proposals.at(0);
}

TEST(Formula, WantsItsValueRoundedUp) {
  EXPECT_EQ(ask(formula_of("rps / 120 + queue / 50")).replicas, 6);
  EXPECT_EQ(ask(formula_of("rps / 120 + queue / 50")).current, 5.8);
  EXPECT_EQ(ask(formula_of("rps * 0.1 - 57")).replicas, 3) << "3.0000000000000000x is 3";
  EXPECT_EQ(ask(formula_of("queue - rps")).replicas, 0);
}

TEST(Formula, AMissingSignalThatWasProvidedForBlocksNothing) {
  const Proposal proposal = ask(formula_of("default(gone, 3)"));
  EXPECT_EQ(proposal.replicas, 3);
  EXPECT_FALSE(proposal.blocks_in);
}

TEST(Formula, TheLastValueOfAMissingSignalSpeaksAndIsNamed) {
  auto spec = formula_of("rps / 120 + gone");
  spec.signals[2].when_missing = {.kind = WhenMissing::Kind::kLast, .hold_last_for = 1min};
  Recent recent = first_sight(spec, 4, kStart);
  recent.signals[2].last_value = 3;
  recent.signals[2].last_value_at = kStart - 30s;
  const Proposal proposal = ask(spec, recent);
  EXPECT_EQ(proposal.replicas, 8);
  EXPECT_EQ(proposal.missing, MissingReason::kTimeout);
  EXPECT_EQ(proposal.fallback, WhenMissing::Kind::kLast);
  EXPECT_FALSE(proposal.blocks_in);
  EXPECT_FALSE(ask(formula_of("rps / 120"), recent).missing) << "it does not read it";
}

TEST(Formula, WithoutAValueWhenMissingSpeaks) {
  auto spec = formula_of("rps / 120 + gone");
  const Proposal held = ask(spec);
  EXPECT_EQ(held.abstain, AbstainReason::kHeld);
  EXPECT_EQ(held.signal, 2);
  EXPECT_TRUE(held.blocks_in);
  spec.signals[2].when_missing.kind = WhenMissing::Kind::kIgnore;
  EXPECT_EQ(ask(spec).abstain, AbstainReason::kSignalMissing);
  EXPECT_FALSE(ask(spec).blocks_in);
  spec.signals[2].when_missing = {.kind = WhenMissing::Kind::kFloor, .replicas = 9};
  EXPECT_EQ(ask(spec).replicas, 9);
}

TEST(Formula, NoTrafficAbstainsAndAResultThatIsNotFiniteHolds) {
  EXPECT_EQ(ask(formula_of("rps * idle")).abstain, AbstainReason::kNoTraffic);
  const Proposal divided = ask(formula_of("rps / (queue - 40)"));
  EXPECT_EQ(divided.missing, MissingReason::kNotFinite);
  EXPECT_TRUE(divided.blocks_in);
}

}  // namespace
}  // namespace autoscaler
