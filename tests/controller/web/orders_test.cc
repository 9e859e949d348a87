#include "controller/web/orders.h"

#include "tests/controller/telemetry/full_record.h"
#include "tests/fakes/temp_directory.h"

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include <fstream>

namespace autoscaler {
namespace {

using nlohmann::json;
using std::chrono::hours;
using testing::HasSubstr;

// Writes as functions of the last tick; the loop behind them does what it is asked at once.
class OrdersApi : public testing::Test {
 protected:
  OrdersApi() {
    std::ofstream(file_) << "s3cret\n";
    state_.last = full_record({"checkout"});
    state_.now = kTen;
    state_.token = SecretFile{file_};
    state_.order = [this](OrderRequest request) {
      orders_.push_back(request.order);
      request.done(Orders{Pause{}, {}});
    };
  }

  HttpResponse post(const std::string& path, const std::string& body,
                    const std::string& authorization = "Bearer s3cret") {
    HttpRequest request{"POST", "/api/v1/workloads/" + path, {}, {}, body};
    if (!authorization.empty()) request.headers = {{"authorization", authorization}};
    EXPECT_TRUE(is_order(request));
    HttpResponse response;
    take_order(request, state_, [&](HttpResponse given) { response = std::move(given); });
    return response;
  }

  TempDirectory directory_;
  std::string file_ = directory_ / "token";
  WebState state_;
  std::vector<decltype(OrderRequest::order)> orders_;
};

TEST_F(OrdersApi, APauseSaysItsDirectionAndItsEnd) {
  const HttpResponse response = post("checkout/pause", R"({"direction": "in", "for": "2h"})");
  EXPECT_EQ(response.status, 200) << response.body;
  EXPECT_EQ(json::parse(response.body)["orders"]["pause"]["direction"], "all")
      << "as the loop answered";
  EXPECT_EQ(std::get<Pause>(orders_.at(0)), (Pause{Pause::Direction::kIn, kTen + hours(2)}));
  post("checkout/pause", "");
  EXPECT_EQ(std::get<Pause>(orders_.at(1)), Pause{});
}

TEST_F(OrdersApi, ASizeAndAResume) {
  const std::string until = R"({"replicas": 3, "until": "2036-01-01T00:00:00Z"})";
  EXPECT_EQ(post("checkout/size", until).status, 200);
  EXPECT_EQ(std::get<SizeOrder>(orders_.at(0)).replicas, 3);
  EXPECT_EQ(post("checkout/resume", "{}").status, 200);
  EXPECT_TRUE(std::holds_alternative<Resume>(orders_.at(1)));
}

TEST_F(OrdersApi, NobodyWritesWithoutTheToken) {
  for (const char* given : {"", "s3cret", "Bearer ", "Bearer s3cre", "Bearer s3cret2",
                            "Bearer s3cres", "Basic s3cret"}) {
    const HttpResponse response = post("checkout/pause", "", given);
    EXPECT_EQ(response.status, 401) << given;
    EXPECT_THAT(response.body, testing::Not(HasSubstr("s3cret")));
  }
  state_.token = SecretFile{file_ + ".gone"};
  EXPECT_EQ(post("checkout/pause", "").status, 403);
  state_.token.reset();
  const HttpResponse response = post("checkout/pause", "");
  EXPECT_EQ(response.status, 403);
  EXPECT_THAT(response.body, HasSubstr("controller.api.token"));
  EXPECT_TRUE(orders_.empty());
}

TEST_F(OrdersApi, ATokenThatIsReplacedCountsAtOnce) {
  std::ofstream(file_) << "another";
  EXPECT_EQ(post("checkout/pause", "").status, 401);
  EXPECT_EQ(post("checkout/pause", "", "Bearer another").status, 200);
}

struct WrongBody {
  const char* path;
  const char* body;
  const char* message;
};

const WrongBody kWrongBodies[] = {
    {"checkout/pause", "pause", "JSON"},
    {"checkout/pause", "[]", "no JSON object"},
    {"checkout/pause", R"({"direction": "up"})", "direction"},
    {"checkout/pause", R"({"untill": "2036-01-01T00:00:00Z"})", "did you mean 'until'"},
    {"checkout/pause", R"({"until": "tomorrow"})", "until"},
    {"checkout/pause", R"({"until": "2001-01-01T00:00:00Z"})", "is past"},
    {"checkout/pause", R"({"for": "2h", "until": "2036-01-01T00:00:00Z"})", "give one of the two"},
    {"checkout/pause", R"({"for": "-2h"})", "span of time above 0"},
    {"checkout/pause", R"({"for": "0s"})", "span of time above 0"},
    {"checkout/size", R"({"for": "2h"})", "say how many"},
    {"checkout/size", R"({"replicas": 3})", "ordered for a while"},
    {"checkout/size", R"({"replicas": 9999, "for": "2h"})", "the config allows"},
    {"checkout/size", R"({"replicas": "3", "for": "2h"})", "replicas"},
    {"checkout/resume", R"({"for": "2h"})", "for"},
};

TEST_F(OrdersApi, WhatIsWrongWithABodyIsSaid) {
  for (const WrongBody& row : kWrongBodies) {
    const HttpResponse response = post(row.path, row.body);
    EXPECT_EQ(response.status, 400) << row.body << response.body;
    EXPECT_THAT(json::parse(response.body)["error"]["message"].get<std::string>(),
                HasSubstr(row.message))
        << row.body;
  }
  EXPECT_TRUE(orders_.empty());
}

TEST_F(OrdersApi, AnUnknownWorkloadAndTheTimeBeforeTheFirstTick) {
  EXPECT_EQ(post("cart/pause", "").status, 404);
  state_.last = nullptr;
  EXPECT_EQ(post("checkout/pause", "").status, 503);
}

TEST_F(OrdersApi, WhatTheLoopRefusesIsToldAsItIs) {
  state_.order = [](const OrderRequest& request) {
    request.done(Error{Code::kUnavailable, "the journal cannot be written"});
  };
  const HttpResponse response = post("checkout/pause", "");
  EXPECT_EQ(response.status, 503);
  EXPECT_THAT(response.body, HasSubstr("the journal cannot be written"));
}

TEST_F(OrdersApi, WhatAnotherReplicaLeadsIsAConflict) {
  state_.order = [](const OrderRequest& request) {
    request.done(Error{Code::kConflict, "pod-2_b holds the lease"});
  };
  const HttpResponse response = post("checkout/pause", "");
  EXPECT_EQ(response.status, 409);
  EXPECT_EQ(json::parse(response.body)["error"]["code"], "conflict");
  EXPECT_THAT(response.body, HasSubstr("pod-2_b holds the lease"));
}

TEST_F(OrdersApi, OnlyThreePathsTakeOrders) {
  for (const char* path : {"/api/v1/workloads", "/api/v1/workloads/checkout", "/metrics",
                           "/api/v1/workloads/pause", "/api/v1/workloads/checkout/pauses"}) {
    EXPECT_FALSE(is_order({"POST", path, {}, {}, ""})) << path;
  }
  EXPECT_FALSE(is_order({"GET", "/api/v1/workloads/checkout/pause", {}, {}, ""}));
  EXPECT_FALSE(is_order({"PUT", "/api/v1/workloads/checkout/pause", {}, {}, ""}));
}

TEST(SameSecret, IsTheWholeText) {
  EXPECT_TRUE(same_secret("abc", "abc"));
  for (const char* other : {"", "ab", "abcd", "abd", "abcabc"}) {
    EXPECT_FALSE(same_secret(other, "abc")) << other;
  }
  EXPECT_FALSE(same_secret("a", ""));
}

}  // namespace
}  // namespace autoscaler
