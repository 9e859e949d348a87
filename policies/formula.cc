#include "policies/formula.h"

#include "base/check.h"
#include "policies/counts.h"
#include "policies/marks.h"

#include <array>
#include <cmath>

namespace autoscaler {
namespace {

using Code = FormulaOp::Code;

FormulaValue finite(double value) {
  if (!std::isfinite(value)) return {};
  return {value};
}

double truth(bool is) {
  return is ? 1 : 0;
}

double unary(Code code, double x) {
  switch (code) {
    case Code::kNegate: return -x;
    case Code::kNot: return truth(x == 0);
    case Code::kAbs: return std::abs(x);
    case Code::kCeil: return std::ceil(x);
    default: return std::floor(x);
  }
}

double binary(Code code, double x, double y) {
  switch (code) {
    case Code::kAdd: return x + y;
    case Code::kSubtract: return x - y;
    case Code::kMultiply: return x * y;
    case Code::kDivide: return x / y;
    case Code::kMin: return std::min(x, y);
    case Code::kMax: return std::max(x, y);
    case Code::kLess: return truth(x < y);
    case Code::kLessOrEqual: return truth(x <= y);
    case Code::kGreater: return truth(x > y);
    case Code::kGreaterOrEqual: return truth(x >= y);
    case Code::kEqual: return truth(x == y);
    default: return truth(x != y);
  }
}

// `decides` is the operand that settles it alone: 0 for &&, anything else for ||.
FormulaValue logic(bool decides_if_true, const FormulaValue& x, const FormulaValue& y) {
  for (const FormulaValue* each : {&x, &y}) {
    if (each->value && (*each->value != 0) == decides_if_true) return {truth(decides_if_true)};
  }
  if (!x.value) return x;
  if (!y.value) return y;
  return {truth(!decides_if_true)};
}

// The values of a postfix expression, as they pile up.
class Pile {
 public:
  void push(const FormulaValue& value) {
    CHECK(count_ < values_.size());
    values_[count_++] = value;
  }
  FormulaValue pop() {
    CHECK(count_ > 0);
    return values_[--count_];
  }

  void apply(Code code) {
    switch (code) {
      case Code::kNumber:
      case Code::kSignal:
      case Code::kSize: CHECK(false); break;
      case Code::kNegate:
      case Code::kNot:
      case Code::kAbs:
      case Code::kCeil:
      case Code::kFloor: {
        const FormulaValue x = pop();
        push(x.value ? finite(unary(code, *x.value)) : x);
        break;
      }
      case Code::kSelect: {
        const FormulaValue no = pop();
        const FormulaValue yes = pop();
        const FormulaValue condition = pop();
        push(!condition.value ? condition : *condition.value != 0 ? yes : no);
        break;
      }
      default: {
        const FormulaValue y = pop();
        push(of_two(code, pop(), y));
        break;
      }
    }
  }

 private:
  static FormulaValue of_two(Code code, const FormulaValue& x, const FormulaValue& y) {
    if (code == Code::kDefault) return x.value ? x : y;
    if (code == Code::kAnd || code == Code::kOr) return logic(code == Code::kOr, x, y);
    if (!x.value) return x;
    if (!y.value) return y;
    return finite(binary(code, *x.value, *y.value));
  }

  std::array<FormulaValue, kFormulaDepth> values_{};
  size_t count_ = 0;
};

// A missing signal under `whenMissing: last` speaks on.
FormulaValue operand_of(uint16_t signal, const Scene& scene, const Readings& readings) {
  const SignalValue& read = readings.values[signal];
  if (read.value) return {read.value};
  if (!read.missing) return {std::nullopt, signal};
  const Fallback fallback =
      fall_back(scene.spec.signals[signal].when_missing, memory_at(scene.recent.signals, signal),
                scene.workload.size, scene.now);
  return fallback.value ? FormulaValue{fallback.value} : FormulaValue{std::nullopt, signal};
}

void tell_why_not(const FormulaSpec& formula, const FormulaValue& result, const Scene& scene,
                  const Readings& readings, Proposal& proposal) {
  if (!result.lacks) {
    proposal.missing = MissingReason::kNotFinite;
    proposal.blocks_in = true;
    proposal.abstain = AbstainReason::kHeld;
    return;
  }
  proposal.signal = *result.lacks;
  if (!readings.values[*result.lacks].missing) {
    proposal.abstain = AbstainReason::kNoTraffic;
    return;
  }
  MarkedSignals signals(scene, readings, proposal);
  signals.see(*result.lacks);
  for (const FormulaOp& op : formula.code) {
    if (op.code == Code::kSignal) signals.see(op.signal);
  }
  settle(std::nullopt, proposal);
}

}  // namespace

FormulaValue evaluate_formula(const FormulaSpec& formula, int32_t size,
                              std::span<const FormulaValue> signals) {
  Pile pile;
  for (const FormulaOp& op : formula.code) {
    switch (op.code) {
      case Code::kNumber: pile.push({op.number}); break;
      case Code::kSignal: pile.push(signals[op.signal]); break;
      case Code::kSize: pile.push({size}); break;
      default: pile.apply(op.code); break;
    }
  }
  return pile.pop();
}

Proposal propose(const FormulaSpec& formula, uint16_t policy, const Scene& scene,
                 const Readings& readings) {
  Proposal proposal;
  proposal.policy = policy;
  boost::container::small_vector<FormulaValue, 16> signals;
  for (size_t i = 0; i < readings.values.size(); ++i) {
    signals.push_back(operand_of(static_cast<uint16_t>(i), scene, readings));
  }
  const FormulaValue result =
      evaluate_formula(formula, scene.workload.size, {signals.data(), signals.size()});
  proposal.current = result.value;
  if (!result.value) {
    tell_why_not(formula, result, scene, readings, proposal);
    return proposal;
  }
  proposal.replicas = ceil_count(*result.value);
  for (const FormulaOp& op : formula.code) {
    if (op.code != Code::kSignal || !signals[op.signal].value) continue;
    const auto& missing = readings.values[op.signal].missing;
    if (!missing) continue;
    proposal.missing = missing;
    proposal.fallback = WhenMissing::Kind::kLast;
  }
  return proposal;
}

}  // namespace autoscaler
