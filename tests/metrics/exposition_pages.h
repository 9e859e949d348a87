#pragma once

#include "metrics/exposition.h"

#include <cstdint>
#include <random>
#include <string>

namespace autoscaler {

// Random pages, good ones and nearly good ones, from a seed.
class ExpositionPages {
 public:
  explicit ExpositionPages(uint64_t seed) : random_(seed) {}

  // Good to the end, except for what `odd` (0 to 100 percent of the lines) brings in.
  std::string page(ExpositionFormat format, int lines, int odd) {
    const bool open_metrics = format == ExpositionFormat::kOpenMetrics;
    std::string text;
    std::string name = pick(kNames);
    std::string shape = labels();
    for (int i = 0; i < lines; ++i) {
      if (below(6) == 0) {
        name = pick(kNames) + std::string(below(3) == 0 ? below(40) : 0, 'x');
        shape = labels();
        if (below(2) == 0) text += "# TYPE " + name + " gauge\n";
      }
      if (below(4) == 0) shape = labels();
      if (below(100) < odd) {
        text += open_metrics ? pick(kOddOpenMetrics) : pick(kOddText);
        text += '\n';
        continue;
      }
      text += name + (shape.empty() ? "" : "{" + filled(shape) + "}") + " " + number() + "\n";
    }
    if (open_metrics) text += "# EOF\n";
    return text;
  }

  // The same with some bytes changed, doubled, or left out.
  std::string broken(std::string page) {
    constexpr char kBytes[] = "\n\n\"\"\\{}=,, \t#.eE+-0179aZ_:\r\xff\xc3\xa4";
    for (int i = below(4); i >= 0 && !page.empty(); --i) {
      const auto at = static_cast<size_t>(below(static_cast<int>(page.size())));
      const char byte = kBytes[below(static_cast<int>(sizeof kBytes))];
      switch (below(4)) {
        case 0: page[at] = byte; break;
        case 1: page.insert(at, 1, byte); break;
        case 2: page.erase(at, 1 + static_cast<size_t>(below(3))); break;
        default: page.insert(at, page.substr(at, static_cast<size_t>(below(30))));
      }
    }
    return page;
  }

  int below(int bound) { return static_cast<int>(random_() % static_cast<uint64_t>(bound)); }

 private:
  template <size_t N>
  std::string pick(const char* const (&table)[N]) {
    return table[below(static_cast<int>(N))];
  }

  // a="?",b="?": each ? is filled in anew for each line.
  std::string labels() {
    std::string text;
    for (int i = below(5), n = 0; n < i; ++n) {
      text +=
          (n > 0 ? "," : "") + pick(kLabels) + (below(9) > 0 ? std::to_string(n) : "") + "=\"?\"";
    }
    return text;
  }
  std::string filled(const std::string& shape) {
    std::string text;
    for (const char c : shape) text += c == '?' ? value() : std::string(1, c);
    return text;
  }
  std::string value() {
    if (below(12) == 0) return pick(kValues);
    return std::string(static_cast<size_t>(below(20)), static_cast<char>('a' + below(26)));
  }
  std::string number() {
    if (below(8) == 0) return pick(kNumbers);
    const auto digits = [this](int most) {
      std::string text;
      for (int n = 1 + below(most); n > 0; --n) text += static_cast<char>('0' + below(10));
      return text;
    };
    std::string text = below(8) == 0 ? "-" : "";
    text += digits(below(4) == 0 ? 20 : 7);
    if (below(2) == 0) text += "." + digits(below(4) == 0 ? 17 : 5);
    if (below(3) == 0)
      text += std::string(below(2) == 0 ? "e" : "E") + (below(2) == 0 ? "+" : "-") + digits(2);
    return text;
  }

