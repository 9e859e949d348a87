#include "controller/kubernetes/reflector.h"

#include "base/deaf_thread.h"
#include "controller/kubernetes/list_pages.h"
#include "controller/kubernetes/objects.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <utility>

namespace autoscaler {
namespace {

using nlohmann::json;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

// A server that has just started refuses what it will grant once it has read its roles.
constexpr int kHopes = 4;
constexpr size_t kLongestLine = size_t{8} << 20;
// Beyond the time after which the server ends a watch.
constexpr milliseconds kWatchGrace{5'000};
// Watches that end sooner than this without having told anything count as failures.
constexpr milliseconds kShortest{1'000};

ApiError unreadable(const std::string& path, const Error& error) {
  return {ApiReason::kTransport, {error.code, "GET " + path + ": " + error.message}};
}

std::string text_at(const json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : "";
}

}  // namespace

Reflector::Reflector(ApiClient& client, Collection& into, ReflectorSettings settings)
    : client_(client), into_(into), settings_(std::move(settings)), random_(settings_.seed) {
  thread_ = start_deaf_thread([this] { run(stop_.get_token()); });
  if (!thread_.joinable()) into_.failed({Code::kExhausted, "no thread is to be had"});
}

Reflector::~Reflector() {
  stop_.request_stop();
  if (thread_.joinable()) thread_.join();
}

void Reflector::run(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    const std::optional<ApiError> error = follow(stop);
    if (stop.stop_requested()) return;
    if (!error) {
      failures_ = 0;
      into_.heard();
      continue;
    }
    into_.failed(error->error);
    if (error->reason == ApiReason::kNotFound) version_.clear();  // the kind has gone
    if (error->reason == ApiReason::kExpired) {
      version_.clear();
      consistent_ = true;  // the server's memory may be what is too old
    }
    const bool is_refused =
        error->reason == ApiReason::kForbidden || error->reason == ApiReason::kRefused;
    const bool is_hopeless = settings_.metadata_only && is_refused && failures_ >= kHopes;
    wait(is_hopeless ? settings_.absent : next_wait(), stop);
    failures_ = std::min(failures_ + 1, 16);
  }
}

std::optional<ApiError> Reflector::follow(const std::stop_token& stop) {
  if (!version_.empty()) return watch(stop);
  if (settings_.served_at.empty() || !is_absent(stop)) return list(stop);
  into_.begin_list();
  into_.end_list();
  into_.heard();
  wait(settings_.absent, stop);
  return std::nullopt;
}

bool Reflector::is_absent(const std::stop_token& stop) {
  const ApiAnswer answer = client_.get(settings_.served_at, stop);
  return !answer.ok() && answer.error->reason == ApiReason::kNotFound;
}

std::optional<ApiError> Reflector::list(const std::stop_token& stop) {
  into_.begin_list();
  const ListRequest request{.path = settings_.path,
                            .from_memory = !consistent_,
                            .page = settings_.page,
                            .deadline = settings_.deadline,
                            .metadata_only = settings_.metadata_only};
  Listed listed = list_pages(
      client_, request, [this](const json& object) { return into_.list(object); }, stop);
  if (listed.error) return listed.error;
  version_ = std::move(listed.resource_version);
  into_.end_list();
  return std::nullopt;
}

std::optional<ApiError> Reflector::watch(const std::stop_token& stop) {
  const auto begin = steady_clock::now();
  const milliseconds length = settings_.watch + milliseconds(std::uniform_int_distribution<int64_t>(
                                                    0, settings_.watch.count() / 2)(random_));
  const std::string query =
      "?watch=true&allowWatchBookmarks=true&resourceVersion=" + version_ +
      "&timeoutSeconds=" + std::to_string(std::max<int64_t>(1, length.count() / 1000));
  std::string line;
  std::optional<ApiError> told;
  bool has_begun = false;
  bool any = false;
  const auto sink = [&](std::string_view bytes) {
    // Where nothing changes, nothing comes for a minute: that the server watches for us is enough.
    if (!std::exchange(has_begun, true) && !ended_at_once_) into_.heard();
    for (size_t end; !told && (end = bytes.find('\n')) != std::string_view::npos;) {
      line += bytes.substr(0, end);
      bytes.remove_prefix(end + 1);
      told = take_event(line);
      line.clear();
      any = true;
      failures_ = 0;
      into_.heard();
    }
    line += bytes;
    if (line.size() > kLongestLine) {
      told = unreadable(settings_.path, {Code::kTooLarge, "an event without an end"});
    }
    return !told;
  };
  auto error = client_.stream(settings_.path + query, length + kWatchGrace, sink, stop,
                              settings_.metadata_only ? kAcceptMetadata : kAcceptJson);
  const bool is_brief = !any && steady_clock::now() - begin < kShortest;
  if (has_begun) ended_at_once_ = is_brief;
  if (told) return told;
  if (error) return error;
  if (!is_brief) return std::nullopt;
  return unreadable(settings_.path, {Code::kUnavailable, "the watch ended at once"});
}

std::optional<ApiError> Reflector::take_event(std::string_view line) {
  if (line.empty()) return std::nullopt;
  const json event = json::parse(line, nullptr, false);
  const auto object = event.is_object() ? event.find("object") : event.end();
  if (!event.is_object() || object == event.end() || !object->is_object()) {
    return unreadable(settings_.path, {Code::kInvalid, "an event that is not JSON"});
  }
  const std::string type = text_at(event, "type");
  if (type == "ERROR") {
    const auto code = object->find("code");
    const int status = code != object->end() && code->is_number_integer() ? code->get<int>() : 500;
    const json said{{"kind", "Status"}, {"message", text_at(*object, "message")}};
    return api_error("GET " + settings_.path + "?watch", status, said.dump());
  }
  if (type == "ADDED" || type == "MODIFIED") into_.put(*object);
  if (type == "DELETED") into_.erase(*object);
  if (std::string version = resource_version_of(*object); !version.empty()) {
    version_ = std::move(version);
  }
  return std::nullopt;
}

milliseconds Reflector::next_wait() {
  const milliseconds whole =
      std::min(settings_.longest_wait, settings_.first_wait * (int64_t{1} << failures_));
  return milliseconds(
      std::uniform_int_distribution<int64_t>(whole.count() / 2, whole.count())(random_));
}

void Reflector::wait(milliseconds length, const std::stop_token& stop) {
  std::mutex mutex;
  std::condition_variable_any never;
  std::unique_lock lock(mutex);
  never.wait_for(lock, stop, length, [] { return false; });
}

}  // namespace autoscaler
