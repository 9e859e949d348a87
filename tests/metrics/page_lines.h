#pragma once

#include "metrics/exposition.h"

#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace autoscaler {

// Everything a page says, kept by value.
class PageLines : public ExpositionVisitor {
 public:
  struct Line {
    std::string name;
    std::vector<std::pair<std::string, std::string>> labels;
    double value;
    std::optional<int64_t> timestamp_ms;
  };

  PageLines() : wanted_([](std::string_view) { return true; }) {}
  explicit PageLines(std::function<bool(std::string_view)> wanted) : wanted_(std::move(wanted)) {}

  bool wants(std::string_view name) override {
    asked.emplace_back(name);
    return wanted_(name);
  }
  void sample(const ExpositionSample& sample) override {
    Line line{std::string(sample.name), {}, sample.value, sample.timestamp_ms};
    std::string scratch;
    for (const ExpositionLabel& label : sample.labels) {
      line.labels.emplace_back(label.name, label_value(label, scratch));
    }
    label_texts.emplace_back(sample.label_text);
    lines.push_back(std::move(line));
  }

  std::vector<std::string> asked;
  std::vector<std::string> label_texts;
  std::vector<Line> lines;

 private:
  std::function<bool(std::string_view)> wanted_;
};

}  // namespace autoscaler
