#pragma once

#include <sys/types.h>

#include <csignal>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace autoscaler::e2e {

// A program of ours, run for a test: its output is read line by line, and it does not outlive the
// test, not even one that is killed.
class Child {
 public:
  explicit Child(std::vector<std::string> command);
  ~Child();
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  // The next line of its standard output without the line break; nothing at its end. Waits.
  std::optional<std::string> line();
  void signal(int number) const { kill(pid_, number); }
  // Its exit code, or 128 + the signal that ended it. Waits.
  int wait();

 private:
  pid_t pid_ = 0;
  int output_ = 0;
  std::string pending_;
  std::optional<int> code_;
};

}  // namespace autoscaler::e2e
