#include "tests/fakes/api_server_process.h"

#include "base/rest_client.h"
#include "tests/fakes/child_process.h"
#include "tests/fakes/eventually.h"
#include "tests/fakes/free_port.h"

#include <nlohmann/json.hpp>
#include <sys/wait.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <sstream>

namespace autoscaler {
namespace {

constexpr std::chrono::milliseconds kDeadline{30'000};

std::string real_program() {
  const char* folder = std::getenv("KUBEBUILDER_ASSETS");
  return folder == nullptr ? "" : std::string(folder) + "/kube-apiserver";
}

std::string text_of(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::string replaced(std::string text, const std::map<std::string, std::string>& places) {
  for (const auto& [name, value] : places) {
    const std::string place = "{" + name + "}";
    for (size_t at = 0; (at = text.find(place, at)) != std::string::npos; at += value.size()) {
      text.replace(at, place.size(), value);
    }
  }
  return text;
}

nlohmann::json entry(const nlohmann::json& event) {
  static const std::map<std::string, std::string> kMethods = {
      {"create", "POST"}, {"update", "PUT"}, {"patch", "PATCH"}, {"delete", "DELETE"}};
  const auto method = kMethods.find(event["verb"].get<std::string>());
  const nlohmann::json& body = event.value("requestObject", nlohmann::json());
  return {{"method", method == kMethods.end() ? "GET" : method->second},
          {"path", event["requestURI"]},
          {"body", body.is_null() ? "" : body.dump()},
          {"user", event["user"].value("username", "")},
          {"status", event.value("responseStatus", nlohmann::json::object()).value("code", 0)},
          {"agent", event.value("userAgent", "")}};
}

}  // namespace

bool ApiServerProcess::has_real() {
  return std::filesystem::exists(real_program()) &&
         std::system("command -v etcd >/dev/null 2>&1") == 0;
}

ApiServerProcess::ApiServerProcess(Kind kind) : kind_(kind), port_(free_port()) {
  std::ofstream(directory_ / "tokens.csv") << "admin-token,admin,1,\"system:masters\"\n"
                                              "reader-token,reader,2,\"\"\n"
                                              "writer-token,writer,3,\"\"\n";
  if (kind_ == Kind::kReal) {
    const std::string key = "openssl genrsa -out " + (directory_ / "sa.key") + " 2048 2>/dev/null";
    CHECK(std::system(key.c_str()) == 0);
    start_etcd();
  }
  start();
}

ApiServerProcess::~ApiServerProcess() {
  stop();
  if (etcd_ == 0) return;
  ::kill(etcd_, SIGKILL);
  ::waitpid(etcd_, nullptr, 0);
}

std::string ApiServerProcess::url() const {
  return "https://127.0.0.1:" + std::to_string(port_);
}

ApiAccess ApiServerProcess::access(const std::string& token) const {
  ApiAccess access;
  access.url = url();
  access.identity = FixedToken{token};
  access.tls.ca = certificates_.ca();
  return access;
}

void ApiServerProcess::start_etcd() {
  etcd_port_ = free_port();
  const std::string client = "http://127.0.0.1:" + std::to_string(etcd_port_);
  const std::string peer = "http://127.0.0.1:" + std::to_string(free_port());
  etcd_ = start_child({"etcd", "--data-dir", directory_ / "etcd", "--listen-client-urls", client,
                       "--advertise-client-urls", client, "--listen-peer-urls", peer,
                       "--initial-advertise-peer-urls", peer, "--initial-cluster",
                       "default=" + peer, "--unsafe-no-fsync"},
                      directory_ / "etcd.log");
}

std::vector<std::string> ApiServerProcess::command() const {
  if (kind_ == Kind::kReal) return real_command();
  return {"python3",     FAKES "/api_server.py",    "--port",        std::to_string(port_),
          "--tokens",    directory_ / "tokens.csv", "--state",       directory_ / "state",
          "--cert",      certificates_.server(),    "--key",         certificates_.server_key(),
          "--client-ca", certificates_.ca(),        "--bookmark-ms", "100"};
}

std::vector<std::string> ApiServerProcess::real_command() const {
  std::vector<std::string> command = {real_program()};
  std::istringstream flags(text_of(FAKES "/kube_apiserver.flags"));
  for (std::string flag; std::getline(flags, flag);) {
    command.push_back(replaced(flag, {{"port", std::to_string(port_)},
                                      {"etcd_port", std::to_string(etcd_port_)},
                                      {"certificates", certificates_.folder()},
                                      {"folder", directory_.path()},
                                      {"policy", FAKES "/audit_policy.yaml"}}));
  }
  return command;
}

void ApiServerProcess::start() {
  pid_ = start_child(command(), directory_ / "api_server.log");
  const bool ready = eventually([this] { return is_ready(); }, std::chrono::seconds(180));
  CHECK(ready);  // api_server.log says why
}

bool ApiServerProcess::is_ready() const {
  const ApiAccess admin = access("admin-token");
  RestClient client(admin.url, admin.tls, 1u << 20);
  const auto answer = client.send(
      {.path = "/readyz", .headers = {{"Authorization", "Bearer admin-token"}}}, kDeadline);
  return answer.ok() && answer->status == 200;
}

void ApiServerProcess::stop() {
  if (pid_ == 0) return;
  ::kill(pid_, SIGKILL);
  ::waitpid(pid_, nullptr, 0);
  pid_ = 0;
}

void ApiServerProcess::pause() {
  ::kill(pid_, SIGSTOP);
  int status = 0;
  CHECK(::waitpid(pid_, &status, WUNTRACED) == pid_ && WIFSTOPPED(status));
}

void ApiServerProcess::resume() {
  ::kill(pid_, SIGCONT);
}

std::string ApiServerProcess::audit() const {
  if (kind_ == Kind::kFake) return control("audit");
  std::istringstream log(text_of(directory_ / "audit.log"));
  nlohmann::json entries = nlohmann::json::array();
  std::map<std::string, size_t> places;  // a watch is told of when it begins and when it ends
  for (std::string line; std::getline(log, line) && line.ends_with('}');) {
    const nlohmann::json event = nlohmann::json::parse(line);
    const auto [at, is_new] = places.emplace(event["auditID"], entries.size());
    if (is_new) entries.emplace_back();
    entries[at->second] = entry(event);
  }
  return entries.dump();
}

std::string ApiServerProcess::control(const std::string& what, const std::string& json) const {
  CHECK(kind_ == Kind::kFake);
  RestClient client(url(), access("").tls, 64u << 20);
  const auto answer = client.send({.method = json.empty() ? "GET" : "POST",
                                   .path = "/_control/" + what,
                                   .body = json,
                                   .content_type = "application/json"},
                                  kDeadline);
  CHECK(answer.ok() && answer->status == 200);
  return answer->body;
}

}  // namespace autoscaler
