#include "tests/fakes/prometheus_process.h"

#include "base/fetch.h"
#include "tests/fakes/eventually.h"
#include "tests/fakes/free_port.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <fstream>
#include <unistd.h>

namespace autoscaler {
namespace {

bool accepts(uint16_t port) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const bool connected =
      ::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  ::close(fd);
  return connected;
}

}  // namespace

PrometheusProcess::PrometheusProcess(const std::string& openmetrics, const std::string& web_config)
    : tls_(!web_config.empty()) {
  std::ofstream(directory_ / "samples.txt") << openmetrics;
  std::ofstream(directory_ / "prometheus.yml") << "global: {}\n";
  if (tls_) std::ofstream(directory_ / "web.yml") << web_config;
  const std::string command = "promtool tsdb create-blocks-from openmetrics " +
                              (directory_ / "samples.txt") + " " + (directory_ / "tsdb") + " >" +
                              (directory_ / "promtool.log") + " 2>&1";
  CHECK(std::system(command.c_str()) == 0);
  start();
}

PrometheusProcess::PrometheusProcess(const Scraping& scraping) : tls_(false) {
  std::ofstream(directory_ / "prometheus.yml")
      << "global: {scrape_interval: 500ms, scrape_timeout: 500ms}\n"
         "scrape_configs: [{job_name: live, static_configs: [{targets: ['" +
             scraping.target + "']}]}]\n";
  start();
}

PrometheusProcess::~PrometheusProcess() {
  stop();
}

// A port that somebody else took in between ends it at once: then with another one.
void PrometheusProcess::start() {
  const bool again = port_ != 0;
  for (int tries = 0; tries < 5; ++tries) {
    if (!again) port_ = free_port();
    launch();
    bool ended = false;
    const bool ready = eventually([&] {
      ended = ::waitpid(pid_, nullptr, WNOHANG) != 0;
      return ended || is_ready();
    });
    if (ready && !ended) return;
    if (!ended) stop();
    pid_ = 0;
  }
  CHECK(false);  // prometheus.log says why
}

void PrometheusProcess::launch() {
  const std::string log = directory_ / "prometheus.log";
  const std::string config = "--config.file=" + (directory_ / "prometheus.yml");
  const std::string storage = "--storage.tsdb.path=" + (directory_ / "tsdb");
  const std::string listen = "--web.listen-address=" + address();
  const std::string web = "--web.config.file=" + (tls_ ? directory_ / "web.yml" : std::string());
  pid_ = ::fork();
  CHECK(pid_ >= 0);
  if (pid_ != 0) return;
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  const int out = ::open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
  ::dup2(out, STDOUT_FILENO);
  ::dup2(out, STDERR_FILENO);
  ::execlp("prometheus", "prometheus", config.c_str(), storage.c_str(), listen.c_str(), web.c_str(),
           "--storage.tsdb.retention.time=100y", nullptr);
  ::_exit(127);
}

bool PrometheusProcess::is_ready() const {
  if (tls_) return accepts(port_);
  Fetcher fetcher(FetchLimits{});
  const FetchRequest request{"http://" + address() + "/-/ready", {}};
  const auto responses = fetcher.fetch({&request, 1});
  return responses[0].ok() && responses[0]->status == 200;
}

void PrometheusProcess::stop() {
  if (pid_ == 0) return;
  ::kill(pid_, SIGKILL);
  ::waitpid(pid_, nullptr, 0);
  pid_ = 0;
}

void PrometheusProcess::pause() {
  ::kill(pid_, SIGSTOP);
  int status = 0;
  CHECK(::waitpid(pid_, &status, WUNTRACED) == pid_ && WIFSTOPPED(status));
}

void PrometheusProcess::resume() {
  ::kill(pid_, SIGCONT);
}

}  // namespace autoscaler
