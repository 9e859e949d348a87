#include "metrics/open_metrics_family.h"

#include <algorithm>
#include <array>

namespace autoscaler {
namespace {

constexpr char kNoUnit[] = "no unit of an info or a stateset";

}  // namespace

struct OpenMetricsFamily::Type {
  std::string_view name;
  bool takes_unit;
  std::array<const char*, 4> suffixes;  // of its samples' names; null: no more
  const char* expected;
};

// OpenMetrics 1.0, "Metric types": the suffixes that each type's samples have.
const OpenMetricsFamily::Type* OpenMetricsFamily::find_type(std::string_view name) {
  static constexpr Type kTypes[] = {
      {"counter", true, {"_total", "_created"}, "_total or _created after a counter's name"},
      {"gauge", true, {""}, "a gauge's name without a suffix"},
      {"histogram",
       true,
       {"_bucket", "_count", "_sum", "_created"},
       "_bucket, _count, _sum or _created after a histogram's name"},
      {"gaugehistogram",
       true,
       {"_bucket", "_gcount", "_gsum"},
       "_bucket, _gcount or _gsum after a gaugehistogram's name"},
      {"stateset", false, {""}, "a stateset's name without a suffix"},
      {"info", false, {"_info"}, "_info after an info's name"},
      {"summary",
       true,
       {"", "_count", "_sum", "_created"},
       "a summary's name alone or with _count, _sum or _created"},
      {"unknown", true, {""}, "a name without a suffix"},
  };
  const auto* const found = std::ranges::find(kTypes, name, &Type::name);
  return found == std::end(kTypes) ? nullptr : found;
}

void OpenMetricsFamily::enter(std::string_view family) {
  *this = OpenMetricsFamily();
  family_ = family;
}

const char* OpenMetricsFamily::describe(std::string_view family) {
  if (family != family_) {
    enter(family);
  } else if (sampled_) {
    return "TYPE, HELP and UNIT before the samples";
  }
  return nullptr;
}

const char* OpenMetricsFamily::type(std::string_view family, std::string_view type) {
  if (const char* fault = describe(family)) return fault;
  if (type_ != nullptr) return "one TYPE for each metric";
  const Type* const known = find_type(type);
  if (known == nullptr) {
    return "counter, gauge, histogram, gaugehistogram, stateset, info, summary or unknown";
  }
  if (!known->takes_unit && !unit_.empty()) return kNoUnit;
  type_ = known;
  return nullptr;
}

const char* OpenMetricsFamily::help(std::string_view family) {
  if (const char* fault = describe(family)) return fault;
  if (helped_) return "one HELP for each metric";
  helped_ = true;
  return nullptr;
}

const char* OpenMetricsFamily::unit(std::string_view family, std::string_view unit) {
  if (const char* fault = describe(family)) return fault;
  if (has_unit_) return "one UNIT for each metric";
  if (!unit.empty() && (!family.ends_with(unit) || family.size() < unit.size() + 2 ||
                        family[family.size() - unit.size() - 1] != '_')) {
    return "a metric whose name ends with _ and its unit";
  }
  if (type_ != nullptr && !type_->takes_unit && !unit.empty()) return kNoUnit;
  has_unit_ = true;
  unit_ = unit;
  return nullptr;
}

const char* OpenMetricsFamily::sample(std::string_view name) {
  if (!family_.empty() && name.starts_with(family_)) {
    const std::string_view suffix = name.substr(family_.size());
    const Type* const type = type_ != nullptr ? type_ : find_type("unknown");
    for (const char* const known : type->suffixes) {
      if (known == nullptr || suffix != known) continue;
      sampled_ = true;
      return nullptr;
    }
    if (suffix.empty()) return type->expected;
  }
  // Of another family, one that nothing describes.
  enter(name);
  sampled_ = true;
  return nullptr;
}

}  // namespace autoscaler
