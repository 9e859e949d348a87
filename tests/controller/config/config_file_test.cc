#include "controller/config/config_file.h"

#include "tests/fakes/temp_directory.h"

#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>

namespace autoscaler {
namespace {

using std::chrono::seconds;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::string config(int max, const std::string& controller = "interval: 2s") {
  return "controller: {" + controller + R"(}
workloads:
  - name: shop
    target: {process: {command: [/bin/true, "{port}"], ports: 9000-9039}}
    replicas: {min: 2, max: )" +
         std::to_string(max) + R"(}
    signals: {cpu: {source: scrape, gauge: cpu}}
    policies: [{track: {signal: cpu, target: 5}}]
)";
}

// A folder as Kubernetes mounts a ConfigMap: config.yaml -> ..data/config.yaml, ..data -> a
// version.
class ConfigFileTest : public testing::Test {
 protected:
  ConfigFileTest() {
    mount(config(4));
    std::filesystem::create_symlink("..data/config.yaml", folder_ / "config.yaml");
    CHECK(file_.load(now_).empty());
  }

  void mount(const std::string& text) {
    const std::string version = "..v" + std::to_string(++versions_);
    std::filesystem::create_directory(folder_ / version);
    write(folder_ / version / "config.yaml", text);
    std::filesystem::create_symlink(version, folder_ / "..tmp");
    std::filesystem::rename(folder_ / "..tmp", folder_ / "..data");
  }
  static void write(const std::filesystem::path& path, const std::string& text) {
    std::ofstream(path) << text;
  }
  std::optional<ConfigFile::Next> look() {
    now_ += seconds(2);
    return file_.look(now_);
  }

  TempDirectory directory_;
  const std::filesystem::path folder_{directory_.path()};
  ConfigFile file_{folder_ / "config.yaml"};
  Instant now_ = Instant{} + std::chrono::hours(500'000);
  int versions_ = 0;
};

TEST_F(ConfigFileTest, ALinkThatIsSwappedAFileThatIsPutInItsPlaceAndOneThatIsWrittenToAreSeen) {
  EXPECT_FALSE(look());
  mount(config(5));
  auto next = look();
  ASSERT_TRUE(next);
  EXPECT_EQ(next->config->workloads[0].spec.bounds.max, 5);
  file_.taken_up(now_);
  EXPECT_FALSE(look()) << "it runs";

  write(folder_ / "other", config(6));
  std::filesystem::rename(folder_ / "other", folder_ / "config.yaml");
  next = look();
  ASSERT_TRUE(next);
  EXPECT_EQ(next->config->workloads[0].spec.bounds.max, 6);
  file_.taken_up(now_);

  write(folder_ / "config.yaml", config(17));
  next = look();
  ASSERT_TRUE(next);
  EXPECT_EQ(describe(compare_configs(*file_.running_tree(), *next->tree)).at(0).text,
            "shop: replicas.max 6 -> 17");
  file_.taken_up(now_);
  EXPECT_EQ(file_.running(), next->config);
  EXPECT_EQ(file_.status().taken_up, now_);
}

TEST_F(ConfigFileTest, AWrongFileIsNotTakenAndSaysWhereAndWhyOnce) {
  mount(config(1));
  EXPECT_FALSE(look());
  ASSERT_FALSE(file_.status().problems.empty());
  EXPECT_THAT(file_.status().problems[0], HasSubstr("config.yaml:5:21: workloads[0].replicas.min"));
  const Instant told = file_.status().read;
  mount(config(1));  // the same bytes
  EXPECT_FALSE(look());
  EXPECT_EQ(file_.status().read, told);
  mount(config(9).substr(0, 150));
  EXPECT_FALSE(look());
  EXPECT_GT(file_.status().read, told);
  EXPECT_FALSE(file_.status().problems.empty());
  mount("# as it was\n" + config(4));
  EXPECT_FALSE(look()) << "that runs already";
  EXPECT_THAT(file_.status().problems, IsEmpty());
  EXPECT_EQ(file_.running()->workloads[0].spec.bounds.max, 4);
}

TEST_F(ConfigFileTest, AFileThatIsGoneIsToldOnceAndReadWhenItIsBack) {
  std::filesystem::remove(folder_ / "..data");
  EXPECT_FALSE(look());
  EXPECT_THAT(file_.status().problems, ElementsAre(HasSubstr("cannot be read")));
  const Instant told = file_.status().read;
  EXPECT_FALSE(look());
  EXPECT_EQ(file_.status().read, told);
  mount(config(4));
  EXPECT_FALSE(look());
  EXPECT_THAT(file_.status().problems, IsEmpty());
}

TEST_F(ConfigFileTest, WhatIsOpenedAtTheStartCannotChange) {
  for (const auto& [key, controller] :
       {std::pair("listen", "interval: 2s, listen: 127.0.0.1:1"),
        std::pair("journal", "interval: 2s, journal: other.db"),
        std::pair("journal", "interval: 2s, journal: {maxAge: 1h}"),
        std::pair("stateDirectory", "interval: 2s, stateDirectory: other")}) {
    mount(config(5, controller));
    EXPECT_FALSE(look()) << controller;
    EXPECT_THAT(file_.status().problems,
                ElementsAre(HasSubstr(std::string("config.yaml:1:28: controller.") + key +
                                      ": cannot change while the program runs")));
  }
  mount(config(5, "interval: 3s"));
  EXPECT_TRUE(look());
}

// Each of several replicas takes a file up at its own time: meanwhile two leases would count.
TEST_F(ConfigFileTest, ALeaseDoesNotBeginWhileTheProgramRuns) {
  for (const std::string lease : {"name: autoscaler", "name: autoscaler, shards: 3"}) {
    mount(config(5, "interval: 2s, kubernetes: {lease: {" + lease + "}}"));
    EXPECT_FALSE(look()) << lease;
    EXPECT_THAT(file_.status().problems,
                ElementsAre(HasSubstr("controller.kubernetes.lease: cannot change")));
  }
  mount(config(5, "interval: 2s, kubernetes: {timeout: 3s}"));
  EXPECT_TRUE(look());
}

TEST_F(ConfigFileTest, WhatCannotRunHereYetIsOfferedAgain) {
  mount(config(5));
  ASSERT_TRUE(look());
  file_.refused({"no backend shop"}, now_);
  EXPECT_THAT(file_.status().problems, ElementsAre("no backend shop"));
  EXPECT_FALSE(look());
  now_ += seconds(30);
  ASSERT_TRUE(look());
  file_.taken_up(now_);
  EXPECT_THAT(file_.status().problems, IsEmpty());
}

}  // namespace
}  // namespace autoscaler
