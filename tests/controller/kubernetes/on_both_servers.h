#pragma once

#include "controller/kubernetes/api_client.h"
#include "tests/fakes/api_server_process.h"
#include "tests/fakes/eventually.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <chrono>
#include <memory>
#include <string>
#include <thread>

namespace autoscaler {

inline Instant wall_clock() {
  return std::chrono::time_point_cast<Instant::duration>(std::chrono::system_clock::now());
}

// Cases that must hold against the fake API server and a real one alike. One of each serves all
// cases of a binary; each case has a namespace of its own.
class OnBothServers : public testing::TestWithParam<ApiServerProcess::Kind> {
 protected:
  void SetUp() override {
    const bool is_real = GetParam() == ApiServerProcess::Kind::kReal;
    if (is_real && !ApiServerProcess::has_real()) {
      GTEST_SKIP() << "no real API server: set KUBEBUILDER_ASSETS to a folder with kube-apiserver, "
                      "and have etcd on the PATH";
    }
    static std::unique_ptr<ApiServerProcess> servers[2];
    auto& mine = servers[is_real ? 1 : 0];
    if (mine == nullptr) mine = std::make_unique<ApiServerProcess>(GetParam());
    server_ = mine.get();
    if (!is_real)
      faults(R"({"throttle": 0, "fail": 0, "latency_ms": 0, "cut": 0, "no_watch": false,
                 "no_bookmarks": false, "end_at_once": false, "fail_retry_after": 0})");
    admin_ = client("admin-token");
    static int count = 0;
    space_ = "case-" + std::to_string(::getpid()) + "-" + std::to_string(++count);
    ASSERT_TRUE(
        admin_->create("/api/v1/namespaces", R"({"metadata":{"name":")" + space_ + "\"}}").ok());
  }

  std::unique_ptr<ApiClient> client(const std::string& token, ApiSettings settings = {}) const {
    settings.per_second = 5000;
    settings.burst = 5000;
    settings.user_agent = "autoscaler/test";
    return std::make_unique<ApiClient>(server_->access(token), settings, wall_clock);
  }
  // Killed and started again. Kept connections are dead then.
  void restart() {
    server_->stop();
    server_->start();
    admin_ = client("admin-token");
  }
  void faults(const std::string& json) const { server_->control("faults", json); }

  std::string path(const std::string& plural, const std::string& name = "") const {
    const std::string root = plural == "pods" || plural == "events" || plural == "configmaps"
                                 ? "/api/v1"
                             : plural == "leases"                   ? "/apis/coordination.k8s.io/v1"
                             : plural == "horizontalpodautoscalers" ? "/apis/autoscaling/v2"
                             : plural == "scaledobjects"            ? "/apis/keda.sh/v1alpha1"
                                                                    : "/apis/apps/v1";
    return root + "/namespaces/" + space_ + "/" + plural + (name.empty() ? "" : "/" + name);
  }

  // Of kind Deployment, for pods with the label app=`name`.
  std::string make_deployment(const std::string& name, int replicas, const std::string& more = "") {
    const std::string labels = R"({"app":")" + name + "\"}";
    const std::string body = R"({"metadata":{"name":")" + name + "\"" + more +
                             R"(},"spec":{"replicas":)" + std::to_string(replicas) +
                             R"(,"selector":{"matchLabels":)" + labels +
                             R"(},"template":{"metadata":{"labels":)" + labels +
                             R"(},"spec":{"containers":[{"name":"app","image":"none"}]}}}})";
    const ApiAnswer made = admin_->create(path("deployments"), body);
    EXPECT_TRUE(made.ok()) << made.error->error.message;
    return made.ok()
               ? nlohmann::json::parse(made.body)["metadata"]["resourceVersion"].get<std::string>()
               : "";
  }

  void make_pod(const std::string& name, const std::string& app, const std::string& phase,
                const std::string& ready, const std::string& ip = "10.1.2.3") {
    const std::string body =
        R"({"metadata":{"name":")" + name + R"(","labels":{"app":")" + app +
        R"(","pod-template-hash":"abc"}},"spec":{"containers":[{"name":"app","image":"none",)"
        R"("ports":[{"name":"http","containerPort":8080}],"resources":{"requests":{"cpu":"250m"}}}]}})";
    const ApiAnswer made = admin_->create(path("pods"), body);
    ASSERT_TRUE(made.ok()) << made.error->error.message;
    const std::string status =
        R"({"status":{"phase":")" + phase + R"(","podIP":")" + ip +
        R"(","startTime":"2026-01-02T03:04:05Z","conditions":[{"type":"Ready","status":")" + ready +
        R"(","lastTransitionTime":"2026-01-02T03:04:15Z"}]}})";
    const ApiAnswer told = admin_->merge_patch(path("pods", name) + "/status", status);
    ASSERT_TRUE(told.ok()) << told.error->error.message;
  }

  // KEDA's kind, which the server has until it is taken away.
  void define_scaled_objects() const {
    admin_->create("/apis/apiextensions.k8s.io/v1/customresourcedefinitions", R"({
      "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
      "metadata": {"name": "scaledobjects.keda.sh"},
      "spec": {"group": "keda.sh", "scope": "Namespaced",
        "names": {"plural": "scaledobjects", "singular": "scaledobject", "kind": "ScaledObject",
                  "listKind": "ScaledObjectList"},
        "versions": [{"name": "v1alpha1", "served": true, "storage": true,
          "schema": {"openAPIV3Schema": {"type": "object",
                                         "x-kubernetes-preserve-unknown-fields": true}}}]}})");
    EXPECT_TRUE(eventually([&] { return admin_->get(path("scaledobjects")).ok(); }));
  }
  void remove_scaled_objects() const {
    admin_->remove("/apis/apiextensions.k8s.io/v1/customresourcedefinitions/scaledobjects.keda.sh");
    EXPECT_TRUE(eventually([&] { return !admin_->get(path("scaledobjects")).ok(); }));
  }

  // `rules`: a list of RBAC rules; for the user alone, in all namespaces.
  void allow(const std::string& user, const std::string& rules) {
    const std::string name = space_ + "-" + user;
    const std::string rbac = "/apis/rbac.authorization.k8s.io/v1/";
    ASSERT_TRUE(admin_
                    ->create(rbac + "clusterroles",
                             R"({"metadata":{"name":")" + name + R"("},"rules":)" + rules + "}")
                    .ok());
    const std::string binding =
        R"({"metadata":{"name":")" + name +
        R"("},"roleRef":{"apiGroup":"rbac.authorization.k8s.io","kind":"ClusterRole","name":")" +
        name + R"("},"subjects":[{"apiGroup":"rbac.authorization.k8s.io","kind":"User","name":")" +
        user + "\"}]}";
    ASSERT_TRUE(admin_->create(rbac + "clusterrolebindings", binding).ok());
    granted_.push_back(name);
  }

  void TearDown() override {
    for (const std::string& name : granted_) {
      const std::string rbac = "/apis/rbac.authorization.k8s.io/v1/";
      admin_->remove(rbac + "clusterrolebindings/" + name);
      admin_->remove(rbac + "clusterroles/" + name);
    }
  }

  ApiServerProcess* server_ = nullptr;
  std::unique_ptr<ApiClient> admin_;
  std::string space_;
  std::vector<std::string> granted_;
};

// The same against the fake alone, which can be told to misbehave.
class OnTheFakeServer : public OnBothServers {};

inline const auto kBothServers =
    testing::Values(ApiServerProcess::Kind::kFake, ApiServerProcess::Kind::kReal);
inline const auto kFakeServer = testing::Values(ApiServerProcess::Kind::kFake);
inline std::string server_name(const testing::TestParamInfo<ApiServerProcess::Kind>& info) {
  return info.param == ApiServerProcess::Kind::kFake ? "Fake" : "Real";
}

}  // namespace autoscaler
