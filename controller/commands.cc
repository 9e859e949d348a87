#include "controller/commands.h"

#include "base/fetch.h"
#include "controller/config/config.h"
#include "controller/config/policy_crd.h"
#include "controller/import/import.h"
#include "controller/snapshot/decide.h"

#include <nlohmann/json.hpp>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>

namespace autoscaler {
namespace {

Result<std::string> read_all(const std::string& file) {
  if (file == "-") {
    return std::string(std::istreambuf_iterator<char>(std::cin), std::istreambuf_iterator<char>());
  }
  std::ifstream in(file, std::ios::binary);
  std::error_code none;
  if (!in || std::filesystem::is_directory(file, none)) {
    return Error{Code::kNotFound, file + ": cannot be read, or is no file"};
  }
  return std::string(std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>());
}

}  // namespace

int decide_command(const std::string& file, bool json) {
  const Result<std::string> document = read_all(file);
  if (!document) {
    std::fprintf(stderr, "%s\n", document.error().message.c_str());
    return kExitInvalid;
  }
  const Result<std::string> answer = json ? decide_json(*document) : decide_text(*document);
  if (!answer) {
    std::fprintf(stderr, "%s: %s\n", file.c_str(), answer.error().message.c_str());
    return kExitInvalid;
  }
  std::fputs(answer->c_str(), stdout);
  if (json) std::fputs("\n", stdout);  // the text has its own
  return kExitDone;
}

int import_command(const std::vector<std::string>& files) {
  std::vector<ObjectFile> objects;
  for (const std::string& file : files) {
    Result<std::string> text = read_all(file);
    if (!text) {
      std::fprintf(stderr, "%s\n", text.error().message.c_str());
      return kExitInvalid;
    }
    objects.push_back({file == "-" ? "standard input" : file, std::move(*text)});
  }
  const Imported imported = import_objects(objects);
  for (const std::string& remark : imported.remarks) std::fprintf(stderr, "%s\n", remark.c_str());
  if (imported.workloads + imported.refused == 0) {
    std::fprintf(stderr, "no HorizontalPodAutoscaler and no ScaledObject in it\n");
    return kExitInvalid;
  }
  std::fputs(imported.config.c_str(), stdout);
  return imported.refused == 0 ? kExitDone : kExitInvalid;
}

int schema_command(bool crd) {
  std::fputs(crd ? policy_crd().c_str() : (config_schema() + "\n").c_str(), stdout);
  return kExitDone;
}

int health_command(const std::string& url) {
  FetchLimits limits;
  limits.deadline = std::chrono::seconds(3);
  Fetcher fetcher(limits);
  const FetchRequest request{.url = url + "/healthz", .headers = {}};
  const Result<FetchResponse> answer = fetcher.fetch({&request, 1}).front();
  if (!answer) {
    std::fprintf(stderr, "%s\n", answer.error().message.c_str());
    return kExitFailed;
  }
  std::fprintf(answer->status == 200 ? stdout : stderr, "%s\n", answer->body.c_str());
  return answer->status == 200 ? kExitDone : kExitFailed;
}

}  // namespace autoscaler
