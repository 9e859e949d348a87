#include "controller/crash_point.h"

#include <cstdio>

// Prints the name of every crash point, one a line.
int main() {
  for (const std::string& name : autoscaler::all_crash_points()) std::puts(name.c_str());
}
