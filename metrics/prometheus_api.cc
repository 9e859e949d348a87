#include "metrics/prometheus_api.h"

#include "base/base64.h"
#include "base/deadline.h"
#include "metrics/missing.h"

#include <algorithm>
#include <cctype>
#include <condition_variable>
#include <cstdio>
#include <mutex>

namespace autoscaler {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kPauses[] = {milliseconds(50), milliseconds(200)};
constexpr int64_t kMostSteps = 10'000;  // Prometheus itself refuses more than 11,000

std::string encoded(const std::string& text) {
  std::string result;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (std::isalnum(byte) != 0 || c == '-' || c == '_' || c == '.' || c == '~') {
      result += c;
      continue;
    }
    char hex[4];
    std::snprintf(hex, sizeof hex, "%%%02X", byte);
    result += hex;
  }
  return result;
}

// Seconds with exactly three digits: 1732280400.250.
std::string seconds_text(Instant at) {
  const int64_t ms = at.time_since_epoch().count();
  char text[32];
  std::snprintf(text, sizeof text, "%s%lld.%03d", ms < 0 ? "-" : "",
                static_cast<long long>(std::abs(ms) / 1000), static_cast<int>(std::abs(ms) % 1000));
  return text;
}

bool is_worth_another_try(const Result<RestResponse>& result) {
  if (!result) return result.error().code == Code::kUnavailable;
  return result->status == 502 || result->status == 503 || result->status == 504;
}

// False once `stop` is requested.
bool pause(Duration time, const std::stop_token& stop) {
  std::mutex mutex;
  std::condition_variable_any never;
  std::unique_lock lock(mutex);
  never.wait_for(lock, stop, time, [] { return false; });
  return !stop.stop_requested();
}

std::string printable(std::string text) {
  constexpr size_t kLongest = 300;
  std::replace_if(
      text.begin(), text.end(), [](unsigned char c) { return c < ' '; }, ' ');
  if (text.size() > kLongest) text = text.substr(0, kLongest) + "...";
  return text;
}

}  // namespace

PrometheusApi::PrometheusApi(PrometheusServer server)
    : server_(std::move(server)),
      client_(server_.url, server_.tls, static_cast<size_t>(server_.max_bytes)) {}

PrometheusAnswer PrometheusApi::instant(const PrometheusRead& read, Instant at, Duration deadline,
                                        const std::stop_token& stop) {
  Form form = {{"query", read.query}, {"time", seconds_text(at)}};
  auto reply = ask("/api/v1/query", std::move(form), deadline, stop);
  if (auto* failure = std::get_if<Failure>(&reply)) {
    return {std::move(failure->missing), failure->of_server};
  }
  return {reading_of(read, std::get<PrometheusReply>(reply), at, server_.accept_partial), false};
}

Result<std::vector<HistoryPoint>> PrometheusApi::range(const PrometheusRead& read, Instant from,
                                                       Instant to, Duration step,
                                                       const std::stop_token& stop) {
  CHECK(step > Duration{0});
  // VictoriaMetrics rounds both ends of a range outwards to whole steps: each part keeps what was
  // asked for, so that no step occurs twice.
  std::vector<HistoryPoint> all;
  while (from <= to) {
    const Instant last = std::min(to, from + (kMostSteps - 1) * step);
    Form form = {{"query", read.query},
                 {"start", seconds_text(from)},
                 {"end", seconds_text(last)},
                 {"step", seconds_text(Instant(step))}};
    auto reply = ask("/api/v1/query_range", std::move(form), server_.timeout, stop);
    if (const auto* failure = std::get_if<Failure>(&reply)) {
      const bool too_large = failure->missing.reason == MissingReason::kTooLarge;
      const Code code = failure->of_server ? Code::kUnavailable : Code::kInvalid;
      return Error{too_large ? Code::kTooLarge : code, failure->missing.detail};
    }
    auto points = points_of(read, std::get<PrometheusReply>(reply), server_.accept_partial);
    if (!points) return Error{points.error().code, server_.name + ": " + points.error().message};
    for (const HistoryPoint& point : *points) {
      if (from <= point.at && point.at <= last) all.push_back(point);
    }
    from += kMostSteps * step;
  }
  return all;
}

