#include "controller/kubernetes/autoscalers.h"

#include "controller/import/import.h"
#include "tests/controller/kubernetes/on_both_servers.h"

namespace autoscaler {
namespace {

using nlohmann::json;

class AutoscalersTest : public OnBothServers {
 protected:
  void make_hpa(const std::string& name, const std::string& target) {
    const ApiAnswer made = admin_->create(
        path("horizontalpodautoscalers"),
        R"({"metadata":{"name":")" + name + R"("},"spec":{"maxReplicas":5,"scaleTargetRef":)" +
            R"({"apiVersion":"apps/v1","kind":"Deployment","name":")" + target + "\"}}}");
    ASSERT_TRUE(made.ok()) << made.error->error.message;
  }
};
INSTANTIATE_TEST_SUITE_P(Server, AutoscalersTest, kBothServers, server_name);

TEST_P(AutoscalersTest, AreListedAsWorkloadsOfAConfig) {
  make_hpa("web", "web");
  make_hpa("mail", "mail");
  const Result<std::string> found = list_autoscalers(*admin_, space_);
  ASSERT_TRUE(found.ok()) << found.error().message;
  const ObjectFile files[] = {{"", *found}};
  const Imported imported = import_objects(files);
  EXPECT_EQ(imported.workloads, 2u);
  EXPECT_EQ(imported.refused, 0u);
  EXPECT_NE(imported.config.find("- name: web\n"), std::string::npos) << imported.config;
}

TEST_P(AutoscalersTest, ScaledObjectsAreAmongThemWhereTheServerHasThem) {
  make_hpa("web", "web");
  ASSERT_EQ(json::parse(*list_autoscalers(*admin_, space_))["items"].size(), 1u);
  define_scaled_objects();
  ASSERT_TRUE(admin_
                  ->create(path("scaledobjects"),
                           R"({"apiVersion":"keda.sh/v1alpha1","kind":"ScaledObject",
      "metadata":{"name":"mail"},"spec":{"scaleTargetRef":{"name":"mail"},
      "triggers":[{"type":"cpu","metricType":"Utilization","metadata":{"value":"60"}}]}})")
                  .ok());
  const json found = json::parse(*list_autoscalers(*admin_, space_));
  ASSERT_EQ(found["items"].size(), 2u);
  EXPECT_EQ(found["items"][1]["kind"], "ScaledObject");
  EXPECT_EQ(found["items"][1]["apiVersion"], "keda.sh/v1alpha1");
  remove_scaled_objects();
}

TEST_P(AutoscalersTest, ARightThatIsMissingIsNamed) {
  const Result<std::string> found = list_autoscalers(*client("reader-token"), space_);
  ASSERT_FALSE(found.ok());
  EXPECT_EQ(found.error().code, Code::kDenied);
  EXPECT_NE(found.error().message.find(
                "User \"reader\" cannot list resource \"horizontalpodautoscalers\""),
            std::string::npos)
      << found.error().message;
}

}  // namespace
}  // namespace autoscaler
