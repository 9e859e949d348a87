#include "controller/kubernetes/reflector.h"

#include "controller/kubernetes/cache.h"
#include "tests/controller/kubernetes/on_both_servers.h"
#include "tests/fakes/eventually.h"

#include <atomic>

namespace autoscaler {
namespace {

using nlohmann::json;

class ReflectorTest : public OnBothServers {
 protected:
  ReflectorSettings settings() const {
    ReflectorSettings settings;
    settings.path = path("pods");
    settings.watch = std::chrono::milliseconds(2'000);
    settings.first_wait = std::chrono::milliseconds(20);
    settings.longest_wait = std::chrono::milliseconds(200);
    return settings;
  }
  void follow(ReflectorSettings with) {
    client_ = client("admin-token");
    reflector_ = std::make_unique<Reflector>(*client_, cache_, with);
  }
  // "a:Running:1", "b:Pending:0" in one line.
  std::string seen(Duration patience = std::chrono::hours(1)) {
    const auto objects = cache_.objects(patience);
    if (!objects) return "error: " + objects.error().message;
    std::string line;
    for (const auto& pod : **objects) {
      line +=
          (line.empty() ? "" : " ") + pod->name + (pod->facts->ready.value_or(false) ? "+" : "-");
    }
    return line;
  }
  bool comes_to(const std::string& line) {
    return eventually([&] { return seen() == line; });
  }
  // Requests of the reflector with this in their query.
  int asked(const std::string& part, const std::string& plural = "pods") const {
    int count = 0;
    for (const json& entry : json::parse(server_->audit())) {
      const std::string asked = entry["path"];
      count += entry["agent"] == "autoscaler/test" && asked.starts_with(path(plural) + "?") &&
               asked.find(part) != std::string::npos;
    }
    return count;
  }
  int lists() const { return asked("resourceVersion=0") + asked("limit="); }

  std::atomic<Duration> passed_{Duration{0}};  // by the cache's clock, beside real time
  ObjectCache<PodRecord> cache_{read_pod, [this] { return wall_clock() + passed_.load(); }};
  std::unique_ptr<ApiClient> client_;
  std::unique_ptr<Reflector> reflector_;
};
class ReflectorFaults : public ReflectorTest {};
INSTANTIATE_TEST_SUITE_P(Server, ReflectorTest, kBothServers, server_name);
INSTANTIATE_TEST_SUITE_P(Server, ReflectorFaults, kFakeServer, server_name);

TEST_P(ReflectorTest, FollowsWhatIsThereComesChangesAndGoes) {
  make_pod("a", "web", "Running", "True");
  follow(settings());
  EXPECT_TRUE(comes_to("a+")) << seen();
  make_pod("b", "web", "Pending", "False");
  EXPECT_TRUE(comes_to("a+ b-")) << seen();
  make_pod("c", "web", "Running", "True");
  EXPECT_TRUE(comes_to("a+ b- c+")) << seen();
  EXPECT_TRUE(admin_->remove(path("pods", "a") + "?gracePeriodSeconds=0").ok());
  EXPECT_TRUE(comes_to("b- c+")) << seen();
}

TEST_P(ReflectorTest, OutlivesTheServer) {
  make_pod("a", "web", "Running", "True");
  follow(settings());
  EXPECT_TRUE(comes_to("a+")) << seen();
  server_->stop();
  EXPECT_TRUE(eventually([&] { return seen(Duration{0}).starts_with("error: "); })) << seen();
  EXPECT_EQ(seen(), "a+");  // within patience, what was known
  server_->start();
  admin_ = client("admin-token");
  make_pod("b", "web", "Running", "True");
  EXPECT_TRUE(comes_to("a+ b+")) << seen();
  EXPECT_TRUE(eventually([&] { return seen(Duration{0}) == "a+ b+"; })) << seen();
}

TEST_P(ReflectorTest, SaysWhatItMayNotSee) {
  client_ = client("reader-token");
  ObjectCache<PodRecord> cache(read_pod, wall_clock);
  Reflector reflector(*client_, cache, settings());
  ASSERT_TRUE(cache.wait_until_told(std::chrono::seconds(60)));
  const auto objects = cache.objects(std::chrono::hours(1));
  ASSERT_FALSE(objects.ok());
  EXPECT_EQ(objects.error().code, Code::kDenied);
  EXPECT_NE(objects.error().message.find("User \"reader\" cannot list resource \"pods\""),
            std::string::npos)
      << objects.error().message;
}

TEST_P(ReflectorTest, WhereMetadataIsForbiddenItAsksSeldom) {
  client_ = client("reader-token");
  ObjectCache<MetadataRecord> described(read_metadata, wall_clock);
  ReflectorSettings seldom = settings();
  seldom.path = path("configmaps");
  seldom.metadata_only = true;
  Reflector patient(*client_, described, seldom);
  Reflector impatient(*client_, cache_, settings());
  EXPECT_TRUE(eventually([&] { return asked("") >= 12; }));
  EXPECT_LE(asked("", "configmaps"), 5);
  EXPECT_EQ(described.objects(std::chrono::hours(1)).error().code, Code::kDenied);
}

TEST_P(ReflectorTest, TakesUpAWatchThatHasEndedWhereItWas) {
  ReflectorSettings brief = settings();
  brief.watch = std::chrono::milliseconds(1'000);
  follow(brief);
  std::string all;
  for (const char* name : {"a", "b", "c"}) {
    const int before = asked("watch=true");
    make_pod(name, "web", "Running", "True");
    all += (all.empty() ? "" : " ") + std::string(name) + "+";
    ASSERT_TRUE(comes_to(all)) << seen();
    ASSERT_TRUE(eventually([&] { return asked("watch=true") > before; }));
  }
  EXPECT_EQ(lists(), 1);
}

TEST_P(ReflectorFaults, ListsAnewWhereItsVersionIsTooOld) {
  make_pod("a", "web", "Running", "True");
  make_pod("b", "web", "Running", "True");
  follow(settings());
  EXPECT_TRUE(comes_to("a+ b+")) << seen();
  // While it cannot be heard, one goes, and that is forgotten.
  faults(R"({"no_watch": true})");
  server_->control("end_watches", "{}");
  ASSERT_TRUE(eventually([&] { return seen(Duration{0}).starts_with("error: "); }));
  EXPECT_TRUE(admin_->remove(path("pods", "a")).ok());
  server_->control("compact", "{}");
  EXPECT_EQ(seen(), "a+ b+");
  faults(R"({"no_watch": false})");
  EXPECT_TRUE(comes_to("b+")) << seen();
  EXPECT_EQ(lists(), 2);
}

TEST_P(ReflectorFaults, ListsInPagesAfterThat) {
  for (int i = 0; i < 3; ++i) make_pod("p" + std::to_string(i), "web", "Running", "True");
  ReflectorSettings small = settings();
  small.page = 2;
  follow(small);
  EXPECT_TRUE(comes_to("p0+ p1+ p2+")) << seen();
  server_->control("compact", "{}");
  make_pod("p3", "web", "Running", "True");
  EXPECT_TRUE(comes_to("p0+ p1+ p2+ p3+")) << seen();
  EXPECT_GE(asked("continue="), 1);
}

TEST_P(ReflectorFaults, AWatchThatIsCutCostsNoList) {
  make_pod("a", "web", "Running", "True");
  follow(settings());
  EXPECT_TRUE(comes_to("a+")) << seen();
  for (const char* name : {"b", "c", "d"}) {
    server_->control("end_watches", R"({"cut": true})");
    make_pod(name, "web", "Running", "True");
  }
  EXPECT_TRUE(comes_to("a+ b+ c+ d+")) << seen();
  EXPECT_EQ(lists(), 1);
  server_->control("end_watches", "{}");
}

// Where nothing changes the server tells nothing for a minute. A watch that it lets us have is
// heard of it all the same; one that it ends at once is not.
TEST_P(ReflectorFaults, AQuietWatchIsHeardOfWhereItIsNotEndedAtOnce) {
  make_pod("a", "web", "Running", "True");
  ReflectorSettings quiet = settings();
  quiet.watch = std::chrono::minutes(5);
  faults(R"({"no_bookmarks": true, "no_watch": true})");
  follow(quiet);
  ASSERT_TRUE(eventually([&] { return seen(Duration{0}).starts_with("error: "); })) << seen();
  faults(R"({"no_watch": false})");
  EXPECT_TRUE(eventually([&] { return seen(Duration{0}) == "a+"; })) << seen(Duration{0});

  const int before = asked("watch=true");
  faults(R"({"no_watch": false, "end_at_once": true})");
  server_->control("end_watches", R"({"cut": true})");
  ASSERT_TRUE(eventually([&] { return asked("watch=true") >= before + 3; }));
  passed_ = std::chrono::hours(1);
  ASSERT_TRUE(eventually([&] { return asked("watch=true") >= before + 6; }));
  EXPECT_TRUE(seen(std::chrono::minutes(30)).starts_with("error: "))
      << "none of them is word of it";
  faults(R"({"end_at_once": false})");
  make_pod("b", "web", "Running", "True");
  EXPECT_TRUE(eventually([&] { return seen(Duration{0}) == "a+ b+"; })) << seen(Duration{0});
  server_->control("end_watches", "{}");
}

// Waits grow by failures in a row: 8 of them would take 0.1 * (2^8 - 1) = 25 s.
TEST_P(ReflectorFaults, AWatchThatToldSomethingBeforeItBrokeIsNoFailureInARow) {
  ReflectorSettings slow = settings();
  slow.first_wait = std::chrono::milliseconds(100);
  slow.longest_wait = std::chrono::seconds(30);
  follow(slow);
  ASSERT_TRUE(eventually([&] { return asked("watch=true") == 1; }));
  std::string all;
  const auto begin = std::chrono::steady_clock::now();
  for (int i = 0; i < 8; ++i) {
    const std::string name = "p" + std::to_string(i);
    make_pod(name, "web", "Running", "True");
    all += (all.empty() ? "" : " ") + name + "+";
    ASSERT_TRUE(comes_to(all)) << seen();
    server_->control("end_watches", R"({"cut": true})");
  }
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(20));
  server_->control("end_watches", "{}");
}

TEST_P(ReflectorFaults, AListThatEndsInTheMiddleIsNone) {
  make_pod("a", "web", "Running", "True");
  faults(R"({"cut": 2})");
  follow(settings());
  EXPECT_TRUE(comes_to("a+")) << seen();
  EXPECT_EQ(lists(), 3);
}

TEST_P(ReflectorFaults, AStormOfRefusalsDelaysItAndNoMore) {
  make_pod("a", "web", "Running", "True");
  faults(R"({"throttle": 3, "retry_after": 0})");
  follow(settings());
  EXPECT_TRUE(comes_to("a+")) << seen();
}

}  // namespace
}  // namespace autoscaler