  static constexpr const char* kNames[] = {
      "a",
      "up",
      "go_goroutines",
      "http_requests_total",
      "x:y:z",
      "process_cpu_seconds_total",
      "a_name_that_is_longer_than_two_blocks_of_sixteen_bytes"};
  static constexpr const char* kLabels[] = {"le", "code", "method", "namespace",
                                            "a_label_of_more_than_sixteen_bytes"};
  static constexpr const char* kValues[] = {"",   "K\xc3\xb6ln", "a \\\"b\\\" c", "\\\\", "x\\ny",
                                            "{}", "a,b=c",       "# x",           "+Inf"};
  static constexpr const char* kNumbers[] = {"NaN",    "+Inf",
                                             "-Inf",   "Inf",
                                             "-0",     "0",
                                             "1.",     ".5",
                                             "-.5",    "1e-400",
                                             "5e-324", "+7",
                                             "1e22",   "1e23",
                                             "1e-22",  "9007199254740993",
                                             "1e308",  "4.9406564584124654e-324",
                                             "0.1",    "123456789012345678901234567890",
                                             "1e+09",  "00012"};
  static constexpr const char* kOddText[] = {"",
                                             "  ",
                                             "# a comment",
                                             "#",
                                             "# HELP a Text with \"quotes\" and a \\",
                                             "# TYPE a histogram",
                                             "a 1 1395066363000",
                                             "a{x=\"y\"} 1 -5",
                                             "\ta { x = \"1\" , y=\"2\" , } \t 3  4 ",
                                             "a{}1",
                                             "{\"a.b\"} 1",
                                             "{\"a.b\",\"c d\"=\"e\",f=\"g\"} 2 7",
                                             "# TYPE \"a.b\" counter",
                                             "a 1e999",
                                             "a 0x10",
                                             "a 1_0",
                                             "a 0x1p3",
                                             "a",
                                             "a{",
                                             "a{x=\"1\",x=\"2\"} 1",
                                             "a{x=\"\\t\"} 1",
                                             "a nan",
                                             "a{\"x\"=\"1\",x=\"2\"} 1",
                                             "{\"\"} 1",
                                             "{\"a\\\"b\"} 1",
                                             "a 1 # {} 1",
                                             "a 1 1.5",
                                             "1a 2",
                                             "a 1\r",
                                             "other{ nonsense",
                                             "up{x=\"1\"} 1",
                                             "a{x=\"\xff\"} 1",
                                             "a.b 1"};
  static constexpr const char* kOddOpenMetrics[] = {"a 1 1395066363.123",
                                                    "a{x=\"y\"} 1 -5",
                                                    "a{} 1",
                                                    "a_bucket{le=\"1\"} 1 # {t=\"x\"} 0.5",
                                                    "a_bucket{le=\"1\"} 1 1e3 # {} 0.5 1.5",
                                                    "{\"a.b\"} 1",
                                                    "{\"a.b\",\"c d\"=\"e\",f=\"g\"} 2 7.5",
                                                    "# TYPE a counter",
                                                    "a_total 5",
                                                    "a_created 5",
                                                    "# HELP a Text",
                                                    "# UNIT a_seconds seconds",
                                                    "# UNIT a seconds",
                                                    "# TYPE b info",
                                                    "b_info{v=\"1\"} 1",
                                                    "# TYPE c summary",
                                                    "c{quantile=\"1\"} 5",
                                                    "c_sum 5",
                                                    "c_count 1",
                                                    "# TYPE d histogram",
                                                    "d_bucket{le=\"+Inf\"} 5",
                                                    "d_gsum 5",
                                                    "d 5",
                                                    "# EOF",
                                                    "# a comment",
                                                    "",
                                                    " a 1",
                                                    "a  1",
                                                    "a 1 ",
                                                    "a{x=\"1\",} 1",
                                                    "a{x=\"\\t\"} 1",
                                                    "a{x= \"1\"} 1",
                                                    "a 1e999",
                                                    "a 1 NaN",
                                                    "# TYPE a",
                                                    "# HELP a ",
                                                    "# UNIT a ",
                                                    "a 1 # {} ",
                                                    "a 1\t2",
                                                    "# TYPE \"a.b\" gauge",
                                                    "a 1 1e300",
                                                    "# UNIT b_x x"};

  std::mt19937_64 random_;
};

}  // namespace autoscaler
