#pragma once

#include <cstdio>
#include <cstdlib>

// Stops the process on a bug of our own. What the environment does wrong is a Result, never a
// CHECK.
#define CHECK(condition)                                                                 \
  do {                                                                                   \
    if (!(condition)) {                                                                  \
      std::fprintf(stderr, "%s:%d: CHECK failed: %s\n", __FILE__, __LINE__, #condition); \
      std::abort();                                                                      \
    }                                                                                    \
  } while (false)
