#include "tests/fakes/haproxy_process.h"

#include "base/check.h"
#include "base/command_socket.h"
#include "tests/fakes/eventually.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <csignal>
#include <fcntl.h>
#include <fstream>
#include <unistd.h>

namespace autoscaler {
namespace {

constexpr std::chrono::milliseconds kAnswerWithin{30'000};

void replace_all(std::string& text, std::string_view from, std::string_view to) {
  for (size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size()) {
    text.replace(at, from.size(), to);
  }
}

}  // namespace

ReservedPort::ReservedPort() : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  CHECK(fd_ >= 0);
  const int on = 1;
  CHECK(::setsockopt(fd_, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) == 0);
  CHECK(::setsockopt(fd_, SOL_SOCKET, SO_REUSEPORT, &on, sizeof(on)) == 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  CHECK(::bind(fd_, reinterpret_cast<sockaddr*>(&address), size) == 0);
  CHECK(::getsockname(fd_, reinterpret_cast<sockaddr*>(&address), &size) == 0);
  port_ = ntohs(address.sin_port);
}

ReservedPort::~ReservedPort() {
  ::close(fd_);
}

HaproxyProcess::HaproxyProcess(std::string sections, const std::string& level)
    : socket_(directory_ / "haproxy.sock"), config_file_(directory_ / "haproxy.cfg") {
  replace_all(sections, "{port}", std::to_string(port()));
  std::ofstream(config_file_) << "global\n  stats socket " << socket_ << " level " << level
                              << "\n  maxconn 500\n"
                                 "defaults\n  mode http\n  timeout connect 2s\n"
                                 "  timeout client 30s\n  timeout server 30s\n"
                                 "  timeout queue 5s\n"
                              << sections;
  start();
}

std::string HaproxyProcess::frontend_and_backend(std::string_view backend_lines) {
  return "frontend web\n  bind 127.0.0.1:{port}\n  default_backend app\nbackend app\n  " +
         std::string(backend_lines) + "\n";
}

HaproxyProcess::~HaproxyProcess() {
  stop();
}

void HaproxyProcess::start() {
  CHECK(pid_ == 0);
  const std::string log = directory_ / "haproxy.log";
  pid_ = ::fork();
  CHECK(pid_ >= 0);
  if (pid_ == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    const int out = ::open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
    ::dup2(out, STDOUT_FILENO);
    ::dup2(out, STDERR_FILENO);
    ::execlp("haproxy", "haproxy", "-db", "-f", config_file_.c_str(), nullptr);
    ::execl("/usr/sbin/haproxy", "haproxy", "-db", "-f", config_file_.c_str(), nullptr);
    ::_exit(127);
  }
  const bool answers = eventually([this] {
    CHECK(::waitpid(pid_, nullptr, WNOHANG) == 0);  // it exited: haproxy.log says why
    return send_command(socket_, "show info", kAnswerWithin).ok();
  });
  CHECK(answers);
}

void HaproxyProcess::stop() {
  if (pid_ == 0) return;
  ::kill(pid_, SIGKILL);
  ::waitpid(pid_, nullptr, 0);
  pid_ = 0;
}

void HaproxyProcess::pause() {
  ::kill(pid_, SIGSTOP);
  int status = 0;
  CHECK(::waitpid(pid_, &status, WUNTRACED) == pid_ && WIFSTOPPED(status));
}

void HaproxyProcess::resume() {
  ::kill(pid_, SIGCONT);
}

std::string HaproxyProcess::ask(std::string_view command) const {
  Result<std::string> answer = send_command(socket_, command, kAnswerWithin);
  CHECK(answer.ok());
  return *std::move(answer);
}

}  // namespace autoscaler
