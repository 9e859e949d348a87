#include "controller/backtest/verify.h"

#include "controller/backtest/looped.h"
#include "controller/backtest/predictive.h"

#include <cstdio>

namespace autoscaler {
namespace {

std::string text_of(const Sight& sight) {
  char text[200];
  std::snprintf(text, sizeof text,
                "%d of %d serve, newest %.6g/s%s, over a minute %.6g/s, backlog %.6g, p95 %s",
                sight.serving, sight.size, sight.rate.value_or(0), sight.in_gap ? " (a gap)" : "",
                sight.rate_mean, sight.backlog, sight.violated ? "past the SLO" : "within the SLO");
  return text;
}

// The world follows the bench's way.
class Both final : public Contender {
 public:
  Both(Contender& bench, Contender& looped) : bench_(bench), looped_(looped) {}

  int32_t wants(const Sight& sight) override {
    const int32_t bench = bench_.wants(sight);
    if (first) return bench;
    const int32_t looped = looped_.wants(sight);
    if (looped != bench) {
      first = SizesDiffer{sight.tick, sight.at_s, sight.size, bench, looped, text_of(sight)};
    }
    return bench;
  }

  std::optional<SizesDiffer> first;

 private:
  Contender& bench_;
  Contender& looped_;
};

}  // namespace

std::optional<SizesDiffer> verify_sizes(const Demand& demand, int64_t lead_s,
                                        const BenchPolicy& policy, GateRule gate,
                                        LoopJournal& journal) {
  const ForecastTrack track = track_forecasts(demand, lead_s, gate);
  const auto bench = make_predictive(policy, lead_s, track);
  const auto looped = make_looped(policy, lead_s, gate, journal);
  Both both(*bench, *looped);
  run_world(demand, lead_s, both);
  return both.first;
}

}  // namespace autoscaler
