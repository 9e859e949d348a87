#include "metrics/target_file.h"

#include "tests/fakes/temp_directory.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace autoscaler {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::vector<std::string> urls_of(const std::string& text) {
  const auto urls = parse_target_file(text);
  EXPECT_TRUE(urls) << urls.error().message;
  return urls ? *urls : std::vector<std::string>();
}

TEST(TargetList, IsReadAsPrometheusReadsIt) {
  EXPECT_THAT(urls_of("[]"), IsEmpty());
  EXPECT_THAT(urls_of(R"([{"targets": ["b:2", "a:1", "b:2"], "labels": {"job": "x"}}])"),
              ElementsAre("http://a:1/metrics", "http://b:2/metrics"));
  EXPECT_THAT(urls_of(R"([{"targets": ["a"], "labels": {"__scheme__": "https",
                          "__metrics_path__": "/m?all=1"}},
                         {"targets": ["[::1]:9"], "labels": null}])"),
              ElementsAre("http://[::1]:9/metrics", "https://a/m?all=1"));
}

TEST(TargetList, SaysWhatIsWrongWithIt) {
  const std::pair<const char*, const char*> table[] = {
      {"", "no JSON"},
      {"[{", "no JSON"},
      {"{}", "expected a list of groups"},
      {"[1]", "[0]: expected an object"},
      {"[{}]", "[0].targets: expected a list"},
      {R"([{"targets": "a:1"}])", "[0].targets: expected a list"},
      {R"([{"targets": ["a:1"]}, {"targets": ["http://a:1"]}])",
       "[1].targets[0]: expected an addr"},
      {R"([{"targets": ["a:1@b"]}])", "[0].targets[0]: expected an address"},
      {R"([{"targets": [""]}])", "[0].targets[0]: expected an address"},
      {R"([{"targets": [1]}])", "[0].targets[0]: expected an address"},
      {R"([{"targets": [], "labels": []}])", "[0].labels: expected an object"},
      {R"([{"targets": [], "labels": {"a": 1}}])", "[0].labels.a: expected a text"},
      {R"([{"targets": [], "labels": {"__scheme__": "file"}}])", "expected http or https"},
      {R"([{"targets": [], "labels": {"__metrics_path__": "m"}}])", "expected a path"},
  };
  for (const auto& [text, expected] : table) {
    const auto urls = parse_target_file(text);
    ASSERT_FALSE(urls) << text;
    EXPECT_THAT(urls.error().message, HasSubstr(expected)) << text;
  }
}

// As Kubernetes does with a ConfigMap: the file is a link into a folder that is a link, and that
// one is replaced.
TEST(TargetFile, FollowsLinksThatAreSwapped) {
  const TempDirectory folder;
  const std::filesystem::path root = folder.path();
  for (const char* version : {"1", "2"}) {
    std::filesystem::create_directory(root / version);
    std::ofstream(root / version / "t.json") << R"([{"targets": ["h:)" << version << R"("]}])";
  }
  std::filesystem::create_symlink("1", root / "data");
  std::filesystem::create_symlink("data/t.json", root / "t.json");
  TargetFile file(root / "t.json");
  file.refresh();
  EXPECT_THAT(file.urls(), ElementsAre("http://h:1/metrics"));
  std::filesystem::create_symlink("2", root / "data.new");
  std::filesystem::rename(root / "data.new", root / "data");
  file.refresh();
  EXPECT_THAT(file.urls(), ElementsAre("http://h:2/metrics"));

  std::filesystem::remove(root / "data");
  file.refresh();
  EXPECT_THAT(file.urls(), ElementsAre("http://h:2/metrics"));
  ASSERT_TRUE(file.problem());
  std::filesystem::create_symlink("2", root / "data");
  file.refresh();
  EXPECT_FALSE(file.problem());
}

}  // namespace
}  // namespace autoscaler
