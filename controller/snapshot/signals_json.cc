#include "controller/snapshot/nouns.h"
#include "controller/snapshot/snapshot.h"
#include "metrics/quantity.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <limits>

namespace autoscaler {
namespace {

using nlohmann::json;

json numbers_json(const std::vector<double>& numbers) {
  json array = json::array();
  for (const double number : numbers) array.push_back(number_json(number));
  return array;
}

struct ValueJson {
  json operator()(double value) const { return number_json(value); }
  json operator()(const RatioParts& parts) const {
    return {{"numerator", number_json(parts.numerator)},
            {"denominator", number_json(parts.denominator)}};
  }
  json operator()(const BucketRates& buckets) const {
    return {{"bounds", numbers_json(buckets.bounds)}, {"rates", numbers_json(buckets.rates)}};
  }
  json operator()(const ContainerUsage& usage) const {
    json containers = json::object();
    for (const auto& [name, milli] : usage.containers) {
      containers[name] = milli ? json(*milli) : json(nullptr);
    }
    return {{"containersMilli", std::move(containers)}};
  }
  json operator()(const Quantities& quantities) const { return {{"milli", quantities.milli}}; }
};

json reading_json(const Reading& reading) {
  if (const auto* missing = std::get_if<Missing>(&reading)) {
    json object{{"missing", missing_reason_name(missing->reason)}};
    if (!missing->detail.empty()) object["detail"] = text_json(missing->detail);
    return object;
  }
  const auto& measured = std::get<Measured>(reading);
  json object{{"value", std::visit(ValueJson{}, measured.value)},
              {"at", format_instant(measured.at)},
              {"window", format_go_duration(measured.window)}};
  if (measured.completeness != 1) object["completeness"] = measured.completeness;
  if (measured.still != 0) object["still"] = measured.still;
  if (measured.restarted) object["restarted"] = true;
  return object;
}

std::optional<int64_t> read_milli(const Place& place) {
  return place.integer(std::numeric_limits<int64_t>::min(), std::numeric_limits<int64_t>::max());
}

std::vector<double> read_numbers(const Place& place) {
  std::vector<double> numbers;
  for (const Place& each : place.list()) numbers.push_back(each.number().value_or(0));
  return numbers;
}

BucketRates read_buckets(const Place& place) {
  place.only({"bounds", "rates"});
  BucketRates buckets{read_numbers(place["bounds"]),
                      read_numbers(place.require("rates", "give one rate for each bound"))};
  const std::vector<double>& bounds = buckets.bounds;
  if (bounds.empty() || bounds.back() != std::numeric_limits<double>::infinity()) {
    place["bounds"].fail("the last bound of a histogram is \"+Inf\"; add it");
  }
  if (std::adjacent_find(bounds.begin(), bounds.end(),
                         [](double a, double b) { return !(a < b); }) != bounds.end()) {
    place["bounds"].fail("bounds of a histogram ascend; put them in order, each once");
  }
  if (bounds.size() != buckets.rates.size()) {
    place["rates"].fail("has " + std::to_string(buckets.rates.size()) + " rates for " +
                        std::to_string(bounds.size()) + " bounds; give one for each");
  }
  return buckets;
}

Value read_value(const Place& place) {
  if (!place.given() || !place.json().is_object()) return place.number().value_or(0);
  if (place["numerator"].given() || place["denominator"].given()) {
    place.only({"numerator", "denominator"});
    return RatioParts{place.require("numerator", "a ratio has two parts").number().value_or(0),
                      place.require("denominator", "a ratio has two parts").number().value_or(0)};
  }
  if (place["bounds"].given() || place["rates"].given()) return read_buckets(place);
  if (place["containersMilli"].given()) {
    place.only({"containersMilli"});
    ContainerUsage usage;
    for (const auto& [name, milli] : place["containersMilli"].members()) {
      usage.containers.emplace_back(name, read_milli(milli));
    }
    return usage;
  }
  if (place["milli"].given()) {
    place.only({"milli"});
    Quantities quantities;
    for (const Place& each : place["milli"].list())
      quantities.milli.push_back(read_milli(each).value_or(0));
    return quantities;
  }
  place.fail(
      "is no value; write a number, {numerator, denominator}, {bounds, rates}, "
      "{containersMilli} or {milli}");
  return 0.0;
}

Missing read_missing(const Place& place) {
  const Place reason = place["missing"];
  Missing missing{MissingReason::kNoSeries, place["detail"].text().value_or("")};
  const auto name = reason.text();
  if (!name) return missing;
  std::string allowed;
  for (int i = 0; i < kMissingReasonCount; ++i) {
    missing.reason = static_cast<MissingReason>(i);
    if (*name == missing_reason_name(missing.reason)) return missing;
    allowed += std::string(i == 0 ? "" : ", ") + missing_reason_name(missing.reason);
  }
  reason.fail("\"" + *name + "\" is no reason for a missing value; allowed are " + allowed);
  return missing;
}

// `per_instance`: the object carries the instance's id beside the reading.
Reading read_reading(const Place& place, Instant now, bool per_instance) {
  if (!place.object()) return Missing{MissingReason::kMalformed, ""};
  if (place["missing"].given()) {
    per_instance ? place.only({"instance", "missing", "detail"})
                 : place.only({"missing", "detail"});
    return read_missing(place);
  }
  per_instance
      ? place.only({"instance", "value", "at", "window", "completeness", "still", "restarted"})
      : place.only({"value", "at", "window", "completeness", "still", "restarted"});
  Measured measured;
  measured.value = read_value(place.require("value", "give a value, or {missing: <reason>}"));
  measured.at = place["at"].instant().value_or(now);
  measured.window = place["window"].duration().value_or(Duration{0});
  measured.completeness = place["completeness"].number().value_or(1);
  measured.still = place["still"].replicas().value_or(0);
  measured.restarted = place["restarted"].flag().value_or(false);
  return measured;
}

Signal read_signal(const Place& place, Instant now) {
  if (!place.json().is_array()) return {read_reading(place, now, false)};
  std::vector<InstanceReading> readings;
  for (const Place& each : place.list()) {
    const auto instance = each.require("instance", "name the instance that was read").text();
    readings.push_back({instance.value_or(""), read_reading(each, now, true)});
  }
  const auto by_id = [](const auto& a, const auto& b) { return a.instance < b.instance; };
  std::stable_sort(readings.begin(), readings.end(), by_id);
  for (size_t i = 1; i < readings.size(); ++i) {
    if (readings[i - 1].instance != readings[i].instance) continue;
    place.fail("has two readings of \"" + readings[i].instance + "\"; give one for each instance");
  }
  return {std::move(readings)};
}

}  // namespace

json signals_json(const WorkloadSpec& spec, const Signals& signals) {
  json object = json::object();
  for (size_t i = 0; i < std::min(spec.signals.size(), signals.size()); ++i) {
    json& each_json = object[spec.signals[i].name];
    if (const auto* reading = std::get_if<Reading>(&signals[i].readings)) {
      each_json = reading_json(*reading);
      continue;
    }
    each_json = json::array();
    for (const auto& each : std::get<InstanceReadings>(signals[i].readings)) {
      json one = reading_json(each.reading);
      one["instance"] = text_json(each.instance);
      each_json.push_back(std::move(one));
    }
  }
  return object;
}

Signals read_signals(const Place& place, const WorkloadSpec& spec, Instant now,
                     UnknownNames unknown) {
  Signals signals;
  std::vector<std::string> names;
  for (const SignalSpec& signal : spec.signals) {
    const Place here = place[signal.name];
    names.push_back(signal.name);
    signals.push_back(here.given()
                          ? read_signal(here, now)
                          : Signal{Missing{MissingReason::kNoSeries, "not in the document"}});
  }
  for (const auto& [name, stranger] : place.members()) {
    const bool known = std::find(names.begin(), names.end(), name) != names.end();
    if (known || unknown == UnknownNames::kDrop) continue;
    stranger.fail(unknown_name("the policy has no such signal", name, names));
  }
  return signals;
}

}  // namespace autoscaler
