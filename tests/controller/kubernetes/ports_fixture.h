#pragma once

#include "controller/kubernetes/kubernetes_reader.h"
#include "controller/kubernetes/kubernetes_writer.h"
#include "tests/controller/kubernetes/on_both_servers.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace autoscaler {

// A reader and a writer of the targets that a case names.
class PortsTest : public OnBothServers {
 protected:
  void target(const std::string& name, const std::string& kind = "Deployment",
              const std::string& api_version = "apps/v1") {
    KubernetesTarget target;
    target.name_space = space_;
    target.kind = kind;
    target.api_version = api_version;
    target.name = name;
    config_.workloads.emplace_back();
    config_.workloads.back().spec.name = name;
    config_.workloads.back().target = target;
    std::ranges::sort(config_.workloads, {}, [](const auto& each) { return each.spec.name; });
  }
  void start(const std::string& token = "admin-token") {
    client_ = client(token);
    names_ = std::make_unique<ResourceNames>(*client_);
    collections_ = std::make_unique<FollowedCollections>(
        *client_, [this] { return wall_clock() + std::chrono::seconds(later_); });
    reader_ = make_reader();
    writer_ = std::make_unique<KubernetesWriter>(config_, *client_, *names_, written_,
                                                 std::chrono::seconds(10));
    reader_->wait_until_known(std::chrono::seconds(60));
  }
  std::unique_ptr<KubernetesReader> make_reader() {
    return std::make_unique<KubernetesReader>(config_, *client_, *names_, written_, *collections_,
                                              1, std::chrono::seconds(10));
  }
  ClusterObservation observe() {
    const auto seen = reader_->observe(wall_clock());
    EXPECT_TRUE(seen.ok()) << seen.error().message;
    return seen.ok() ? *seen : ClusterObservation{};
  }
  // Of all workloads.
  std::vector<InstanceObservation> pods() {
    std::vector<InstanceObservation> pods;
    for (const auto& scale : observe().scales) {
      pods.insert(pods.end(), scale->pods.begin(), scale->pods.end());
    }
    return pods;
  }
  ScaleObservation scale_of(const std::string& name) {
    for (const auto& scale : observe().scales) {
      if (scale->workload == name) return *scale;
    }
    ADD_FAILURE() << name << " has no scale";
    return {};
  }
  Resize resize(const std::string& name, int32_t to) {
    const ScaleObservation scale = scale_of(name);
    return {name, scale.spec_replicas, to, scale.resource_version, {}};
  }
  std::optional<Error> apply(const Resize& change) {
    const Change changes[] = {change};
    return writer_->apply(changes, wall_clock()).at(0).error;
  }
  int32_t size_of(const std::string& name) {
    return nlohmann::json::parse(admin_->get(path("deployments", name)).body)["spec"]["replicas"];
  }
  // Methods and paths of the requests by `user` in this case's namespace, with their status.
  std::vector<std::string> asked(const std::string& user, const std::string& part) const {
    std::vector<std::string> found;
    for (const nlohmann::json& entry : nlohmann::json::parse(server_->audit())) {
      const std::string line = entry["method"].get<std::string>() + " " +
                               entry["path"].get<std::string>() + " " +
                               std::to_string(entry["status"].get<int>());
      const bool mine = entry["path"].get<std::string>().find(space_) != std::string::npos;
      if (entry["user"] == user && mine && line.find(part) != std::string::npos) {
        found.push_back(line);
      }
    }
    return found;
  }

  Config config_;
  WrittenScales written_;
  std::atomic<int> later_ = 0;  // seconds
  std::unique_ptr<ApiClient> client_;
  std::unique_ptr<ResourceNames> names_;
  std::unique_ptr<FollowedCollections> collections_;
  std::unique_ptr<KubernetesReader> reader_;
  std::unique_ptr<KubernetesWriter> writer_;
};

}  // namespace autoscaler
