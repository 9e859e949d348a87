#include "base/fetch.h"
#include "controller/commands.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstdio>

namespace autoscaler {
namespace {

using nlohmann::json;

int complain(const std::string& what, int exit_code) {
  std::fprintf(stderr, "%s\n", what.c_str());
  return exit_code;
}

std::string text_of(const json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : "";
}

// "in_service 3, warming 1"
std::string counts(const json& instances) {
  std::string text;
  for (const auto& [life, count] : instances.items()) {
    text += (text.empty() ? "" : ", ") + life + " " + count.dump();
  }
  return text.empty() ? "none" : text;
}

void print(const json& document) {
  const json workload = document.value("workload", json::object());
  for (const json& line : workload.value("explained", json::array())) {
    if (line.is_string()) std::puts(line.get<std::string>().c_str());
  }
  std::printf("  outcome     %s\n", text_of(workload, "outcome").c_str());
  std::printf("  instances   %s\n", counts(workload.value("instances", json::object())).c_str());
  for (const json& error : workload.value("errors", json::array())) {
    std::printf("  error       %s: %s\n", text_of(error, "source").c_str(),
                text_of(error, "message").c_str());
  }
  std::printf("  decided     %s%s\n", text_of(document, "at").c_str(),
              document.value("dryRun", false) ? ", dry-run: not carried out" : "");
}

// Names hold nothing that a path must escape; what else was typed names no workload.
bool is_name(const std::string& name) {
  return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '/' || c == '.';
  });
}

}  // namespace

int explain_command(const ExplainOptions& options) {
  if (!is_name(options.workload)) {
    return complain(
        "no workload is named '" + options.workload +
            "': a name has small letters, digits and -, and that of a ScalingPolicy is as "
            "shop/checkout",
        kExitInvalid);
  }
  FetchLimits limits;
  limits.deadline = std::chrono::seconds(3);
  Fetcher fetcher(limits);
  const FetchRequest request{.url = options.url + "/api/v1/workloads/" + options.workload,
                             .headers = {}};
  const Result<FetchResponse> answer = fetcher.fetch({&request, 1}).front();
  if (!answer) return complain(answer.error().message, kExitFailed);
  const json document = json::parse(answer->body, nullptr, false);
  if (!document.is_object()) {
    return complain(options.url + ": this is no answer of a controller", kExitFailed);
  }
  if (answer->status != 200) {
    const std::string why = text_of(document.value("error", json::object()), "message");
    return complain(why.empty() ? options.url + ": status " + std::to_string(answer->status) : why,
                    answer->status == 404 ? kExitInvalid : kExitFailed);
  }
  if (options.json)
    std::puts(document.dump(2, ' ', false, json::error_handler_t::replace).c_str());
  else
    print(document);
  return kExitDone;
}

}  // namespace autoscaler
