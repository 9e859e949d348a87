#include "controller/kubernetes/api_client.h"

#include "tests/controller/kubernetes/on_both_servers.h"
#include "tests/fakes/eventually.h"
#include "tests/fakes/temp_directory.h"

#include <fstream>

namespace autoscaler {
namespace {

using nlohmann::json;

class ApiClientTest : public OnBothServers {};
class ApiClientFaults : public OnTheFakeServer {};
INSTANTIATE_TEST_SUITE_P(Server, ApiClientTest, kBothServers, server_name);
INSTANTIATE_TEST_SUITE_P(Server, ApiClientFaults, kFakeServer, server_name);

std::string sized(int replicas, const std::string& version) {
  return R"({"metadata":{"resourceVersion":")" + version + R"("},"spec":{"replicas":)" +
         std::to_string(replicas) + "}}";
}

TEST_P(ApiClientTest, ScalesTheVersionThatWasSeenAndNoOther) {
  const std::string seen = make_deployment("web", 2);
  const std::string scale = path("deployments", "web") + "/scale";
  const ApiAnswer first = admin_->merge_patch(scale, sized(5, seen));
  ASSERT_TRUE(first.ok()) << first.error->error.message;
  EXPECT_EQ(json::parse(first.body)["spec"]["replicas"], 5);
  EXPECT_NE(json::parse(first.body)["metadata"]["resourceVersion"], seen);

  const ApiAnswer late = admin_->merge_patch(scale, sized(7, seen));
  ASSERT_FALSE(late.ok());
  EXPECT_EQ(late.error->reason, ApiReason::kConflict);
  EXPECT_EQ(late.error->error.code, Code::kConflict);
  EXPECT_EQ(json::parse(admin_->get(scale).body)["spec"]["replicas"], 5);
}

TEST_P(ApiClientTest, TellsWhatIsThereAlreadyFromWhatHasChanged) {
  const std::string lease = R"({"metadata":{"name":"shard-0"},"spec":{"holderIdentity":"a"}})";
  const ApiAnswer made = admin_->create(path("leases"), lease);
  ASSERT_TRUE(made.ok()) << made.error->error.message;
  const ApiAnswer again = admin_->create(path("leases"), lease);
  ASSERT_FALSE(again.ok());
  EXPECT_EQ(again.error->reason, ApiReason::kAlreadyExists);

  json mine = json::parse(made.body);
  mine["spec"]["holderIdentity"] = "b";
  EXPECT_TRUE(admin_->replace(path("leases", "shard-0"), mine.dump()).ok());
  mine["spec"]["holderIdentity"] = "a";
  const ApiAnswer late = admin_->replace(path("leases", "shard-0"), mine.dump());
  ASSERT_FALSE(late.ok());
  EXPECT_EQ(late.error->reason, ApiReason::kConflict);
}

TEST_P(ApiClientTest, AppliesAnObjectThatNeedNotExist) {
  const std::string body = R"({"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"state"},)"
                           R"("data":{"a":"1"}})";
  for (int i = 0; i < 2; ++i) {
    const ApiAnswer applied = admin_->apply(path("configmaps", "state"), body, true);
    ASSERT_TRUE(applied.ok()) << applied.error->error.message;
    EXPECT_EQ(json::parse(applied.body)["data"]["a"], "1");
  }
}

TEST_P(ApiClientTest, AnAnswerTakesTheRoomThatItIsGivenAndNothingOfWhatWasInIt) {
  make_deployment("web", 2);
  const std::string whole = admin_->get(path("deployments", "web")).body;
  std::string room(1 << 20, 'x');
  const char* const place = room.data();
  const ApiAnswer answer = admin_->get(path("deployments", "web"), {}, {}, std::move(room));
  EXPECT_EQ(answer.body, whole);
  EXPECT_EQ(answer.body.data(), place);
  const ApiAnswer none = admin_->get(path("deployments", "nobody"), {}, {}, std::string(99, 'x'));
  EXPECT_EQ(none.error->reason, ApiReason::kNotFound);
  EXPECT_EQ(none.body, "");
}

TEST_P(ApiClientTest, SaysWhatIsNotThere) {
  const ApiAnswer object = admin_->get(path("deployments", "nobody"));
  ASSERT_FALSE(object.ok());
  EXPECT_EQ(object.error->reason, ApiReason::kNotFound);
  EXPECT_NE(object.error->error.message.find("\"nobody\" not found"), std::string::npos);
  const ApiAnswer kind = admin_->get("/apis/nowhere.example/v1/things");
  ASSERT_FALSE(kind.ok());
  EXPECT_EQ(kind.error->reason, ApiReason::kNotFound);
  EXPECT_EQ(kind.error->error.message,
            "GET /apis/nowhere.example/v1/things: 404: 404 page not found");
}

