#include "base/rest_client.h"
#include "base/secret.h"
#include "controller/commands.h"
#include "controller/snapshot/snapshot.h"

#include <nlohmann/json.hpp>

#include <cstdio>

namespace autoscaler {
namespace {

constexpr size_t kMostAnswer = 1u << 20;

nlohmann::json body_of(const OrderOptions& options) {
  nlohmann::json body = nlohmann::json::object();
  if (options.direction) body["direction"] = *options.direction;
  if (options.replicas) body["replicas"] = *options.replicas;
  if (options.span) body["for"] = *options.span;
  if (options.until) body["until"] = format_instant(*options.until);
  return body;
}

}  // namespace

int order_command(const OrderOptions& options) {
  const Result<std::string> token = read_secret(SecretFile{options.token_file});
  if (!token) {
    std::fprintf(stderr, "%s\n", token.error().message.c_str());
    return kExitFailed;
  }
  RestClient client(options.url, {}, kMostAnswer);
  RestRequest request{"POST",
                      "/api/v1/workloads/" + options.workload + "/" + options.verb,
                      {{"Authorization", "Bearer " + *token}},
                      body_of(options).dump(),
                      "application/json"};
  const Result<RestResponse> answer = client.send(request, std::chrono::seconds(10));
  if (!answer) {
    std::fprintf(stderr, "%s: %s\n", options.url.c_str(), answer.error().message.c_str());
    return kExitFailed;
  }
  if (answer->status == 200) {
    std::fputs(answer->body.c_str(), stdout);
    return kExitDone;
  }
  const auto document = nlohmann::json::parse(answer->body, nullptr, false);
  const bool explained = document.is_object() && document.contains("error");
  const std::string message = explained ? document["error"].value("message", "") : answer->body;
  std::fprintf(stderr, "%s\n", message.c_str());
  const bool ours = answer->status == 400 || answer->status == 404;
  return ours ? kExitInvalid : kExitFailed;
}

}  // namespace autoscaler
