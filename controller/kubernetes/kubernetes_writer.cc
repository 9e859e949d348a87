#include "controller/kubernetes/kubernetes_writer.h"

#include "base/deadline.h"
#include "base/fan_out.h"

#include <nlohmann/json.hpp>

namespace autoscaler {
namespace {

// Pods cost 0 where nobody says otherwise; those that cost less go first.
constexpr const char* kGoesFirst =
    R"({"metadata":{"annotations":{"controller.kubernetes.io/pod-deletion-cost":"-1000"}}})";

std::string scale_patch(const Resize& change) {
  return nlohmann::json{{"metadata", {{"resourceVersion", change.resource_version}}},
                        {"spec", {{"replicas", change.to}}}}
      .dump();
}

}  // namespace

KubernetesWriter::KubernetesWriter(const Config& config, ApiClient& client, ResourceNames& names,
                                   WrittenScales& written)
    : client_(client), names_(names), written_(written) {
  for (const WorkloadConfig& workload : config.workloads) {
    if (const auto* target = workload.kubernetes()) targets_.emplace(workload.spec.name, *target);
  }
  written_.keep(targets_);
}

std::vector<ChangeResult> KubernetesWriter::apply(std::span<const Change> changes, Instant) {
  std::vector<ChangeResult> results;
  for (const Change& change : changes) results.push_back({change, false, std::nullopt});
  // However many they are, a server that hangs holds up the tick for two deadlines at the most.
  const Deadline whole(client_.deadline());
  fan_out(changes.size(), [&](size_t i) {
    if (whole.left().count() <= 0) {
      results[i].error =
          Error{Code::kExhausted, "not sent: those before it took longer than one request may (" +
                                      std::to_string(client_.deadline().count()) + " ms)"};
      return;
    }
    const auto* resize_change = std::get_if<Resize>(&changes[i]);
    CHECK(resize_change != nullptr);  // Kubernetes starts and stops instances itself
    const std::optional<ApiError> error = resize(*resize_change);
    results[i].skipped = error && error->reason == ApiReason::kFenced;
    if (error && !results[i].skipped) results[i].error = error->error;
  });
  return results;
}

std::optional<ApiError> KubernetesWriter::resize(const Resize& change) {
  if (change.from == change.to) return std::nullopt;
  const auto found = targets_.find(change.workload);
  CHECK(found != targets_.end());
  const KubernetesTarget& target = found->second;
  const Result<std::string> path =
      names_.path_of(target.api_version, target.kind, target.name_space, target.name);
  // Nothing has been sent, so that it is known: not written.
  if (!path) return ApiError{ApiReason::kTransport, {Code::kExhausted, path.error().message}};
  if (target.deletion_cost) {
    if (auto error = mark(change, target)) return error;
  }
  const ApiAnswer answer =
      client_.merge_patch(*path + "/scale", scale_patch(change), {}, change.workload);
  if (!answer.ok()) return answer.error;
  const Result<ScaleRecord> scale = read_scale(nlohmann::json::parse(answer.body, nullptr, false));
  if (scale.ok()) written_.wrote(change.workload, *scale);
  return std::nullopt;
}

std::optional<ApiError> KubernetesWriter::mark(const Resize& change,
                                               const KubernetesTarget& target) {
  const std::string pods = "/api/v1/namespaces/" + target.name_space + "/pods/";
  for (const InstanceId& pod : change.leaving) {
    const ApiAnswer answer = client_.merge_patch(pods + pod, kGoesFirst, {}, change.workload);
    if (answer.ok() || answer.error->reason == ApiReason::kNotFound) continue;
    ApiError error = *answer.error;
    // The size has not been sent, so that it is known: not written.
    if (error.error.code != Code::kDenied) error.error.code = Code::kExhausted;
    return error;
  }
  return std::nullopt;
}

}  // namespace autoscaler
