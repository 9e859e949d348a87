#pragma once

#include "policies/scene.h"

#include <span>

namespace autoscaler {

// The language of `formula` is total: every expression gives a number, or none for a stated reason.
// - A signal that is missing or has no traffic has no value, and what is made of it has none.
//   `default(x, y)` is y where x has none.
// - What is not finite (x / 0, an overflow) has no value either.
// - Comparisons give 1 or 0, and every number but 0 is true. `a && b` is 0 where either is 0, and
//   `a || b` is 1 where either is true, whatever the other is. `c ? x : y` asks only the branch
//   that it takes.
// Of several reasons for having no value, the leftmost is told.
struct FormulaValue {
  std::optional<double> value;
  // Where there is none: the signal that has none; nullopt: a result that is not finite.
  std::optional<uint16_t> lacks = std::nullopt;
};

// `signals`: what each signal of the workload is, by its index.
FormulaValue evaluate_formula(const FormulaSpec& formula, int32_t size,
                              std::span<const FormulaValue> signals);

// How far the operations may pile up values, which the parser checks.
inline constexpr size_t kFormulaDepth = 32;

// What FormulaSpec wants: the value, rounded up, 0 if it is negative. Without a value it has no
// number, and every missing signal in it speaks by its whenMissing; a result that is not finite
// holds. With a value it blocks nothing: what is missing was provided for.
Proposal propose(const FormulaSpec& formula, uint16_t policy, const Scene& scene,
                 const Readings& readings);

}  // namespace autoscaler
