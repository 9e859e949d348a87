#include "tests/metrics/kubernetes_source_fixture.h"

#include <gmock/gmock.h>

// What an API says again, of the same pods, stands as it was made.
namespace autoscaler {
namespace {

using std::chrono::seconds;
using Read = KubernetesRead;

TEST_F(KubernetesSourceTest, WhatIsSaidAgainOfTheSamePodsStands) {
  Asker& web = ask("web", Read{.what = Read::Resource{"cpu", "", true}, .name_space = {}});
  web.pods = {{"web-1", facts(500)}};
  web.targets = targets_of(web);
  api_.pages[kPodsPath] = pod_list({usage("web-1", "250m")});
  read();
  const InstanceReadings first = each();
  read(kNow + seconds(2));
  EXPECT_TRUE(each().is_same(first));
  const auto made_at = [](const std::string& moment) {
    std::string pod = usage("web-1", "250m");
    const std::string name = R"("metadata":{)";
    pod.insert(pod.find(name) + name.size(), R"("creationTimestamp":")" + moment + R"(",)");
    return pod_list({pod});
  };
  api_.pages[kPodsPath] = made_at("2026-09-21T14:13:22Z");
  read(kNow + seconds(2));
  const InstanceReadings again = each();
  api_.pages[kPodsPath] = made_at("2026-09-21T14:13:24Z");
  read(kNow + seconds(4));
  EXPECT_TRUE(each().is_same(again)) << "the time of the answer alone is another";

  api_.pages[kPodsPath] = pod_list({usage("web-1", "255m")});  // as many bytes
  read(kNow + seconds(5));
  EXPECT_EQ(number(each()[0].reading), 0.51);

  web.pods = {{"web-1", facts(1000)}};
  web.targets = targets_of(web);
  read(kNow + seconds(6));
  EXPECT_EQ(number(each()[0].reading), 0.255) << "the pod requests something else";
}

TEST_F(KubernetesSourceTest, TheMemoryOfALongAnswerIsThatOfTheNextToTheSameQuestion) {
  ask("web", Read{.what = Read::Resource{"cpu", "", true}, .name_space = {}}).pods = {
      {"web-1", facts(500)}};
  api_.pages[kPodsPath] = pod_list(std::vector<std::string>(3'000, usage("web-1", "250m")));
  const size_t length = api_.pages[kPodsPath].size();
  const auto room = [this](int second) {
    read(kNow + seconds(second));
    return api_.rooms.at(kPodsPath);
  };
  EXPECT_LT(room(0), length);
  EXPECT_GE(room(2), length);
  EXPECT_GE(room(4), length);
  api_.pages[kPodsPath] = pod_list({usage("web-1", "250m")});
  EXPECT_GE(room(6), length);
  EXPECT_LT(room(8), length) << "most of it was not used";
}

TEST_F(KubernetesSourceTest, ASampleWithoutATimestampIsOfNowThoughItIsSaidAgain) {
  Asker& web = ask("web", Read{.what = Read::Resource{"cpu", "", true}, .name_space = {}});
  web.pods = {{"web-1", facts(500)}};
  web.targets = targets_of(web);
  std::string page = pod_list({usage("web-1", "250m")});
  const std::string timestamp = R"("timestamp":"2026-09-21T14:13:00Z",)";
  page.erase(page.find(timestamp), timestamp.size());
  api_.pages[kPodsPath] = page;
  read();
  read(kNow + seconds(60));
  EXPECT_EQ(std::get<Measured>(each().at(0).reading).at, kNow + seconds(60));
}

}  // namespace
}  // namespace autoscaler
