#pragma once

#include "metrics/exposition.h"
#include "metrics/open_metrics_family.h"

#include <array>
#include <optional>
#include <span>
#include <string_view>

namespace autoscaler {

inline constexpr size_t kMaxLabels = 64;

// The labels of a line. They stay until the next one is read: it mostly has the same names.
struct LabelList {
  std::span<const ExpositionLabel> span() const { return {items.data(), count}; }
  bool has(std::string_view name) const {
    for (size_t i = 0; i < count; ++i) {
      if (items[i].name == name) return true;
    }
    return false;
  }

  std::array<ExpositionLabel, kMaxLabels> items;
  size_t count = 0;
  bool bare = true;  // no name was quoted
};

// Lines that follow each other and have the same name: whether somebody wants them.
class ExpositionRun {
 public:
  ExpositionRun(ExpositionVisitor& visitor, ExpositionFormat format) : visitor_(visitor) {
    if (format == ExpositionFormat::kOpenMetrics) family_.emplace();
  }

  // A sample with this name comes. Null, or what was expected instead.
  const char* enter(std::string_view name, bool bare);
  // A line "# word name text" comes, word being TYPE, HELP or UNIT: what follows is another run,
  // whatever its name. Null, or what was expected instead of the text.
  const char* describe(std::string_view word, std::string_view name, std::string_view text);
  // The first line at or after this one that is not of the run. Where its name was quoted, that is
  // this one.
  const char* skip(const char* line, const char* end) const;

  bool wanted() const { return wanted_; }
  // Empty where it was quoted, or where there is no run.
  std::string_view bare_name() const { return bare_ ? name_ : std::string_view(); }

 private:
  ExpositionVisitor& visitor_;
  std::optional<OpenMetricsFamily> family_;  // OpenMetrics alone has rules about families
  std::string_view name_;
  bool bare_ = true;
  bool wanted_ = false;
};

}  // namespace autoscaler
