#pragma once

#include "metrics/exposition.h"
#include "metrics/open_metrics_family.h"

#include <array>
#include <optional>
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
  const char* enter(std::string_view name, bool bare) {
    bare_ = bare;
    if (name == name_) return nullptr;
    if (const char* fault = family_ ? family_->sample(name) : nullptr) return fault;
    name_ = name;
    wanted_ = visitor_.wants(name);
    return nullptr;
  }
  // A TYPE, HELP or UNIT line comes: what follows is another run, whatever its name.
  OpenMetricsFamily* describe() {
    name_ = {};
    return family_ ? &*family_ : nullptr;
  }

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
