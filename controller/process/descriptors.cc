#include "controller/process/descriptors.h"

#include <fcntl.h>
#include <unistd.h>

namespace autoscaler {
namespace {

rlimit& at_start() {
  static rlimit limit = [] {
    rlimit now{};
    getrlimit(RLIMIT_NOFILE, &now);
    return now;
  }();
  return limit;
}

}  // namespace

void prepare_descriptors() {
  int null = open("/dev/null", O_RDWR);
  while (null >= 0 && null <= STDERR_FILENO) null = open("/dev/null", O_RDWR);
  if (null >= 0) close(null);
  rlimit raised = at_start();
  raised.rlim_cur = raised.rlim_max;
  setrlimit(RLIMIT_NOFILE, &raised);
}

const rlimit& descriptor_limit_at_start() {
  return at_start();
}

}  // namespace autoscaler
