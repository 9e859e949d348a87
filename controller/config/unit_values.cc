#include "controller/config/scalars.h"
#include "controller/config/sections.h"

namespace autoscaler {
namespace {

std::string expected_in(Unit unit) {
  switch (unit) {
    case Unit::kNumber: return "a quantity such as 20, 250m or 2Gi";
    case Unit::kPerSecond: return "a rate such as 120/s";
    case Unit::kRatio: return "a ratio such as 65% or 0.65";
    case Unit::kSeconds:
    case Unit::kMilliseconds: return "a duration such as 300ms";
  }
  CHECK(false);
}

Result<double> parse_in(Unit unit, const std::string& text) {
  switch (unit) {
    case Unit::kNumber: return parse_quantity(text);
    case Unit::kPerSecond: return parse_rate(text);
    case Unit::kRatio: return parse_ratio(text);
    case Unit::kSeconds:
    case Unit::kMilliseconds: break;
  }
  const auto duration = parse_duration(text);
  if (!duration.ok()) return duration.error();
  const auto milliseconds = static_cast<double>(duration->count());
  return unit == Unit::kSeconds ? milliseconds / 1000 : milliseconds;
}

}  // namespace

std::optional<double> read_in_unit(const Cursor& cursor, const SignalDraft& signal, bool positive) {
  if (!signal.sound) return std::nullopt;
  const std::string expected =
      expected_in(signal.unit) + ", the unit of the signal '" + signal.spec.name + "'";
  if (!is_scalar(cursor, expected)) return std::nullopt;
  const std::string& text = cursor.node().text;
  Result<double> value = parse_in(signal.unit, text);
  if (value.ok() && *value < 0) value = Error{Code::kInvalid, "it is negative"};
  if (value.ok() && *value == 0 && positive) value = Error{Code::kInvalid, "it is not above 0"};
  // A share of requests cannot pass 100 %; a utilisation can, where capacity is what is promised.
  const bool share = signal.spec.kind == SignalSpec::Kind::kRatio;
  const double most = share ? 1 : 10;
  if (value.ok() && signal.unit == Unit::kRatio && *value > most) {
    value = Error{Code::kInvalid, share ? "it is above 100%" : "it is above 1000%"};
  }
  if (value.ok()) return *value;
  std::string remedy;
  if (signal.unit != Unit::kRatio && text.ends_with('%')) {
    remedy = ". For a percentage the signal needs a capacity: 2";
  }
  refuse(cursor, value.error(), expected + remedy);
  return std::nullopt;
}

}  // namespace autoscaler
