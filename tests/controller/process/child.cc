// The command that the tests launch. It says "ready" on its output once it is what it is told to
// be.
//   pause                  waits for a signal
//   stubborn               the same, and ignores SIGTERM
//   exit CODE              ends at once
//   parent                 starts a child that ignores SIGTERM, then waits for a signal itself
//   serve PORT STATUS      answers every HTTP request on 127.0.0.1 with that status
//   describe [ARGUMENT..]  says how it was started, then waits for a signal
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include <climits>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <dirent.h>
#include <signal.h>
#include <string>
#include <unistd.h>

namespace {

void say(const std::string& line) {
  const std::string text = line + "\n";
  if (write(1, text.data(), text.size()) < 0) _exit(99);
}

[[noreturn]] void wait_for_signal() {
  say("ready");
  while (true) pause();
}

[[noreturn]] void serve(int port, const std::string& status) {
  const int listener = socket(AF_INET, SOCK_STREAM, 0);
  const int on = 1;
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (bind(listener, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) _exit(98);
  if (listen(listener, 16) != 0) _exit(98);
  say("ready");
  while (true) {
    const int connection = accept(listener, nullptr, nullptr);
    char request[4096];
    const ssize_t got = recv(connection, request, sizeof request - 1, 0);
    if (got > 0) {
      request[got] = '\0';
      say(std::string(request, strcspn(request, "\r")));
      const std::string answer =
          "HTTP/1.1 " + status + " Status\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
      send(connection, answer.data(), answer.size(), MSG_NOSIGNAL);
    }
    close(connection);
  }
}

[[noreturn]] void describe(int argc, char** argv) {
  for (int i = 2; i < argc; ++i) say("argument " + std::string(argv[i]));
  for (char** variable = environ; *variable != nullptr; ++variable) {
    say("variable " + std::string(*variable));
  }
  char directory[PATH_MAX];
  say("directory " + std::string(getcwd(directory, sizeof directory)));
  rlimit files{};
  getrlimit(RLIMIT_NOFILE, &files);
  say("open files " + std::to_string(files.rlim_cur));
  say("session leader " + std::string(getsid(0) == getpid() ? "yes" : "no"));
  sigset_t blocked;
  sigprocmask(SIG_BLOCK, nullptr, &blocked);
  for (int number = 1; number < NSIG; ++number) {
    struct sigaction action {};
    if (sigismember(&blocked, number) == 1) say("blocked " + std::to_string(number));
    if (sigaction(number, nullptr, &action) == 0 && action.sa_handler == SIG_IGN) {
      say("ignored " + std::to_string(number));
    }
  }
  DIR* fds = opendir("/proc/self/fd");
  while (const dirent* entry = readdir(fds)) {
    const int fd = std::atoi(entry->d_name);
    if (entry->d_name[0] != '.' && fd != dirfd(fds)) say("descriptor " + std::to_string(fd));
  }
  closedir(fds);
  wait_for_signal();
}

}  // namespace

int main(int argc, char** argv) {
  const std::string mode = argc > 1 ? argv[1] : "";
  if (mode == "pause") wait_for_signal();
  if (mode == "exit" && argc == 3) return std::atoi(argv[2]);
  if (mode == "serve" && argc == 4) serve(std::atoi(argv[2]), argv[3]);
  if (mode == "describe") describe(argc, argv);
  if (mode == "stubborn" || mode == "parent") {
    const bool in_child = mode == "stubborn" || fork() == 0;
    if (in_child) {
      signal(SIGTERM, SIG_IGN);
      say("child " + std::to_string(getpid()));
      wait_for_signal();
    }
    while (true) pause();
  }
  return 64;
}
