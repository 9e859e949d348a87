#include "controller/config/policy_set.h"

#include "tests/controller/config/scaling_policy.h"

#include <gmock/gmock.h>

namespace autoscaler {
namespace {

using nlohmann::json;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using Standing = PolicyState::Standing;

json bad_spec() {
  json spec = good_spec();
  spec["policies"][0]["track"]["signal"] = "disk";
  return spec;
}
json spec_for(const std::string& target, int max = 9) {
  json spec = good_spec(max);
  spec["target"]["name"] = target;
  return spec;
}

std::vector<std::string> names(const PolicySet::Chosen& chosen) {
  std::vector<std::string> all;
  for (const WorkloadConfig& workload : chosen.workloads) {
    all.push_back(workload.spec.name + " max " + std::to_string(workload.spec.bounds.max));
  }
  return all;
}

class PolicySetTest : public testing::Test {
 protected:
  PolicySet::Chosen choose(const PolicyDocuments& documents) {
    return set_.choose(documents, file_);
  }
  PolicySet set_;
  std::shared_ptr<const Config> file_ = config_file();
};

TEST_F(PolicySetTest, OneBadObjectHarmsNoOther) {
  const auto chosen = choose({policy("a", spec_for("a")), policy("b", bad_spec())});
  EXPECT_THAT(names(chosen), ElementsAre("shop/a max 9"));
  ASSERT_EQ(chosen.states.size(), 2u);
  EXPECT_EQ(chosen.states[0].standing, Standing::kRuns);
  EXPECT_EQ(chosen.states[1].standing, Standing::kInvalid);
  EXPECT_FALSE(chosen.states[1].last_good_runs);
  EXPECT_EQ(chosen.states[1].problems.at(0).path, "spec.policies[0].track.signal");
}

TEST_F(PolicySetTest, TheLastGoodSpecOfABadOneRunsOn) {
  choose({policy("a", good_spec(4), 1, 1)});
  auto chosen = choose({policy("a", bad_spec(), 1, 2)});
  EXPECT_THAT(names(chosen), ElementsAre("shop/a max 4"));
  EXPECT_EQ(chosen.states.at(0).standing, Standing::kInvalid);
  EXPECT_TRUE(chosen.states[0].last_good_runs);
  EXPECT_EQ(chosen.states[0].object.generation, 2);
  EXPECT_EQ(chosen.workloads[0].object->generation, 1) << "of the spec that runs";
  chosen = choose({policy("a", good_spec(5), 1, 3)});
  EXPECT_THAT(names(chosen), ElementsAre("shop/a max 5"));
  EXPECT_THAT(chosen.states[0].problems, IsEmpty());
}

TEST_F(PolicySetTest, OneThatIsMadeAnewHasNoLastGoodSpec) {
  choose({policy("a", good_spec())});
  json again = policy_object("a", bad_spec());
  again["metadata"]["uid"] = "another";
  const auto document = std::make_shared<const PolicyDocument>(read_policy_document(again).value());
  EXPECT_THAT(names(choose({document})), IsEmpty());
  choose({policy("a", good_spec())});
  choose({});
  EXPECT_THAT(names(choose({policy("a", bad_spec(), 1, 2)})), IsEmpty()) << "it was gone";
}

TEST_F(PolicySetTest, OfTwoOnOneTargetTheOlderHasIt) {
  const auto older = policy("z", good_spec(4), 1), younger = policy("a", good_spec(5), 2);
  auto chosen = choose({younger, older});
  EXPECT_THAT(names(chosen), ElementsAre("shop/z max 4"));
  EXPECT_EQ(chosen.states.at(0).standing, Standing::kTargetTaken);
  EXPECT_EQ(chosen.states[0].problems.at(0).path, "spec.target");
  EXPECT_THAT(chosen.states[0].problems[0].message,
              HasSubstr("Deployment shop/checkout, which the ScalingPolicy z, which is older, "));
  EXPECT_EQ(chosen.states[1].standing, Standing::kRuns);
  chosen = choose({younger});
  EXPECT_THAT(names(chosen), ElementsAre("shop/a max 5"));
  EXPECT_EQ(chosen.states.at(0).standing, Standing::kRuns);
}

TEST_F(PolicySetTest, AnotherVersionOfItsApiIsTheSameTarget) {
  json spec = good_spec();
  spec["target"]["apiVersion"] = "apps/v1beta2";
  const auto chosen = choose({policy("a", good_spec(), 1), policy("b", spec, 2)});
  EXPECT_THAT(names(chosen), ElementsAre("shop/a max 9"));
}

TEST_F(PolicySetTest, TheFileComesBeforeTheObjects) {
  const char* workload = R"(workloads:
  - name: store
    target: {kubernetes: {namespace: shop, name: checkout}}
    replicas: {min: 3, max: 3}
)";
  const auto document = policy("a", good_spec());
  EXPECT_THAT(names(choose({document})), ElementsAre("shop/a max 9"));
  file_ = config_file(workload);
  const auto chosen = choose({document});
  EXPECT_THAT(names(chosen), IsEmpty()) << "not even as its last good spec";
  EXPECT_THAT(chosen.states.at(0).problems.at(0).message,
              HasSubstr("which the workload 'store' of the config file sizes"));
  EXPECT_FALSE(chosen.states[0].last_good_runs);
}

TEST_F(PolicySetTest, OfMoreThanMayRunTheOldestDo) {
  const auto read = parse_config(
      "controller: {kubernetes: {policies: {max: 3, maxPerNamespace: 2}}}\n", "config.yaml");
  ASSERT_TRUE(read.config);
  file_ = std::make_shared<const Config>(*read.config);
  const auto elsewhere = [](const std::string& name, int second) {
    json object = policy_object(name, spec_for(name), second);
    object["metadata"]["namespace"] = "bank";
    return std::make_shared<const PolicyDocument>(read_policy_document(object).value());
  };
  PolicyDocuments documents{policy("a", spec_for("a"), 5), policy("b", bad_spec(), 2),
                            policy("c", spec_for("c"), 3), elsewhere("d", 6), elsewhere("e", 7)};
  auto chosen = choose(documents);
  EXPECT_THAT(names(chosen), ElementsAre("bank/d max 9", "shop/c max 9"));
  ASSERT_EQ(chosen.states.size(), 5u);
  EXPECT_EQ(chosen.states[1].workload, "bank/e");
  EXPECT_EQ(chosen.states[1].standing, Standing::kTooMany);
  EXPECT_THAT(
      chosen.states[1].problems.at(0).message,
      HasSubstr("more than 3 ScalingPolicies (controller.kubernetes.policies.max), and this "
                "one is younger: delete one"));
  EXPECT_EQ(chosen.states[2].standing, Standing::kTooMany);
  EXPECT_THAT(chosen.states[2].problems.at(0).message, HasSubstr("policies.maxPerNamespace)"));
  documents.erase(documents.begin() + 1);
  chosen = choose(documents);
  EXPECT_THAT(names(chosen), ElementsAre("bank/d max 9", "shop/a max 9", "shop/c max 9"))
      << "a place that is free is taken by the next";
}

TEST_F(PolicySetTest, AnotherFileReadsAllAnew) {
  json spec = good_spec();
  spec["signals"]["cpu"] = {{"source", "prometheus"}, {"query", "up"}, {"unit", "ratio"}};
  const auto document = policy("a", spec);
  const auto without = file_, with = config_file("sources: {prometheus: {url: http://p:9090}}\n");
  EXPECT_EQ(choose({document}).states.at(0).standing, Standing::kInvalid);
  file_ = with;
  EXPECT_EQ(choose({document}).states.at(0).standing, Standing::kRuns);
  file_ = without;
  const auto chosen = choose({document});
  EXPECT_EQ(chosen.states.at(0).standing, Standing::kInvalid);
  EXPECT_THAT(names(chosen), IsEmpty()) << "its last good spec names a server that is gone";
}

TEST_F(PolicySetTest, TreesStandBesideTheirWorkloads) {
  const auto chosen = choose({policy("b", spec_for("b"), 1), policy("a", spec_for("a"), 2)});
  EXPECT_THAT(names(chosen), ElementsAre("shop/a max 9", "shop/b max 9"));
  ASSERT_EQ(chosen.trees.size(), 2u);
  EXPECT_EQ(chosen.trees[0]->find("name")->value->text, "shop/a");
}

}  // namespace
}  // namespace autoscaler
