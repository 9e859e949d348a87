#include "tests/e2e/load/schedule.h"

#include <charconv>
#include <cmath>
#include <optional>
#include <random>
#include <string>
#include <utility>

namespace autoscaler::e2e {
namespace {

constexpr double kMaxRate = 1e6;
constexpr double kMaxRequests = 1e8;

std::optional<double> number(std::string_view text) {
  while (!text.empty() && (text.back() == '\r' || text.back() == ' ')) text.remove_suffix(1);
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  double value = 0;
  const char* end = text.data() + text.size();
  auto [rest, failure] = std::from_chars(text.data(), end, value);
  if (failure != std::errc() || rest != end || !std::isfinite(value)) return std::nullopt;
  return value;
}

Error bad(std::string message) {
  return {Code::kInvalid, std::move(message)};
}

// The part before the next `separator`; `text` keeps what follows it.
std::string_view cut(std::string_view& text, char separator) {
  size_t at = text.find(separator);
  std::string_view head = text.substr(0, at);
  text = at == text.npos ? std::string_view() : text.substr(at + 1);
  return head;
}

}  // namespace

Result<Schedule> parse_steps(std::string_view text) {
  Schedule schedule;
  while (!text.empty()) {
    std::string_view step = cut(text, ',');
    std::string_view rest = step;
    auto length = parse_duration(cut(rest, '@'));
    auto rate = number(rest);
    if (!length || *length == Duration(0) || !rate || *rate < 0 || *rate > kMaxRate) {
      return bad("'" + std::string(step) + "' is no step, as 10s@20 is (20 per second for 10 s)");
    }
    schedule.push_back({*length, *rate});
  }
  if (schedule.empty()) return bad("no step is given");
  return schedule;
}

Result<Schedule> parse_trace(std::string_view csv, double speed, double scale) {
  CHECK(speed > 0 && scale >= 0);
  std::vector<std::pair<double, double>> points;
  for (int line = 1; !csv.empty(); ++line) {
    std::string_view row = cut(csv, '\n');
    if (row.empty() || row == "\r") continue;
    std::string_view rest = row;
    auto time = number(cut(rest, ','));
    auto rate = number(rest);
    bool head = line == 1 && !time;
    if (head) continue;
    std::string where = "line " + std::to_string(line) + " of the trace";
    if (!time || !rate) return bad(where + " is not timestamp,value");
    if (*rate < 0 || *rate * scale > kMaxRate) return bad(where + " has a rate out of range");
    if (!points.empty() && *time <= points.back().first) return bad(where + " goes back in time");
    points.emplace_back(*time, *rate);
  }
  if (points.size() < 2) return bad("a trace has two points or more");
  Schedule schedule;
  for (size_t i = 0; i < points.size(); ++i) {
    size_t from = std::min(i, points.size() - 2);
    double length = points[from + 1].first - points[from].first;
    schedule.push_back({from_seconds(length / speed), points[i].second * scale});
  }
  return schedule;
}

Duration total_length(const Schedule& schedule) {
  Duration sum{0};
  for (const Segment& segment : schedule) sum += segment.length;
  return sum;
}

// Requests are points on the axis of expected requests: the integers, or with unit exponential
// gaps. A segment maps its stretch of that axis to its stretch of time.
std::vector<Duration> arrivals(const Schedule& schedule, Spacing spacing, uint64_t seed) {
  std::mt19937_64 random(seed);
  std::exponential_distribution<double> gap(1);
  auto step = [&] { return spacing == Spacing::kPoisson ? gap(random) : 1.0; };

  double expected = 0;
  for (const Segment& segment : schedule) expected += segment.rate * seconds(segment.length);
  CHECK(expected < kMaxRequests);
  std::vector<Duration> times;
  times.reserve(static_cast<size_t>(expected * 1.1) + 16);

  double next = spacing == Spacing::kPoisson ? step() : 0;
  double behind = 0;  // expected requests before this segment
  Duration start{0};
  for (const Segment& segment : schedule) {
    double here = segment.rate * seconds(segment.length);
    // The tolerance puts a request that rounding left at a segment's very end into the next one.
    for (; next < behind + here - 1e-9; next += step()) {
      times.push_back(start + from_seconds((next - behind) / segment.rate));
    }
    behind += here;
    start += segment.length;
  }
  return times;
}

}  // namespace autoscaler::e2e