std::variant<PrometheusReply, PrometheusApi::Failure> PrometheusApi::ask(
    const std::string& path, Form form, Duration deadline, const std::stop_token& stop) {
  auto headers = make_headers();
  if (!headers) {
    return Failure{{MissingReason::kSourceError, server_.name + ": " + headers.error().message},
                   true};
  }
  form.emplace_back("timeout", std::to_string(deadline.count()) + "ms");
  RestRequest request{"POST", path, std::move(*headers), "", "application/x-www-form-urlencoded"};
  for (const auto& [name, value] : form) {
    request.body += (request.body.empty() ? "" : "&") + name + "=" + encoded(value);
  }
  const Result<RestResponse> response = send_with_retries(request, deadline, stop);
  if (!response) {
    const bool is_of_query = response.error().code == Code::kTooLarge;
    Missing missing = missing_from(response.error());
    missing.detail = server_.name + ": " + missing.detail;
    return Failure{std::move(missing), !is_of_query};
  }
  return understand(*response);
}

Result<RestResponse> PrometheusApi::send_with_retries(const RestRequest& request, Duration deadline,
                                                      const std::stop_token& stop) {
  const Deadline end(deadline);
  Result<RestResponse> result = client_.send(request, deadline, stop);
  for (const milliseconds wait : kPauses) {
    if (!is_worth_another_try(result)) break;
    const Duration left = end.left();
    // No try that would have less time than what was waited for it.
    if (left < 2 * wait || !pause(wait, stop)) break;
    result = client_.send(request, left - wait, stop);
  }
  return result;
}

// A 400 or 422 is about the query: the server is well.
std::variant<PrometheusReply, PrometheusApi::Failure> PrometheusApi::understand(
    const RestResponse& response) const {
  auto reply = parse_prometheus_reply(response.body, ReplyLimits{});
  if (response.status == 200 && reply) return *std::move(reply);
  if (response.status == 200) {
    Missing missing = missing_from(reply.error());
    missing.detail = server_.name + ": " + printable(std::move(missing.detail));
    return Failure{std::move(missing), reply.error().code == Code::kInvalid};
  }
  std::string detail = server_.name + " answered with status " + std::to_string(response.status);
  if (response.status >= 300 && response.status < 400) detail += ": redirects are not followed";
  // Its own words, where it is the API that speaks.
  if (!reply && reply.error().code == Code::kConflict) {
    detail += ": " + printable(reply.error().message);
  }
  const bool of_query = response.status == 400 || response.status == 422;
  return Failure{{MissingReason::kBadStatus, std::move(detail)}, !of_query};
}

Result<std::vector<std::pair<std::string, std::string>>> PrometheusApi::make_headers() const {
  std::vector<std::pair<std::string, std::string>> headers = {{"Accept", "application/json"}};
  for (const auto& [name, given] : server_.headers) {
    if (const auto* text = std::get_if<std::string>(&given)) {
      headers.emplace_back(name, *text);
      continue;
    }
    Result<std::string> secret = read_secret(std::get<Secret>(given));
    if (!secret) return secret.error();
    headers.emplace_back(name, *std::move(secret));
  }
  if (server_.bearer) {
    Result<std::string> token = read_secret(*server_.bearer);
    if (!token) return token.error();
    headers.emplace_back("Authorization", "Bearer " + *token);
  }
  if (server_.basic) {
    Result<std::string> password = read_secret(server_.basic->password);
    if (!password) return password.error();
    headers.emplace_back("Authorization", "Basic " + base64(server_.basic->user + ":" + *password));
  }
  return headers;
}

}  // namespace autoscaler