TEST_P(ApiClientTest, NamesThePermissionThatIsMissing) {
  make_deployment("web", 2);
  allow("reader", R"([{"apiGroups":["apps"],"resources":["deployments"],"verbs":["get","list"]}])");
  const auto reader = client("reader-token");
  ASSERT_TRUE(eventually([&] { return reader->get(path("deployments", "web")).ok(); }));
  const ApiAnswer denied =
      reader->merge_patch(path("deployments", "web") + "/scale", R"({"spec":{"replicas":3}})");
  ASSERT_FALSE(denied.ok());
  EXPECT_EQ(denied.error->reason, ApiReason::kForbidden);
  EXPECT_EQ(denied.error->error.code, Code::kDenied);
  for (const char* part : {"User \"reader\" cannot patch resource \"deployments/scale\"",
                           "API group \"apps\"", "in the namespace \"case-"}) {
    EXPECT_NE(denied.error->error.message.find(part), std::string::npos)
        << denied.error->error.message;
  }
}

TEST_P(ApiClientTest, TakesATokenThatWasReplacedAtOnce) {
  const TempDirectory directory;
  std::ofstream(directory / "token") << "over\n";
  ApiAccess access = server_->access("");
  access.identity = SecretFile{directory / "token"};
  ApiClient rotating(access, {}, wall_clock);
  const ApiAnswer refused = rotating.get(path("pods"));
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error->reason, ApiReason::kUnauthorized);
  std::ofstream(directory / "token") << "admin-token\n";
  EXPECT_TRUE(rotating.get(path("pods")).ok());
}

TEST_P(ApiClientTest, RefusesNonsenseInFewWords) {
  make_deployment("web", 2);
  const ApiAnswer answer =
      admin_->merge_patch(path("deployments", "web") + "/scale", R"({"spec":{"replicas":-3}})");
  ASSERT_FALSE(answer.ok());
  EXPECT_EQ(answer.error->reason, ApiReason::kRefused);
  EXPECT_LT(answer.error->error.message.size(), 500u);
  EXPECT_EQ(json::parse(admin_->get(path("deployments", "web")).body)["spec"]["replicas"], 2);
}

TEST_P(ApiClientFaults, RunsThePluginAgainAfterItsTokenIsOver) {
  const TempDirectory directory;
  const std::string script = directory / "plugin";
  std::ofstream(script) << "#!/bin/sh\necho run >> " << directory / "runs"
                        << "\n"
                        << R"(echo '{"kind":"ExecCredential","apiVersion":)"
                        << R"("client.authentication.k8s.io/v1","status":{"token":"'$(cat )"
                        << directory / "token"
                        << R"()'"}}')"
                        << "\n";
  std::filesystem::permissions(script, std::filesystem::perms::owner_all);
  std::ofstream(directory / "token") << "writer-token";
  ApiAccess access = server_->access("");
  access.identity = ExecCommand{{script}, {}, ""};
  ApiClient client(access, {}, wall_clock);
  const auto runs = [&] {
    std::ifstream file(directory / "runs");
    return std::count(std::istreambuf_iterator<char>(file), {}, '\n');
  };
  EXPECT_EQ(client.get(path("pods")).error->reason, ApiReason::kForbidden);
  EXPECT_EQ(client.get(path("pods")).error->reason, ApiReason::kForbidden);
  EXPECT_EQ(runs(), 1);
  std::ofstream(directory / "token") << "admin-token";
  server_->control("expire", R"({"token": "writer-token"})");
  EXPECT_TRUE(client.get(path("pods")).ok());
  EXPECT_EQ(runs(), 2);
  restart();  // it knows the token again
}

