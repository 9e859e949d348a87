#include "metrics/prometheus_reply.h"

#include <nlohmann/json.hpp>

#include <charconv>
#include <cmath>
#include <optional>
#include <utility>

namespace autoscaler {
namespace {

constexpr size_t kMostDepth = 64;
constexpr size_t kMostWarnings = 10;
constexpr size_t kLongestLabels = 200;
constexpr double kLatestSecond = 1e11;  // the year 5138: Instant holds that in milliseconds

// Where in the document the parser is: one for each object or array that is open.
enum class Place {
  kReply,
  kData,
  kResult,  // of series, or [time, "value"] itself
  kSeries,  // {"metric": {}, "value": []} or {"metric": {}, "values": [[]]}
  kMetric,
  kPoints,
  kPoint,  // [time, "value"]
  kWarnings,
  kSkipped,  // what is not ours, with all that is in it
};

// "1.5", "1e-07", "NaN", "+Inf", "-Inf", and nothing after it.
std::optional<double> parse_value(std::string_view text) {
  if (text.starts_with('+')) {
    text.remove_prefix(1);
    if (text.starts_with('-')) return std::nullopt;
  }
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

class ReplyReader {
 public:
  explicit ReplyReader(const ReplyLimits& limits) : limits_(limits) {}

  // The calls of nlohmann's SAX parser; false ends the parse.
  bool null() { return other("null"); }
  bool boolean(bool value) {
    if (at(Place::kReply) && key_ == "isPartial") {
      if (value) warnings_.emplace_back("isPartial is true");
      return true;
    }
    return other("a boolean");
  }
  bool number_integer(int64_t value) { return number(static_cast<double>(value)); }
  bool number_unsigned(uint64_t value) { return number(static_cast<double>(value)); }
  bool number_float(double value, const std::string&) { return number(value); }
  bool string(std::string& text);
  bool binary(std::vector<uint8_t>&) { return fail("binary data"); }
  bool start_object(size_t);
  bool start_array(size_t);
  bool key(std::string& name) {
    key_ = std::move(name);
    return true;
  }
  bool end_object() { return end(); }
  bool end_array() { return end(); }
  template <typename Exception>
  bool parse_error(size_t position, const std::string&, const Exception&) {
    return fail("no JSON at byte " + std::to_string(position));
  }

  Result<PrometheusReply> finish();
  Error error() const { return *error_; }

 private:
  bool at(Place place) const { return !open_.empty() && open_.back() == place; }
  bool in_known_object() const { return at(Place::kReply) || at(Place::kData); }
  bool fail(std::string what, Code code = Code::kInvalid) {
    error_ = Error{code, std::move(what)};
    return false;
  }
  bool enter(Place place) {
    if (open_.size() >= kMostDepth) return fail("nested more than 64 deep");
    open_.push_back(place);
    return true;
  }
  bool number(double value);
  bool other(const char* what);
  bool label(const std::string& value);
  bool value_text(std::string& text);
  bool end();
  bool end_point();
  Result<PrometheusReply> reply_of(PrometheusReply::Type type);

  const ReplyLimits& limits_;
  std::vector<Place> open_;
  std::string key_;
  std::string status_, result_type_, error_type_, error_text_;
  std::vector<std::string> warnings_;
  std::vector<PrometheusSeries> series_;
  size_t points_ = 0;
  bool seen_data_ = false;
  bool seen_result_ = false;
  bool seen_histogram_ = false;
  // The [time, "value"] that is being read; also where it is the result itself.
  std::optional<Instant> time_;
  std::optional<std::string> text_;
  std::optional<Error> error_;
};

bool ReplyReader::number(double value) {
  const bool pair = at(Place::kPoint) || (at(Place::kResult) && series_.empty());
  if (!pair) return other("a number");
  if (time_ || text_) return fail("a point is not [time, \"value\"]");
  if (!(std::abs(value) < kLatestSecond)) return fail("the time of a point is out of range");
  time_ = Instant(Duration(std::llround(value * 1000)));
  return true;
}

bool ReplyReader::other(const char* what) {
  if (in_known_object() || at(Place::kSkipped)) return true;
  if (at(Place::kSeries)) return fail("a series holds " + std::string(what));
  return fail(std::string(what) + " where a series, a point or a label should be");
}

bool ReplyReader::string(std::string& text) {
  if (at(Place::kReply)) {
    if (key_ == "status") status_ = text;
    if (key_ == "errorType") error_type_ = text;
    if (key_ == "error") error_text_ = text;
    return true;
  }
  if (at(Place::kData)) {
    if (key_ == "resultType") result_type_ = std::move(text);
    return true;
  }
  if (at(Place::kWarnings)) {
    // Remarks on how the query is written; the data is whole.
    if (text.starts_with("PromQL ")) return true;
    if (warnings_.size() < kMostWarnings) warnings_.push_back(text.substr(0, kLongestLabels));
    return true;
  }
  if (at(Place::kMetric)) return label(text);
  if (at(Place::kPoint) || (at(Place::kResult) && series_.empty())) return value_text(text);
  return other("a text");
}

bool ReplyReader::label(const std::string& value) {
  std::string& labels = series_.back().labels;
  if (labels.size() >= kLongestLabels) return true;
  labels += (labels.empty() ? "" : ", ") + key_ + "=\"" + value + "\"";
  if (labels.size() > kLongestLabels) labels = labels.substr(0, kLongestLabels - 3) + "...";
  return true;
}

bool ReplyReader::value_text(std::string& text) {
  if (!time_ || text_) return fail("a point is not [time, \"value\"]");
  text_ = std::move(text);
  return true;
}

bool ReplyReader::start_object(size_t) {
  if (open_.empty()) return enter(Place::kReply);
  if (at(Place::kReply) && key_ == "data") {
    if (std::exchange(seen_data_, true)) return fail("data is given twice");
    return enter(Place::kData);
  }
  if (at(Place::kResult)) {
    if (time_) return fail("a series beside a point");
    if (series_.size() == limits_.series) {
      return fail("more than " + std::to_string(limits_.series) + " series", Code::kTooLarge);
    }
    series_.emplace_back();
    return enter(Place::kSeries);
  }
  if (at(Place::kSeries) && key_ == "metric") return enter(Place::kMetric);
  if (in_known_object() || at(Place::kSkipped)) return enter(Place::kSkipped);
  if (at(Place::kSeries)) return enter(Place::kSkipped);
  return fail("an object where a point or a label should be");
}

bool ReplyReader::start_array(size_t) {
  if (open_.empty()) return fail("a list, not an answer of the HTTP API");
  if (at(Place::kReply) && key_ == "warnings") return enter(Place::kWarnings);
  if (at(Place::kData) && key_ == "result") {
    if (std::exchange(seen_result_, true)) return fail("result is given twice");
    return enter(Place::kResult);
  }
  if (at(Place::kSeries) && key_ == "value") return enter(Place::kPoint);
  if (at(Place::kSeries) && key_ == "values") return enter(Place::kPoints);
  if (at(Place::kPoints)) return enter(Place::kPoint);
  if (at(Place::kSeries) && (key_ == "histogram" || key_ == "histograms")) seen_histogram_ = true;
  if (in_known_object() || at(Place::kSeries) || at(Place::kSkipped)) {
    return enter(Place::kSkipped);
  }
  return fail("a list where a point or a label should be");
}

bool ReplyReader::end() {
  const Place ended = open_.back();
  open_.pop_back();
  return ended != Place::kPoint || end_point();
}

bool ReplyReader::end_point() {
  if (!time_ || !text_) return fail("a point is not [time, \"value\"]");
  const std::optional<double> value = parse_value(*text_);
  if (!value) return fail("the value of a point is no number");
  if (++points_ > limits_.points) {
    return fail("more than " + std::to_string(limits_.points) + " points", Code::kTooLarge);
  }
  std::vector<PrometheusPoint>& points = series_.back().points;
  if (!points.empty() && points.back().at >= *time_) return fail("points that do not ascend");
  points.push_back({*time_, *value});
  time_.reset();
  text_.reset();
  return true;
}

Result<PrometheusReply> ReplyReader::finish() {
  if (status_ == "error") return Error{Code::kConflict, error_type_ + ": " + error_text_};
  if (status_ != "success") return Error{Code::kInvalid, "no status: success or error"};
  if (!seen_result_) return Error{Code::kInvalid, "no data.result"};
  if (seen_histogram_) return Error{Code::kInvalid, "native histograms: ask for a number of them"};
  using Type = PrometheusReply::Type;
  for (const auto& [name, type] : {std::pair{"scalar", Type::kScalar},
                                   {"vector", Type::kVector},
                                   {"matrix", Type::kMatrix},
                                   {"string", Type::kString}}) {
    if (result_type_ == name) return reply_of(type);
  }
  return Error{Code::kInvalid, "the resultType is none that is known"};
}

Result<PrometheusReply> ReplyReader::reply_of(PrometheusReply::Type type) {
  const bool pair = time_ && text_;
  const bool plain =
      type == PrometheusReply::Type::kScalar || type == PrometheusReply::Type::kString;
  if (plain ? !pair : time_.has_value()) {
    return Error{Code::kInvalid, "the result is no " + result_type_};
  }
  if (type == PrometheusReply::Type::kScalar) {
    const std::optional<double> value = parse_value(*text_);
    if (!value) return Error{Code::kInvalid, "the value of a point is no number"};
    series_.push_back({"", {{*time_, *value}}});
  }
  for (PrometheusSeries& series : series_) {
    if (series.points.empty() ||
        (type != PrometheusReply::Type::kMatrix && series.points.size() != 1)) {
      return Error{Code::kInvalid, "a series without a value, or with several"};
    }
    series.labels = "{" + series.labels + "}";
  }
  return PrometheusReply{type, std::move(series_), std::move(warnings_)};
}

}  // namespace

Result<PrometheusReply> parse_prometheus_reply(std::string_view json, const ReplyLimits& limits) {
  ReplyReader reader(limits);
  if (!nlohmann::json::sax_parse(json.begin(), json.end(), &reader)) return reader.error();
  return reader.finish();
}

}  // namespace autoscaler
