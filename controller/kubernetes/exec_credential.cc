#include "controller/kubernetes/exec_credential.h"

#include "base/deadline.h"
#include "base/descriptor.h"
#include "controller/snapshot/document.h"

#include <nlohmann/json.hpp>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <unistd.h>

extern char** environ;

namespace autoscaler {
namespace {

constexpr size_t kMostBytes = 1u << 20;
constexpr const char* kInfo =
    R"(KUBERNETES_EXEC_INFO={"apiVersion":"client.authentication.k8s.io/v1",)"
    R"("kind":"ExecCredential","spec":{"interactive":false}})";

std::vector<std::string> environment_of(const ExecCommand& command) {
  std::vector<std::string> all{kInfo};
  for (const auto& [name, value] : command.environment) all.push_back(name + "=" + value);
  for (char** each = environ; *each != nullptr; ++each) all.emplace_back(*each);  // the first wins
  return all;
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> all;
  for (std::string& text : texts) all.push_back(text.data());
  all.push_back(nullptr);
  return all;
}

// In a process group of its own, with no signal blocked, its output in `output`.
Result<pid_t> spawn(const ExecCommand& command, int output) {
  posix_spawn_file_actions_t files;
  posix_spawn_file_actions_init(&files);
  posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&files, output, STDOUT_FILENO);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  sigset_t none;
  sigset_t all;
  sigemptyset(&none);
  sigfillset(&all);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setsigdefault(&attributes, &all);
  posix_spawnattr_setflags(&attributes,
                           POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  std::vector<std::string> argv = command.argv;
  std::vector<std::string> environment = environment_of(command);
  pid_t pid = 0;
  const int error = posix_spawnp(&pid, argv[0].c_str(), &files, &attributes, pointers(argv).data(),
                                 pointers(environment).data());
  posix_spawn_file_actions_destroy(&files);
  posix_spawnattr_destroy(&attributes);
  if (error == 0) return pid;
  return Error{error == ENOENT ? Code::kNotFound : Code::kDenied,
               std::string("cannot be run: ") + std::strerror(error) +
                   (command.install_hint.empty() ? "" : "; " + command.install_hint)};
}

bool wait_for(int descriptor, const Deadline& deadline) {
  pollfd wait{descriptor, POLLIN, 0};
  const auto left = deadline.left().count();
  return left > 0 && poll(&wait, 1, static_cast<int>(left)) > 0;
}

Result<std::string> read_all(int descriptor, const Deadline& deadline) {
  std::string text;
  char buffer[4096];
  while (wait_for(descriptor, deadline)) {
    const ssize_t got = read(descriptor, buffer, sizeof buffer);
    if (got == 0) return text;
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return Error{Code::kUnavailable, "gave no output"};
    text.append(buffer, static_cast<size_t>(got));
    if (text.size() > kMostBytes) return Error{Code::kTooLarge, "printed more than 1 MiB"};
  }
  return Error{Code::kTimeout, "did not end in time"};
}

// What it printed, if it ended with 0. It and what it started are gone afterwards.
Result<std::string> output_of(const ExecCommand& command, const Deadline& deadline) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return Error{Code::kExhausted, "no pipe is to be had"};
  const Descriptor from(ends[0]);
  std::optional<Descriptor> to(ends[1]);
  const Result<pid_t> pid = spawn(command, to->get());
  to.reset();  // so that the end of the program is the end of its output
  if (!pid) return pid.error();
  const Descriptor process(static_cast<int>(syscall(SYS_pidfd_open, *pid, 0)));
  Result<std::string> text = read_all(from.get(), deadline);
  if (text.ok() && !wait_for(process.get(), deadline)) {
    text = Error{Code::kTimeout, "did not end in time"};
  }
  if (!text.ok()) kill(-*pid, SIGKILL);
  int status = 0;
  waitpid(*pid, &status, 0);
  if (text.ok() && (!WIFEXITED(status) || WEXITSTATUS(status) != 0)) {
    return Error{Code::kDenied, "failed: its own message is in the controller's output"};
  }
  return text;
}

Result<ExecCredential> understand(const std::string& text) {
  const auto json = parse_json(text);
  if (!json) return Error{Code::kInvalid, "printed no JSON"};
  Faults faults;
  const Place place(json->get(), "ExecCredential", &faults);
  const Place status = place["status"];
  ExecCredential credential;
  credential.token = status["token"].text().value_or("");
  credential.certificate_pem = status["clientCertificateData"].text().value_or("");
  credential.key_pem = status["clientKeyData"].text().value_or("");
  credential.expires = status["expirationTimestamp"].instant();
  if (!faults.empty()) return Error{Code::kInvalid, "printed: " + faults.error().message};
  if (place["kind"].text() != "ExecCredential" ||
      (credential.token.empty() && credential.certificate_pem.empty()) ||
      credential.certificate_pem.empty() != credential.key_pem.empty()) {
    return Error{Code::kInvalid, "printed no ExecCredential with a token or a certificate and key"};
  }
  return credential;
}

}  // namespace

Result<ExecCredential> run_exec_plugin(const ExecCommand& command,
                                       std::chrono::milliseconds deadline) {
  const auto named = [&](const Error& error) {
    return Error{error.code, "the exec plugin " + command.argv[0] + " " + error.message};
  };
  const Result<std::string> text = output_of(command, Deadline(deadline));
  if (!text) return named(text.error());
  Result<ExecCredential> credential = understand(*text);
  if (!credential) return named(credential.error());
  return credential;
}

}  // namespace autoscaler
