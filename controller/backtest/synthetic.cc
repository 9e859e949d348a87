#include "controller/backtest/synthetic.h"

#include "controller/backtest/noise.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <numbers>
#include <string>
#include <vector>

namespace autoscaler {
namespace {

constexpr int64_t kMonday = 1767571200;  // 2026-01-05T00:00:00Z
constexpr int64_t kMinutesADay = 1440;
constexpr double kNoiseMemory = 0.7;

struct Word {
  std::string_view name;
  double SyntheticLoad::*number;
  double least;
  double most;
};
constexpr Word kWords[] = {
    {"days", &SyntheticLoad::days, 0.1, 400},     {"base", &SyntheticLoad::base, 1e-3, 1e9},
    {"daily", &SyntheticLoad::daily, 0, 1},       {"weekly", &SyntheticLoad::weekly, 0, 1},
    {"trend", &SyntheticLoad::trend, -0.5, 10},   {"noise", &SyntheticLoad::noise, 0, 1},
    {"bursts", &SyntheticLoad::bursts, 0, 200},   {"crowds", &SyntheticLoad::crowds, 0, 24},
    {"shifts", &SyntheticLoad::shifts, 0, 24},    {"outages", &SyntheticLoad::outages, 0, 24},
    {"holidays", &SyntheticLoad::holidays, 0, 1},
};

Error invalid(std::string_view what, const std::string& why) {
  return Error{Code::kInvalid, "synthetic load: '" + std::string(what) + "' " + why};
}

std::string known_words() {
  std::string text;
  for (const Word& word : kWords) text += std::string(word.name) + ", ";
  return text + "seed";
}

Status take_word(std::string_view text, SyntheticLoad& to) {
  const size_t equals = text.find('=');
  if (equals == std::string_view::npos) return invalid(text, "is no name=number");
  const std::string_view name = text.substr(0, equals);
  const std::string_view number = text.substr(equals + 1);
  const auto read = [&number](auto& value) {
    const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), value);
    return error == std::errc() && end == number.data() + number.size();
  };
  if (name == "seed") {
    if (read(to.seed)) return Done{};
    return invalid(text, "has no whole number");
  }
  for (const Word& word : kWords) {
    if (word.name != name) continue;
    double value = 0;
    if (!read(value) || !(value >= word.least && value <= word.most)) {
      char range[64];
      std::snprintf(range, sizeof range, "needs a number from %g to %g", word.least, word.most);
      return invalid(text, range);
    }
    to.*word.number = value;
    return Done{};
  }
  return invalid(name, "is none of " + known_words());
}

// Minutes at which something begins that comes so often a day, by chance.
std::vector<int64_t> begins(double a_day, int64_t minutes, Noise& chance) {
  std::vector<int64_t> all;
  for (int64_t minute = 0; minute < minutes; ++minute) {
    if (chance.uniform() < a_day / kMinutesADay) all.push_back(minute);
  }
  return all;
}

class Maker {
 public:
  explicit Maker(const SyntheticLoad& like)
      : like_(like),
        minutes_(std::max<int64_t>(2, std::llround(like.days * kMinutesADay))),
        loads_(static_cast<size_t>(minutes_)) {}

  std::vector<double> make() {
    shape();
    wobble();
    shift();
    burst();
    crowd();
    fall_out();
    return loads_;
  }

 private:
  Noise chance(const char* of) const { return Noise(of + std::to_string(like_.seed)); }
  template <typename Change>
  void change(int64_t from, int64_t length, Change by) {
    for (int64_t i = std::max<int64_t>(from, 0); i < std::min(from + length, minutes_); ++i) {
      loads_[static_cast<size_t>(i)] *= by(i - from);
    }
  }

  // Highest at 14:00, with a second, lower wave.
  void shape() {
    Noise holidays = chance("holidays");
    bool rests = false;
    for (int64_t minute = 0; minute < minutes_; ++minute) {
      if (minute % kMinutesADay == 0) {
        const int64_t weekday = minute / kMinutesADay % 7;
        rests = weekday >= 5 || holidays.uniform() < like_.holidays;
      }
      const double day = static_cast<double>(minute % kMinutesADay) / kMinutesADay;
      const double turn = 2 * std::numbers::pi * (day - 14.0 / 24);
      const double wave = 0.8 * std::cos(turn) + 0.2 * std::cos(2 * turn);
      const double weeks = static_cast<double>(minute) / (7 * kMinutesADay);
      loads_[static_cast<size_t>(minute)] = like_.base * (1 + like_.daily * wave) *
                                            (rests ? 1 - like_.weekly : 1) *
                                            std::max(0.0, 1 + like_.trend * weeks);
    }
  }
  void wobble() {
    Noise chance_of = chance("noise");
    double drift = 0;
    for (double& load : loads_) {
      drift = kNoiseMemory * drift +
              like_.noise * std::sqrt(1 - kNoiseMemory * kNoiseMemory) * chance_of.normal();
      load *= std::exp(drift);
    }
  }
  void shift() {
    Noise chance_of = chance("shifts");
    for (const int64_t at : begins(like_.shifts, minutes_, chance_of)) {
      const double factor = 0.7 + 0.7 * chance_of.uniform();
      change(at, minutes_, [factor](int64_t) { return factor; });
    }
  }
  void burst() {
    Noise chance_of = chance("bursts");
    for (const int64_t at : begins(like_.bursts, minutes_, chance_of)) {
      change(at, 60,
             [](int64_t minute) { return 1 + 0.5 * std::exp2(-static_cast<double>(minute) / 5); });
    }
  }
  void crowd() {
    Noise chance_of = chance("crowds");
    for (const int64_t at : begins(like_.crowds, minutes_, chance_of)) {
      change(at, 60, [](int64_t minute) {
        return 1 + 3 * std::min(1.0, static_cast<double>(std::min(minute + 1, 60 - minute)) / 5);
      });
    }
  }
  void fall_out() {
    Noise chance_of = chance("outages");
    for (const int64_t at : begins(like_.outages, minutes_, chance_of)) {
      change(at, 20, [](int64_t) { return 0.0; });
      change(at + 20, 10, [](int64_t) { return 1.5; });
    }
  }

  const SyntheticLoad& like_;
  const int64_t minutes_;
  std::vector<double> loads_;
};

}  // namespace

Result<SyntheticLoad> parse_synthetic(std::string_view text) {
  SyntheticLoad like;
  while (!text.empty()) {
    const size_t comma = std::min(text.find(','), text.size());
    if (const Status taken = take_word(text.substr(0, comma), like); !taken) return taken.error();
    text.remove_prefix(std::min(comma + 1, text.size()));
  }
  return like;
}

Trace make_load(const SyntheticLoad& like) {
  Trace trace{.name = "synthetic-" + std::to_string(like.seed), .step_s = 60, .rows = {}};
  int64_t at_s = kMonday;
  for (const double load : Maker(like).make()) {
    trace.rows.push_back({at_s, load});
    at_s += 60;
  }
  return trace;
}

}  // namespace autoscaler
