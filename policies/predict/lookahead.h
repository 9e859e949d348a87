#pragma once

#include "base/result.h"
#include "policies/predict/track_record.h"

#include <string>
#include <string_view>

namespace autoscaler {

// What one predict policy has learned: its forecaster, and what that is worth. Of fixed size.
struct Lookahead {
  // Minutes: 1 to 29, from an order to an instance that serves.
  explicit Lookahead(int64_t lead_minutes);

  // The next minute, unix time, and its highest load; nullopt: not known.
  void learn(int64_t minute, std::optional<double> load, const Calendar& calendar);
  // Another lead: at once where it is longer, and where it is shorter by more than a minute. What
  // was learned of the load stays, the record begins anew.
  void follow_lead(int64_t lead_minutes);
  // All but policy, price and headroom.
  Prediction predict() const;
  // What the minute under way changes of it, of which `load` is the highest so far.
  void follow_minute(double load, const Calendar& calendar, Prediction& prediction) const;

  Forecaster forecaster;
  TrackRecord record;
};

static_assert(sizeof(Lookahead) <= size_t{16} * 1024);

// The horizons, in minutes. What is launched now serves after the lead; the next forecast, of the
// next minute, is a minute and the age of a reading away, and what that launches serves a lead
// later. The second is twice as far.
inline constexpr int64_t kPastLead = 2;
constexpr int64_t lead_steps(Duration lead) {
  return std::chrono::ceil<std::chrono::minutes>(lead).count() + kPastLead;
}
constexpr int64_t hold_steps(Duration lead) {
  return 2 * lead_steps(lead) + 2;
}
inline constexpr Duration kMostLead = std::chrono::minutes(29);  // so that both fit 64 steps

// As bytes for the journal, with a version of the layout. Forecasts that were not held against what
// came yet are not among them: they are as many as the lead has minutes.
inline constexpr uint32_t kLookaheadVersion = 5;
std::string save(const Lookahead& lookahead);
// kInvalid: written by another version, or damaged. It is learned anew then.
Result<Lookahead> restore_lookahead(std::string_view bytes);

}  // namespace autoscaler