TEST_P(ApiClientFaults, WaitsAsLongAsTheServerAsksAndNeverSendsAWriteTwice) {
  make_deployment("web", 2);
  faults(R"({"throttle": 1, "retry_after": 1})");
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_TRUE(admin_->get(path("deployments", "web")).ok());
  EXPECT_GE(std::chrono::steady_clock::now() - begin, std::chrono::milliseconds(990));

  faults(R"({"throttle": 1, "retry_after": 1})");
  const ApiAnswer write =
      admin_->merge_patch(path("deployments", "web") + "/scale", R"({"spec":{"replicas":3}})");
  ASSERT_FALSE(write.ok());
  EXPECT_EQ(write.error->reason, ApiReason::kTooManyRequests);
  EXPECT_EQ(write.error->error.code, Code::kExhausted);
  const auto refused = std::chrono::steady_clock::now();
  EXPECT_TRUE(admin_->get(path("deployments", "web")).ok());
  EXPECT_GE(std::chrono::steady_clock::now() - refused, std::chrono::milliseconds(900))
      << "it has too many, whoever asks";
  faults(R"({"fail": 1})");
  EXPECT_EQ(admin_->merge_patch(path("deployments", "web") + "/scale", R"({"spec":{"replicas":3}})")
                .error->error.message,
            "PATCH " + path("deployments", "web") + "/scale: 503: service unavailable");
  int patches = 0;
  for (const json& entry : json::parse(server_->audit())) {
    patches += entry["method"] == "PATCH" &&
               entry["path"].get<std::string>().find(space_) != std::string::npos;
    EXPECT_NE(entry["agent"], "");
  }
  EXPECT_EQ(patches, 2);
}

TEST_P(ApiClientFaults, IsNotSilencedForAnHour) {
  make_deployment("web", 2);
  ApiSettings settings;
  settings.longest_pause = std::chrono::milliseconds(300);
  const auto brief = client("admin-token", settings);
  faults(R"({"throttle": 1, "retry_after": 3600})");
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_TRUE(brief->get(path("deployments", "web")).ok());
  EXPECT_GE(std::chrono::steady_clock::now() - begin, std::chrono::milliseconds(290));
}

TEST_P(ApiClientFaults, WhatIsNotSentInAPauseIsNoWantOfTurns) {
  ApiSettings settings;
  settings.deadline = std::chrono::seconds(5);
  const auto waiting = client("admin-token", settings);
  faults(R"({"throttle": 1, "retry_after": 3600})");
  EXPECT_FALSE(waiting->create(path("deployments"), "{}").ok());
  const ApiAnswer answer = waiting->get(path("deployments", "web"));
  ASSERT_FALSE(answer.ok());
  const std::string why = answer.error->error.message;
  EXPECT_NE(why.find("has asked for a pause"), std::string::npos) << why;
}

TEST_P(ApiClientFaults, AServerThatIsUnavailableIsAskedAgainWhenItSaysAndForTheRestAtOnce) {
  make_deployment("web", 2);
  faults(R"({"fail": 1, "fail_retry_after": 1})");
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_TRUE(admin_->get(path("deployments", "web")).ok());
  EXPECT_GE(std::chrono::steady_clock::now() - begin, std::chrono::milliseconds(990));

  faults(R"({"fail": 1, "fail_retry_after": 3600})");
  const std::string scale = path("deployments", "web") + "/scale";
  EXPECT_FALSE(admin_->merge_patch(scale, R"({"spec":{"replicas":3}})").ok());
  EXPECT_TRUE(admin_->merge_patch(scale, R"({"spec":{"replicas":3}})").ok());
}

TEST_P(ApiClientFaults, ReadsAgainWhatBrokeOnTheWay) {
  make_deployment("web", 2);
  faults(R"({"fail": 1})");
  EXPECT_TRUE(admin_->get(path("deployments", "web")).ok());
  faults(R"({"cut": 1})");
  EXPECT_TRUE(admin_->get(path("deployments", "web")).ok());
  faults(R"({"fail": 3})");
  const ApiAnswer failed = admin_->get(path("deployments", "web"));
  ASSERT_FALSE(failed.ok());
  EXPECT_EQ(failed.error->reason, ApiReason::kServer);
}

TEST_P(ApiClientTest, GivesUpAtItsDeadline) {
  ApiSettings settings;
  settings.deadline = std::chrono::milliseconds(300);
  const auto hasty = client("admin-token", settings);
  server_->pause();
  const auto begin = std::chrono::steady_clock::now();
  const ApiAnswer answer = hasty->get(path("pods"));
  server_->resume();
  ASSERT_FALSE(answer.ok());
  EXPECT_EQ(answer.error->error.code, Code::kTimeout);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, ApiSettings{}.deadline);
}

TEST_P(ApiClientFaults, HasNoMoreInFlightThanItMay) {
  faults(R"({"latency_ms": 300})");
  ApiSettings settings;
  settings.in_flight = 2;
  const auto narrow = client("admin-token", settings);
  const auto begin = std::chrono::steady_clock::now();
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] { EXPECT_TRUE(narrow->get(path("pods")).ok()); });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_GE(std::chrono::steady_clock::now() - begin, std::chrono::milliseconds(600));
}

}  // namespace
}  // namespace autoscaler
