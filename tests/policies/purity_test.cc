#include <gtest/gtest.h>

#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <regex>
#include <sstream>
#include <string>
#include <vector>

// Looks at what the objects of libpolicies.a import, so that "pure" is a fact and not a habit.
// CHECK alone may print and abort.
namespace {

std::vector<std::string> lines_of(const std::string& command) {
  std::vector<std::string> lines;
  FILE* pipe = popen(command.c_str(), "r");
  if (!pipe) return lines;
  std::string line;
  for (int c = std::fgetc(pipe); c != EOF; c = std::fgetc(pipe)) {
    if (c != '\n') {
      line.push_back(static_cast<char>(c));
      continue;
    }
    lines.push_back(line);
    line.clear();
  }
  EXPECT_EQ(pclose(pipe), 0) << command;
  return lines;
}

// The line of `nm -C --undefined-only`: "                 U std::chrono::...".
bool is_impure_import(const std::string& line) {
  static const std::regex impure(
      " U .*(_clock::now|clock_gettime|gettimeofday|\\btime$|localtime|gmtime|nanosleep|usleep"
      "|pthread_|std::thread|std::mutex|condition_variable|__cxa_guard|__tls"
      "|\\b(f?open(64)?|f?read|write|fgets|socket|connect|getenv|system|popen|printf|puts)$"
      "|std::(cout|cerr|clog|cin)|basic_[io]?f?stream|ios_base"
      "|\\brand(om)?$|srand|random_device|mersenne_twister)");
  return std::regex_search(line, impure);
}

// A writable object of the library itself: "0000000000000000 b name". A constant that the linker
// has to relocate (an array of names) is of type d too; by our naming it ends in kName, and what
// the compiler knows of a lambda's type begins with "typeinfo for".
bool is_global(const std::string& line) {
  static const std::regex data("^[0-9a-f]+ [bBdDcC] ");
  static const std::regex constant("[ :]k[A-Z]\\w*$| d typeinfo for ");
  return std::regex_search(line, data) && !std::regex_search(line, constant);
}

TEST(Purity, TheChecksThemselvesSeeAnImpurity) {
  EXPECT_TRUE(is_impure_import("                 U std::chrono::_V2::system_clock::now()"));
  EXPECT_TRUE(is_impure_import("                 U clock_gettime"));
  EXPECT_TRUE(is_impure_import("                 U pthread_mutex_lock"));
  EXPECT_TRUE(is_impure_import("                 U fopen64"));
  EXPECT_TRUE(is_impure_import("                 U rand"));
  EXPECT_TRUE(is_impure_import("                 U __cxa_guard_acquire"));
  EXPECT_FALSE(is_impure_import("                 U fprintf"));
  EXPECT_FALSE(is_impure_import("                 U autoscaler::rule_name(autoscaler::Rule)"));
  EXPECT_TRUE(is_global("0000000000000000 b autoscaler::counter"));
  EXPECT_FALSE(is_global("0000000000000000 T autoscaler::evaluate()"));
  EXPECT_FALSE(is_global("0000000000000020 d autoscaler::rule_name(autoscaler::Rule)::kNames"));
}

TEST(Purity, NothingInTheLibraryImportsAClockAThreadIoOrChance) {
  const auto imports = lines_of(std::string("nm -C --undefined-only ") + POLICIES_ARCHIVE);
  ASSERT_GT(imports.size(), 50u);
  for (const auto& line : imports) EXPECT_FALSE(is_impure_import(line)) << line;
}

TEST(Purity, TheLibraryHasNoGlobals) {
  const auto symbols = lines_of(std::string("nm -C --defined-only ") + POLICIES_ARCHIVE);
  ASSERT_GT(symbols.size(), 50u);
  for (const auto& line : symbols) EXPECT_FALSE(is_global(line)) << line;
}

TEST(Purity, NoSourceNamesAnUnorderedContainer) {
  const std::regex banned("unordered_|thread_local|<random>|<thread>|<mutex>|<iostream>|<fstream>");
  int files = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(POLICIES_FOLDER)) {
    const auto extension = entry.path().extension();
    if (extension != ".h" && extension != ".cc") continue;
    ++files;
    std::ifstream file(entry.path());
    std::string line;
    for (int number = 1; std::getline(file, line); ++number) {
      EXPECT_FALSE(std::regex_search(line, banned)) << entry.path() << ":" << number;
    }
  }
  EXPECT_GT(files, 20);
}

}  // namespace
