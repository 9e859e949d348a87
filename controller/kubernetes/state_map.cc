#include "controller/kubernetes/state_map.h"

#include "controller/kubernetes/objects.h"

#include <nlohmann/json.hpp>

#include <array>
#include <cctype>
#include <cstdio>
#include <utility>

namespace autoscaler {
namespace {

using nlohmann::json;

constexpr size_t kMostBytes = size_t{900} << 10;
constexpr std::chrono::seconds kPause{1};  // between two writes
// A config may not name a workload for a while: its ScalingPolicy could not be listed yet, or is
// made anew.
constexpr Duration kForgotten = std::chrono::hours(1);
constexpr const char* kMark = "autoscaler.io/state";

std::string text_of(const WorkloadId& workload, const std::string& hand_over,
                    const std::string& experience) {
  return R"({"workload":)" + json(workload).dump(-1, ' ', false, json::error_handler_t::replace) +
         R"(,"handOver":)" + hand_over + R"(,"experience":)" + experience + "}";
}

}  // namespace

std::string state_key(const WorkloadId& workload) {
  std::string key;
  for (const char c : workload) {
    const auto byte = static_cast<unsigned char>(c);
    if (std::isalnum(byte) != 0 || c == '-' || c == '.') {
      key += c;
      continue;
    }
    std::array<char, 4> hex{};
    std::snprintf(hex.data(), hex.size(), "_%02X", byte);
    key += hex.data();
  }
  return key;
}

StateMap::StateMap(ApiClient& client, std::string name_space, std::string name,
                   std::function<Instant()> now, std::function<void(const Error&)> report)
    : client_(client),
      collection_("/api/v1/namespaces/" + name_space + "/configmaps"),
      name_(std::move(name)),
      path_(collection_ + "/" + name_),
      now_(std::move(now)),
      report_(std::move(report)),
      thread_([this](const std::stop_token& stop) { run(stop); }) {}

StateMap::~StateMap() {
  thread_.request_stop();
  thread_.join();
}

std::optional<ApiError> StateMap::read(ApiClient& client, std::chrono::milliseconds deadline,
                                       Documents& into) {
  const ApiAnswer answer = client.get(path_, {}, deadline);
  if (!answer.ok() && answer.error->reason == ApiReason::kNotFound) return std::nullopt;
  if (!answer.ok()) return answer.error;
  const std::lock_guard lock(mutex_);
  if (auto error = look(answer.body)) {
    report_once(error->error);
    return std::nullopt;
  }
  for (const auto& [key, text] : stands_) {
    const json document = json::parse(text, nullptr, false);
    const json workload = member(document, "workload");
    if (!workload.is_string()) {
      report_once({Code::kInvalid,
                   path_ + ": the value of " + key + " was left by no controller, and is ignored"});
      continue;
    }
    Document& found = into[workload.get<std::string>()];
    found = {member(document, "handOver").dump(), member(document, "experience").dump()};
    documents_[workload.get<std::string>()] = found;
  }
  return std::nullopt;
}

// Under the lock: takes in what stands there.
std::optional<ApiError> StateMap::look(const std::string& body) {
  const json object = json::parse(body, nullptr, false);
  version_ = object.is_object() ? resource_version_of(object) : "";
  stands_.clear();
  const json mark = member(member(member(object, "metadata"), "annotations"), kMark);
  if (!mark.is_string() || version_.empty()) {
    version_.clear();
    return ApiError{ApiReason::kRefused,
                    {Code::kConflict, path_ + " has no annotation " + kMark +
                                          ": it is somebody else's, and left alone; what a leader "
                                          "leaves for the next one is lost until it is deleted, or "
                                          "the lease has another name"}};
  }
  const json data = member(object, "data");
  for (const auto& [key, value] : data.items()) {
    if (value.is_string()) stands_[key] = value.get<std::string>();
  }
  return std::nullopt;
}

void StateMap::put(const WorkloadId& workload, Document document) {
  const std::lock_guard lock(mutex_);
  if (!named_.empty()) named_.insert(state_key(workload));  // before `keep` is told of it
  Document& held = documents_[workload];
  if (held == document) return;
  held = std::move(document);
  newest_ = workload;
  has_news_ = true;
}

void StateMap::keep(const std::set<WorkloadId>& workloads) {
  const std::lock_guard lock(mutex_);
  named_.clear();
  for (const WorkloadId& workload : workloads) named_.insert(state_key(workload));
}

// Under the lock: those that are to go, and none that has not been gone for its time.
std::vector<std::string> StateMap::gone_keys() {
  std::vector<std::string> over;
  if (named_.empty()) return over;
  std::erase_if(documents_,
                [this](const auto& each) { return !named_.contains(state_key(each.first)); });
  std::erase_if(gone_, [this](const auto& each) {
    return named_.contains(each.first) || !stands_.contains(each.first);
  });
  const Instant now = now_();
  for (const auto& [key, text] : stands_) {
    if (named_.contains(key)) continue;
    const Instant since = gone_.try_emplace(key, now).first->second;
    if (now - since >= kForgotten) over.push_back(key);
  }
  return over;
}

void StateMap::wake() {
  {
    const std::lock_guard lock(mutex_);
    if (!std::exchange(has_news_, false)) return;
    is_due_ = true;
  }
  come_.notify_one();
}

bool StateMap::flush(std::chrono::milliseconds patience) {
  wake();
  std::unique_lock lock(mutex_);
  hurries_ = true;
  come_.notify_one();
  return done_.wait_for(lock, patience, [this] { return !is_due_ && !is_sending_; });
}

// Under the lock. What has to be known comes first; then what was learned, as far as there is room.
StateMap::Data StateMap::wanted() {
  Data data;
  size_t bytes = 0;
  size_t left_out = 0;
  for (const auto& [workload, document] : documents_) {
    std::string text = text_of(workload, document.hand_over, "{}");
    const std::string key = state_key(workload);
    if (bytes + key.size() + text.size() > kMostBytes) {
      ++left_out;
      continue;
    }
    bytes += key.size() + text.size();
    data[key] = std::move(text);
  }
  for (const auto& [workload, document] : documents_) {
    const auto place = data.find(state_key(workload));
    if (place == data.end()) continue;
    const size_t more = document.experience.size() - 2;
    left_out += bytes + more > kMostBytes ? 1 : 0;
    if (bytes + more > kMostBytes) continue;
    bytes += more;
    place->second = text_of(workload, document.hand_over, document.experience);
  }
  if (left_out > 0) {
    report_once({Code::kTooLarge,
                 path_ + " is full: not all that was learned is left for the next leader; divide "
                         "the workloads among more shards"});
  }
  return data;
}

void StateMap::run(const std::stop_token& stop) {
  while (true) {
    std::unique_lock lock(mutex_);
    is_sending_ = false;
    if (!is_due_) done_.notify_all();
    if (!come_.wait(lock, stop, [this] { return is_due_; })) return;
    is_due_ = false;
    is_sending_ = true;
    lock.unlock();
    const std::optional<ApiError> error = send(stop);
    lock.lock();
    if (stop.stop_requested()) return;
    if (!error) {
      reported_.erase("write");
    } else {
      version_.clear();
      const ApiReason reason = error->reason;
      // A conflict: one who led before us, or a person. It is looked at anew.
      is_due_ |= reason == ApiReason::kConflict || reason == ApiReason::kAlreadyExists ||
                 reason == ApiReason::kTransport || reason == ApiReason::kServer ||
                 reason == ApiReason::kTooManyRequests;
      const bool is_quiet = reason == ApiReason::kFenced || reason == ApiReason::kConflict ||
                            reason == ApiReason::kAlreadyExists;
      if (!is_quiet) failures_.put(error->error.code);
      if (!is_quiet && !std::exchange(reported_["write"], true)) report_(error->error);
    }
    come_.wait_for(lock, stop, kPause, [&] { return hurries_ && !error; });
  }
}

std::optional<ApiError> StateMap::send(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  bool is_new = false;
  if (version_.empty()) {
    lock.unlock();
    const ApiAnswer answer = client_.get(path_, stop);
    lock.lock();
    is_new = !answer.ok() && answer.error->reason == ApiReason::kNotFound;
    if (!answer.ok() && !is_new) return answer.error;
    if (is_new) stands_.clear();
    if (!is_new) {
      if (auto error = look(answer.body)) return error;
    }
  }
  const std::vector<std::string> gone = gone_keys();
  const Data data = wanted();
  json changed = json::object();
  for (const std::string& key : gone) changed[key] = nullptr;
  for (const auto& [key, text] : data) {
    const auto stands = stands_.find(key);
    if (stands == stands_.end() || stands->second != text) changed[key] = text;
  }
  if (changed.empty()) return std::nullopt;
  json body{{"metadata", {{"name", name_}, {"annotations", {{kMark, "1"}}}}}, {"data", changed}};
  if (!is_new) body["metadata"]["resourceVersion"] = version_;
  const std::string text = body.dump();
  const WorkloadId workload = newest_;
  lock.unlock();
  const ApiAnswer answer = is_new ? client_.create(collection_, text, stop, workload)
                                  : client_.merge_patch(path_, text, stop, workload);
  if (!answer.ok()) return answer.error;
  lock.lock();
  return look(answer.body);
}

void StateMap::report_once(const Error& error) {
  if (!std::exchange(reported_[error.message], true)) report_(error);
}

}  // namespace autoscaler
