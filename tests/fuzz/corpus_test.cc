#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

namespace autoscaler {
namespace {

std::vector<std::filesystem::path> corpus() {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(CORPUS)) files.push_back(entry);
  std::sort(files.begin(), files.end());
  return files;
}

void run(const std::string& input) {
  LLVMFuzzerTestOneInput(reinterpret_cast<const uint8_t*>(input.data()), input.size());
}

// The same function that libFuzzer drives: it stops the process where a promise is broken. Each
// file is also run cut at every length and with every byte broken, near its start.
TEST(Corpus, EveryFileKeepsThePromises) {
  const std::vector<std::filesystem::path> files = corpus();
  ASSERT_FALSE(files.empty());
  run("");
  for (const std::filesystem::path& file : files) {
    SCOPED_TRACE(file);
    std::ifstream stream(file, std::ios::binary);
    const std::string input{std::istreambuf_iterator<char>(stream), {}};
    run(input);
    constexpr size_t kMutated = 400;
    for (size_t i = 0; i < std::min(input.size(), kMutated); ++i) {
      run(input.substr(0, i));
      for (const char c : {'\0', '\n', '"', '\\', '{', '\xff'}) {
        std::string broken = input.substr(0, 2 * kMutated);
        broken[i] = c;
        run(broken);
      }
    }
  }
}

}  // namespace
}  // namespace autoscaler
