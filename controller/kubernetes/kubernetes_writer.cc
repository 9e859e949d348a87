#include "controller/kubernetes/kubernetes_writer.h"

#include "base/deadline.h"
#include "base/fan_out.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <utility>

namespace autoscaler {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kLeast{1};

// `pod` as it was seen just before: after a mark of the next leader, ours is refused.
std::string mark_patch(const nlohmann::json& pod, const nlohmann::json& cost) {
  return nlohmann::json{
      {"metadata",
       {{"resourceVersion", resource_version_of(pod)}, {"annotations", {{kDeletionCost, cost}}}}}}
      .dump();
}

std::string scale_of(const Resize& change, const KubernetesTarget& target) {
  return nlohmann::json{{"apiVersion", "autoscaling/v1"},
                        {"kind", "Scale"},
                        {"metadata",
                         {{"name", target.name},
                          {"namespace", target.name_space},
                          {"resourceVersion", change.resource_version}}},
                        {"spec", {{"replicas", change.to}}}}
      .dump();
}

}  // namespace

KubernetesWriter::KubernetesWriter(const Config& config, ApiClient& client, ResourceNames& names,
                                   WrittenScales& written, milliseconds budget)
    : config_(config), client_(client), names_(names), written_(written), budget_(budget) {
  written_.keep([this](const WorkloadId& workload) { return find(workload) != nullptr; });
}

const KubernetesTarget* KubernetesWriter::find(const WorkloadId& workload) const {
  const auto name_of = [](const WorkloadConfig& each) -> const WorkloadId& {
    return each.spec.name;
  };
  const auto found = std::ranges::lower_bound(config_.workloads, workload, {}, name_of);
  const bool is_there = found != config_.workloads.end() && found->spec.name == workload;
  return is_there ? found->kubernetes() : nullptr;
}

std::vector<ChangeResult> KubernetesWriter::apply(std::span<const Change> changes, Instant) {
  std::vector<ChangeResult> results;
  for (const Change& change : changes) results.push_back({change, false, std::nullopt});
  const Deadline whole(budget_);
  fan_out(changes.size(), [&](size_t i) {
    const auto* resize_change = std::get_if<Resize>(&changes[i]);
    CHECK(resize_change != nullptr);  // Kubernetes starts and stops instances itself
    const std::optional<ApiError> error = resize(*resize_change, whole);
    results[i].skipped = error && error->reason == ApiReason::kFenced;
    if (error && !results[i].skipped) results[i].error = error->error;
  });
  return results;
}

std::optional<ApiError> KubernetesWriter::resize(const Resize& change, const Deadline& whole) {
  if (change.from == change.to) return std::nullopt;
  const KubernetesTarget* found = find(change.workload);
  CHECK(found != nullptr);
  const KubernetesTarget& target = *found;
  const Result<std::string> path =
      names_.path_of(target.api_version, target.kind, target.name_space, target.name,
                     std::max(whole.left(), kLeast));
  // Nothing has been sent, so that it is known: not written.
  if (!path) return ApiError{ApiReason::kTransport, {Code::kExhausted, path.error().message}};
  // Pods are chosen as soon as a smaller size is written.
  const bool grows = change.to > change.from;
  if (auto error = mark(change, target, change.leaving, kGoesFirst, whole)) return error;
  if (!grows) {
    if (auto error = mark(change, target, change.staying, nullptr, whole)) return error;
  }
  const ApiAnswer answer = in_time("PUT " + *path + "/scale", whole, [&](milliseconds most) {
    return client_.replace(*path + "/scale", scale_of(change, target), {}, change.workload, most);
  });
  if (!answer.ok()) {
    if (is_outcome_unknown(answer.error->error.code)) written_.lose(change.workload);
    return answer.error;
  }
  const Result<ScaleRecord> scale = read_scale(nlohmann::json::parse(answer.body, nullptr, false));
  if (scale.ok()) written_.wrote(change.workload, *scale);
  if (!scale.ok()) written_.lose(change.workload);
  if (grows) mark(change, target, change.staying, nullptr, whole);  // or with the next one
  return std::nullopt;
}

std::optional<ApiError> KubernetesWriter::mark(const Resize& change, const KubernetesTarget& target,
                                               const std::vector<InstanceId>& whom,
                                               const nlohmann::json& cost, const Deadline& whole) {
  const std::string pods = "/api/v1/namespaces/" + target.name_space + "/pods/";
  for (const InstanceId& pod : whom) {
    ApiAnswer answer = client_.get(pods + pod, {}, std::max(left(whole), kLeast));
    if (answer.ok()) {  // a change of the pod in between makes the next tick try again
      const auto seen = nlohmann::json::parse(answer.body, nullptr, false);
      answer = in_time("PATCH " + pods + pod, whole, [&](milliseconds most) {
        return client_.merge_patch(pods + pod, mark_patch(seen, cost), {}, change.workload, most);
      });
    }
    if (answer.ok() || answer.error->reason == ApiReason::kNotFound) continue;
    ApiError error = *answer.error;
    // The size has not been sent, so that it is known: not written.
    if (error.error.code != Code::kDenied) error.error.code = Code::kExhausted;
    return error;
  }
  return std::nullopt;
}

// Of one request.
milliseconds KubernetesWriter::left(const Deadline& whole) const {
  return std::min(whole.left(), client_.deadline());
}

// The tick waits for all of them together: what has no time left is for the next one.
template <typename Send>
ApiAnswer KubernetesWriter::in_time(const std::string& what, const Deadline& whole,
                                    Send send) const {
  const milliseconds most = left(whole);
  if (most >= kLeast) return send(most);
  return {"",
          ApiError{ApiReason::kTransport,
                   {Code::kExhausted, what + ": not sent: the " + std::to_string(budget_.count()) +
                                          " ms of a tick for its writes are over; the next "
                                          "one decides anew"}}};
}

}  // namespace autoscaler
