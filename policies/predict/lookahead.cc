#include "policies/predict/lookahead.h"

#include "policies/forecast/snapshot.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <type_traits>

namespace autoscaler {
namespace {

static_assert(std::is_trivially_copyable_v<TrackRecord>);

Duration minutes_of(int64_t count) {
  return std::chrono::minutes(count);
}

double rounded(double number) {
  return std::round(number * 1e6) / 1e6;
}

std::optional<double> rounded(std::optional<double> number) {
  return number ? std::optional(rounded(*number)) : std::nullopt;
}

std::optional<QuantileValues> rounded(std::optional<QuantileValues> values) {
  if (!values) return values;
  for (double& each : *values) each = rounded(each);
  return values;
}

std::optional<QuantileValues> rounded(const std::optional<Expectation>& expected) {
  return expected ? rounded(std::optional(expected->highest)) : std::nullopt;
}

}  // namespace

Lookahead::Lookahead(int64_t lead_minutes)
    : forecaster(lead_steps(minutes_of(lead_minutes)), hold_steps(minutes_of(lead_minutes))),
      record(forecaster.lead_steps()) {}

void Lookahead::learn(int64_t minute, std::optional<double> load, const Calendar& calendar) {
  forecaster.learn(minute, load, calendar);
  record.learn(minute, load, forecaster.expect(Forecaster::Reach::kLead));
}

void Lookahead::follow_lead(int64_t lead_minutes) {
  const int64_t now = forecaster.lead_steps() - kPastLead;
  if (lead_minutes <= now && lead_minutes >= now - 1) return;
  forecaster.look_ahead(lead_steps(minutes_of(lead_minutes)), hold_steps(minutes_of(lead_minutes)));
  record.look_ahead(forecaster.lead_steps());
}

Prediction Lookahead::predict() const {
  Prediction prediction;
  prediction.gate = record.gate();
  prediction.judged = record.judged();
  prediction.loss_ratio = rounded(record.loss_ratio());
  prediction.coverage = rounded(record.coverage());
  if (forecaster.minutes_learned() > 0) {
    prediction.at = Instant{minutes_of(forecaster.last_known() + 1)};
  }
  prediction.lead = minutes_of(forecaster.lead_steps());
  prediction.hold = minutes_of(forecaster.hold_steps());
  prediction.lead_highest = rounded(forecaster.expect(Forecaster::Reach::kLead));
  prediction.hold_highest = rounded(forecaster.expect(Forecaster::Reach::kHold));
  if (prediction.gate != Gate::kOpen && prediction.gate != Gate::kLearning) {
    prediction.plain_highest = rounded(record.plain());
  }
  prediction.usual = rounded(record.usual());
  prediction.peak = rounded(record.peak());
  prediction.outage_suspected = forecaster.outage_suspected();
  return prediction;
}

void Lookahead::follow_minute(double load, const Calendar& calendar, Prediction& prediction) const {
  const Forecaster ahead = forecaster.as_if_over(load, calendar);
  prediction.lead_highest = rounded(ahead.expect(Forecaster::Reach::kLead));
  prediction.hold_highest = rounded(ahead.expect(Forecaster::Reach::kHold));
  prediction.outage_suspected = ahead.outage_suspected();
}

std::string save(const Lookahead& lookahead) {
  ForecastBytes forecast;
  save(lookahead.forecaster, forecast);
  std::string bytes(reinterpret_cast<const char*>(forecast.data()), forecast.size());
  bytes.append(reinterpret_cast<const char*>(&lookahead.record), TrackRecord::kSavedBytes);
  return bytes;
}

Result<Lookahead> restore_lookahead(std::string_view bytes) {
  if (bytes.size() != kForecastBytes + TrackRecord::kSavedBytes) {
    return Error{Code::kInvalid, "forecast: written by another version"};
  }
  TrackRecord record(1);
  std::memcpy(static_cast<void*>(&record), bytes.data() + kForecastBytes, TrackRecord::kSavedBytes);
  const int64_t lead = record.steps() - kPastLead;
  if (lead < 1 || minutes_of(lead) > kMostLead) {
    return Error{Code::kInvalid, "forecast: damaged, its lead is out of range"};
  }
  Lookahead lookahead(lead);
  const Status restored =
      restore(std::as_bytes(std::span(bytes).first(kForecastBytes)), lookahead.forecaster);
  if (!restored) return restored.error();
  lookahead.record = record;
  return lookahead;
}

}  // namespace autoscaler
