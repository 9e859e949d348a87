#include "metrics/signal_reader.h"

#include "metrics/counter_reader.h"
#include "metrics/gauge_reader.h"
#include "metrics/histogram_reader.h"

namespace autoscaler {
namespace {

const Selector& selector_of(const ScrapeRead& read) {
  return std::visit([](const auto& what) -> const Selector& { return what.of; }, read.what);
}

}  // namespace

WindowSpan span_of(const ScrapeRead& read) {
  const auto* gauge = std::get_if<GaugeOf>(&read.what);
  return {gauge ? gauge->mean_over : read.window, read.offset};
}

Result<SignalPlan> make_plan(const ScrapeRead& read) {
  const Selector& selector = selector_of(read);
  Result<SeriesFilter> of = SeriesFilter::compile(selector.matching);
  if (!of.ok()) return of.error();
  const RatioOf* const ratio = std::get_if<RatioOf>(&read.what);
  Result<SeriesFilter> part =
      SeriesFilter::compile(ratio ? ratio->matching : std::vector<LabelMatcher>());
  if (!part.ok()) return part.error();
  const bool histogram = std::holds_alternative<HistogramOf>(read.what);
  return SignalPlan{read, selector.metric + (histogram ? "_bucket" : ""), *std::move(of),
                    *std::move(part)};
}

std::unique_ptr<SignalReader> make_reader(const SignalPlan& plan) {
  if (std::holds_alternative<GaugeOf>(plan.read.what)) return std::make_unique<GaugeReader>(plan);
  if (std::holds_alternative<HistogramOf>(plan.read.what)) {
    return std::make_unique<HistogramReader>(plan);
  }
  return std::make_unique<CounterReader>(plan);
}

}  // namespace autoscaler
