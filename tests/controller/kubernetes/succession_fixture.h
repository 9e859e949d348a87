#pragma once

#include "controller/kubernetes/kubernetes_succession.h"
#include "tests/controller/kubernetes/on_both_servers.h"
#include "tests/controller/kubernetes/scaling_policies.h"
#include "tests/fakes/eventually.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <atomic>
#include <chrono>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace autoscaler {

// Controllers that follow each other over one workload, in a ScalingPolicy or in the file.
class SuccessionTest : public OnBothServers {
 protected:
  void SetUp() override {
    OnBothServers::SetUp();
    if (IsSkipped()) return;
    admin_->create("/apis/apiextensions.k8s.io/v1/customresourcedefinitions", kPolicyDefinition);
    const WorkloadResult read = parse_workload(R"(
name: shop
replicas: {min: 2, max: 20}
signals: {cpu: {source: kubernetes, resource: cpu}}
policies: [{track: {signal: cpu, target: 65%}}]
)",
                                               "test");
    ASSERT_TRUE(read.workload);
    config_ = *read.workload;
    KubernetesTarget target;
    target.name_space = space_;
    target.name = "shop";
    config_.target = target;
    ASSERT_TRUE(eventually([&] {
      return admin_->get("/apis/autoscaler.io/v1alpha1/namespaces/" + space_ + "/scalingpolicies")
          .ok();
    }));
    left_.workload = {wall_clock() - std::chrono::seconds(60), std::nullopt, 0};
    left_.policies.resize(1);
    left_.orders.pause = Pause{};
    left_.ordered = wall_clock() - std::chrono::seconds(5);
  }
  // A ScalingPolicy of this name, that the workload is written in.
  void stand_in_an_object() {
    const std::string list =
        "/apis/autoscaler.io/v1alpha1/namespaces/" + space_ + "/scalingpolicies";
    const ApiAnswer made =
        admin_->create(list, R"({"apiVersion":"autoscaler.io/v1alpha1","kind":"ScalingPolicy",)"
                             R"("metadata":{"name":"shop"},"spec":{"replicas":{"max":20}}})");
    ASSERT_TRUE(made.ok()) << made.error->error.message;
    config_.object = PolicyObject{space_, "shop", "", 1};
  }

  // A controller, with its own client.
  struct Controller {
    std::unique_ptr<ApiClient> client;
    std::unique_ptr<KubernetesSuccession> succession;
    std::atomic<bool> leads{true};
    std::mutex mutex;  // guards reports
    std::vector<std::string> reports;
    std::vector<std::string> reported() {
      const std::lock_guard lock(mutex);
      return reports;
    }
  };
  std::unique_ptr<Controller> controller(const std::string& token = "admin-token") {
    auto made = std::make_unique<Controller>();
    Controller& it = *made;
    ApiSettings settings;
    // Who leads one shard leads not all: a write says whose it is.
    settings.may_write_for = [&it](const WorkloadId& workload) {
      return std::chrono::hours(it.leads.load() && !workload.empty() ? 1 : 0);
    };
    it.client = client(token, settings);
    const auto report = [&it](const Error& error) {
      const std::lock_guard lock(it.mutex);
      it.reports.push_back(error.message);
    };
    KubernetesSuccession::Maps maps;
    const auto clock = [this] { return wall_clock() + later_.load(); };
    maps.push_back(
        std::make_unique<StateMap>(*it.client, space_, "autoscaler-state", clock, report));
    it.succession = std::make_unique<KubernetesSuccession>(
        *it.client, *it.client, std::move(maps), clock,
        [&it](const WorkloadId&) { return it.leads.load(); }, report);
    return made;
  }
  Result<std::vector<Succession::Left>> take_over(Controller& from, uint64_t term = 1) {
    const std::vector<Succession::Heir> heirs{{&config_, from.leads, term}};
    return from.succession->left(heirs);
  }

  TickRecord tick(Instant now, int32_t from, int32_t to, bool leads = true) const {
    TickRecord record;
    record.now = now;
    WorkloadTick& workload = record.workloads.emplace_back();
    workload.config = &config_;
    workload.leads = leads;
    workload.workload.status_size = from;
    workload.decision.from = from;
    workload.decision.to = workload.decision.combined = to;
    workload.decision.reason = from == to ? Reason::kOnTarget : Reason::kScaleOut;
    workload.outcome = from == to ? Outcome::kHeld : Outcome::kApplied;
    return record;
  }
  static TickRecord tick_at(Instant now) {
    TickRecord record;
    record.now = now;
    return record;
  }
  nlohmann::json status() const {
    const nlohmann::json object =
        nlohmann::json::parse(admin_->get(policy_path(*config_.object)).body);
    return object.contains("status") ? object["status"] : nlohmann::json::object();
  }
  std::string version() const {
    return resource_version(admin_->get(policy_path(*config_.object)).body);
  }
  static std::string resource_version(const std::string& body) {
    return nlohmann::json::parse(body)["metadata"]["resourceVersion"];
  }
  nlohmann::json state() const {
    const ApiAnswer answer = admin_->get(path("configmaps", "autoscaler-state"));
    return answer.ok() ? nlohmann::json::parse(answer.body) : nlohmann::json();
  }
  static void flushed(Controller& of) { of.succession->flush(std::chrono::seconds(5)); }

  // As often as it takes until they are known or given up.
  Result<std::vector<Succession::Left>> insist(Controller& from,
                                               const std::vector<Succession::Heir>& heirs) {
    auto left = from.succession->left(heirs);
    for (int tries = 1; !left && tries < 10; ++tries) {
      later_ = later_.load() + std::chrono::seconds(2);
      left = from.succession->left(heirs);
    }
    return left;
  }

  std::atomic<Duration> later_{std::chrono::seconds(0)};
  WorkloadConfig config_;
  HandOver left_;
};

}  // namespace autoscaler
