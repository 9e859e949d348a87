#pragma once

#include <string_view>

namespace autoscaler {

// OpenMetrics' rules about a family's TYPE, HELP and UNIT lines and the names of its samples. Knows
// the current family alone: that a family comes in one block is not checked.
// Each call returns null, or what was expected instead: then it has changed nothing but the family.
class OpenMetricsFamily {
 public:
  const char* type(std::string_view family, std::string_view type);
  const char* help(std::string_view family);
  const char* unit(std::string_view family, std::string_view unit);
  // The first sample of a run with this name.
  const char* sample(std::string_view name);

 private:
  struct Type;
  void enter(std::string_view family);
  const char* describe(std::string_view family);
  static const Type* find_type(std::string_view name);

  std::string_view family_;
  std::string_view unit_;
  const Type* type_ = nullptr;  // null: no TYPE line so far
  bool helped_ = false;
  bool has_unit_ = false;
  bool sampled_ = false;
};

}  // namespace autoscaler
