#pragma once

#include <malloc.h>

namespace autoscaler {

// Settings of glibc's allocator, for a process that lives long and has a burst now and then. Before
// the first thread.
inline void tune_allocation() {
  // Threads here wait more than they work: an arena of their own would hold memory that nobody
  // uses.
  ::mallopt(M_ARENA_MAX, 1);
  // The largest blocks (of 2,000 workloads a record of 2 MB, an answer while it grows to as much)
  // go back once they are free. glibc would keep them after the first, in pieces. A lower threshold
  // costs CPU: each page is made anew.
  constexpr int kLargeBytes = 3 << 19;  // 1.5 MiB
  ::mallopt(M_MMAP_THRESHOLD, kLargeBytes);
  // As glibc has it where it chooses: otherwise the end of the heap would go back and come again in
  // each tick.
  ::mallopt(M_TRIM_THRESHOLD, 2 * kLargeBytes);
}

}  // namespace autoscaler
