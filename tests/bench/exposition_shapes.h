#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

namespace autoscaler {

// A page as one kind of exporter writes it, and five of its families.
struct ExpositionShape {
  const char* name;
  std::string page;
  std::vector<std::string_view> wanted;
};

// Some 1 to 2 MB each: labels, name lengths and numbers as those exporters have them, HELP and TYPE
// lines before each family.
std::vector<ExpositionShape> exposition_shapes();

}  // namespace autoscaler
