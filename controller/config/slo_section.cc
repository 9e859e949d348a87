#include "controller/config/scalars.h"
#include "controller/config/sections.h"

#include <cmath>

namespace autoscaler {
namespace {

// A mean says nothing of the slowest twentieth, and another quantile of something else.
bool check_percentile(const Cursor& cursor, const SignalDraft& signal) {
  const bool time = signal.unit == Unit::kSeconds || signal.unit == Unit::kMilliseconds;
  std::string problem;
  if (signal.from_balancer && time) {
    problem = "is a mean, not a 95th percentile: name a histogram";
  } else if (!time) {
    problem =
        "is no time: name a histogram whose name ends in _seconds, or a query with unit: seconds";
  } else if (signal.spec.kind == SignalSpec::Kind::kHistogram &&
             std::abs(signal.spec.quantile - 0.95) > 1e-9) {
    problem = "has another quantile: write quantile: 0.95 there, or name one that has it";
  }
  if (problem.empty()) return true;
  cursor.problem("'" + signal.spec.name + "' " + problem);
  return false;
}

struct WrittenSlo {
  std::optional<size_t> signal;
  std::optional<Cursor> p95;
  std::optional<double> budget;
};

}  // namespace

Shape slo_section(std::optional<Slo>& to, const std::vector<SignalDraft>& signals) {
  return mapping([&to, &signals](Fields& fields) {
    auto written = std::make_shared<WrittenSlo>();
    fields.required("signal", signal_reference(written->signal, signals),
                    "name of the signal that is the 95th percentile of the latency");
    fields.required("p95", later(written->p95, kInUnitSchema), "what it has to stay within: 300ms");
    fields.optional("budget", scalar(written->budget, ratio(0.0001, 0.5)),
                    "share of the time that may be past it; without policies it brings its own");
    fields.check_sound([&to, &signals, written](const Cursor& cursor) {
      if (!written->signal || !written->p95) return;
      const SignalDraft& signal = signals[*written->signal];
      if (!signal.sound || !check_percentile(cursor.child("signal"), signal)) return;
      const auto p95 = read_in_unit(*written->p95, signal, true);
      if (p95) to = Slo{*written->signal, *p95, written->budget};
    });
  });
}

}  // namespace autoscaler
