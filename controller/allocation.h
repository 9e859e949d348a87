#pragma once

#include <malloc.h>

namespace autoscaler {

// Settings of glibc's allocator, for a process that lives long and has a burst now and then. Before
// the first thread.
inline void tune_allocation() {
  // Threads here wait more than they work: an arena for each would hold memory that nobody uses.
  ::mallopt(M_ARENA_MAX, 2);
  // The largest blocks of a tick (of 2,000 workloads its record, 3.5 MB, and an answer of 2 MB) go
  // back once they are free. glibc would keep them after the first, in pieces: 80 MiB at rest
  // instead of 74. A lower threshold saves nothing more and costs CPU: each page is made anew.
  constexpr int kLargeBytes = 3 << 19;  // 1.5 MiB
  ::mallopt(M_MMAP_THRESHOLD, kLargeBytes);
  // As glibc has it where it chooses: otherwise the end of the heap would go back and come again in
  // each tick.
  ::mallopt(M_TRIM_THRESHOLD, 2 * kLargeBytes);
}

}  // namespace autoscaler
