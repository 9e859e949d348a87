#include "tests/fakes/api_server_process.h"

#include "base/rest_client.h"
#include "tests/fakes/child_process.h"
#include "tests/fakes/eventually.h"

#include <sys/wait.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace autoscaler {
namespace {

constexpr std::chrono::milliseconds kDeadline{5'000};

std::string real_program() {
  const char* folder = std::getenv("KUBEBUILDER_ASSETS");
  return folder == nullptr ? "" : std::string(folder) + "/kube-apiserver";
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
  return (kind_ == Kind::kReal ? "https://127.0.0.1:" : "http://127.0.0.1:") +
         std::to_string(port_);
}

ApiAccess ApiServerProcess::access(const std::string& token) const {
  ApiAccess access;
  access.url = url();
  access.identity = FixedToken{token};
  if (kind_ == Kind::kReal) access.tls.ca = directory_ / "certs/apiserver.crt";
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
  const std::string port = std::to_string(port_);
  if (kind_ == Kind::kFake) {
    return {"python3", API_SERVER,           "--port",
            port,      "--tokens",           directory_ / "tokens.csv",
            "--state", directory_ / "state", "--bookmark-ms",
            "100"};
  }
  return {real_program(),
          "--etcd-servers=http://127.0.0.1:" + std::to_string(etcd_port_),
          "--secure-port=" + port,
          "--bind-address=127.0.0.1",
          "--cert-dir=" + (directory_ / "certs"),
          "--token-auth-file=" + (directory_ / "tokens.csv"),
          "--authorization-mode=RBAC",
          "--disable-admission-plugins=ServiceAccount",
          "--service-cluster-ip-range=10.0.0.0/24",
          "--service-account-issuer=https://kubernetes.default.svc",
          "--service-account-key-file=" + (directory_ / "sa.key"),
          "--service-account-signing-key-file=" + (directory_ / "sa.key")};
}

void ApiServerProcess::start() {
  pid_ = start_child(command(), directory_ / "api_server.log");
  const bool ready = eventually([this] { return is_ready(); }, std::chrono::seconds(60));
  CHECK(ready);  // api_server.log says why
}

bool ApiServerProcess::is_ready() const {
  const ApiAccess admin = access("admin-token");
  if (kind_ == Kind::kReal && !std::filesystem::exists(*admin.tls.ca)) return false;
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

std::string ApiServerProcess::control(const std::string& what, const std::string& json) const {
  CHECK(kind_ == Kind::kFake);
  RestClient client(url(), {}, 64u << 20);
  const auto answer = client.send({.method = json.empty() ? "GET" : "POST",
                                   .path = "/_control/" + what,
                                   .body = json,
                                   .content_type = "application/json"},
                                  kDeadline);
  CHECK(answer.ok() && answer->status == 200);
  return answer->body;
}

}  // namespace autoscaler
