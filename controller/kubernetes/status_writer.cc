#include "controller/kubernetes/status_writer.h"

#include "controller/kubernetes/objects.h"

#include <algorithm>

namespace autoscaler {
namespace {

using nlohmann::json;

json status_of(const json& object) {
  return object.is_object() && object.contains("status") ? object["status"] : json::object();
}

bool is_worth_another_try(ApiReason reason) {
  switch (reason) {
    case ApiReason::kConflict:
    case ApiReason::kTransport:
    case ApiReason::kTooManyRequests:
    case ApiReason::kServer:
    case ApiReason::kUnauthorized: return true;
    default: return false;  // with the next change, or the heartbeat
  }
}

void add(PolicyStatus newer, PolicyStatus& status) {
  status.at = newer.at;
  status.generation = newer.generation;
  status.fields.update(newer.fields);
  for (Condition& condition : newer.conditions)
    put_condition(std::move(condition), status.conditions);
}

}  // namespace

std::string policy_path(const PolicyObject& object) {
  return "/apis/autoscaler.io/v1alpha1/namespaces/" + object.name_space + "/scalingpolicies/" +
         object.name;
}

StatusWriter::StatusWriter(ApiClient& client, std::function<void(const Error&)> report)
    : client_(client),
      report_(std::move(report)),
      thread_([this](const std::stop_token& stop) { run(stop); }) {}

StatusWriter::~StatusWriter() {
  thread_.request_stop();
  thread_.join();
}

void StatusWriter::know(const PolicyObject& object, const std::string& version,
                        const json& status) {
  const std::lock_guard lock(mutex_);
  known_[{object.name_space, object.name}] = {version, status.dump()};
}

void StatusWriter::put(const PolicyObject& object, const WorkloadId& workload, PolicyStatus status,
                       Urgency urgency) {
  const Key key{object.name_space, object.name};
  {
    const std::lock_guard lock(mutex_);
    const auto failed = failed_.extract(key);
    auto [found, is_new] = waiting_.try_emplace(key);
    Waiting& waiting = found->second;
    if (is_new && !failed.empty()) {
      waiting = std::move(failed.mapped());
      urgency = std::min(urgency, waiting.place.first);
    }
    if (is_new || urgency < waiting.place.first) queue(key, waiting, urgency);
    waiting.object = object;
    waiting.workload = workload;
    add(std::move(status), waiting.status);
  }
  come_.notify_one();
}

// Under the lock.
void StatusWriter::queue(const Key& key, Waiting& waiting, Urgency urgency) {
  order_.erase(waiting.place);
  waiting.place = {urgency, ++came_};
  order_.emplace(waiting.place, key);
}

void StatusWriter::again() {
  {
    const std::lock_guard lock(mutex_);
    if (failed_.empty()) return;
    for (auto& [key, waiting] : failed_) {
      const auto [place, is_new] = waiting_.emplace(key, std::move(waiting));
      if (is_new) queue(key, place->second, place->second.place.first);
    }
    failed_.clear();
  }
  come_.notify_one();
}

void StatusWriter::keep(const std::set<Key>& objects) {
  const std::lock_guard lock(mutex_);
  const auto is_gone = [&](const auto& each) { return !objects.contains(each.first); };
  std::erase_if(known_, is_gone);
  std::erase_if(failed_, is_gone);
}

bool StatusWriter::flush(std::chrono::milliseconds patience) {
  again();
  std::unique_lock lock(mutex_);
  return done_.wait_for(lock, patience, [this] { return order_.empty() && !is_sending_; });
}

void StatusWriter::run(const std::stop_token& stop) {
  while (true) {
    std::unique_lock lock(mutex_);
    is_sending_ = false;
    if (order_.empty()) done_.notify_all();
    if (!come_.wait(lock, stop, [this] { return !order_.empty(); })) return;
    is_sending_ = true;
    const auto next = waiting_.find(order_.begin()->second);
    order_.erase(order_.begin());
    Waiting waiting = std::move(next->second);
    waiting_.erase(next);
    lock.unlock();
    const std::optional<ApiError> error = send(waiting, stop);
    if (stop.stop_requested()) return;
    settle(std::move(waiting), error);
  }
}

std::optional<ApiError> StatusWriter::send(const Waiting& waiting, const std::stop_token& stop) {
  const PolicyObject& object = waiting.object;
  Known known;
  {
    const std::lock_guard lock(mutex_);
    const auto found = known_.find({object.name_space, object.name});
    if (found != known_.end()) known = found->second;
  }
  if (known.version.empty()) {
    if (auto error = look(object, known, stop)) return error;
  }
  const json before = json::parse(known.status, nullptr, false);
  const json patch{{"metadata", {{"resourceVersion", known.version}}},
                   {"status", merge_patch_between(before, status_after(before, waiting.status))}};
  const ApiAnswer answer =
      client_.merge_patch(policy_path(object) + "/status", patch.dump(), stop, waiting.workload);
  if (!answer.ok()) return answer.error;
  const json written = json::parse(answer.body, nullptr, false);
  if (written.is_object()) know(object, resource_version_of(written), status_of(written));
  return std::nullopt;
}

std::optional<ApiError> StatusWriter::look(const PolicyObject& object, Known& known,
                                           const std::stop_token& stop) {
  const ApiAnswer answer = client_.get(policy_path(object), stop);
  if (!answer.ok()) return answer.error;
  const json found = json::parse(answer.body, nullptr, false);
  if (found.is_object()) known = {resource_version_of(found), status_of(found).dump()};
  if (!known.version.empty()) return std::nullopt;
  return ApiError{ApiReason::kServer,
                  {Code::kInvalid, policy_path(object) + ": the answer is no object"}};
}

void StatusWriter::settle(Waiting waiting, const std::optional<ApiError>& error) {
  if (!error) {
    failing_.clear();
    return;
  }
  const ApiReason reason = error->reason;
  // Of another spec than this status is about: the next config has the new one.
  const bool is_quiet = reason == ApiReason::kFenced || reason == ApiReason::kConflict ||
                        reason == ApiReason::kNotFound;
  if (!is_quiet && failing_.empty()) report_(error->error);
  if (!is_quiet) {
    failing_ = error->error.message;
    failures_.put(error->error.code);
  }
  const Key key{waiting.object.name_space, waiting.object.name};
  const std::lock_guard lock(mutex_);
  known_.erase(key);
  if (is_worth_another_try(reason) && !waiting_.contains(key)) {
    failed_.insert_or_assign(key, std::move(waiting));
  }
}

}  // namespace autoscaler
