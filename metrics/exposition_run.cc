#include "metrics/exposition_run.h"

#include "metrics/exposition_chars.h"
#include "metrics/sixteen_bytes.h"

#include <algorithm>
#include <cstring>

namespace autoscaler {

const char* ExpositionRun::enter(std::string_view name, bool bare) {
  bare_ = bare;
  if (name == name_) return nullptr;
  if (const char* fault = family_ ? family_->sample(name) : nullptr) return fault;
  name_ = name;
  wanted_ = visitor_.wants(name);
  return nullptr;
}

const char* ExpositionRun::describe(std::string_view word, std::string_view name,
                                    std::string_view text) {
  name_ = {};
  if (family_) {
    if (word == "TYPE") return family_->type(name, text);
    return word == "UNIT" ? family_->unit(name, text) : family_->help(name);
  }
  static constexpr std::string_view kTypes[] = {"gauge", "counter", "histogram", "summary",
                                                "untyped"};
  const bool good = word != "TYPE" || std::ranges::find(kTypes, text) != std::end(kTypes);
  return good ? nullptr : "counter, gauge, histogram, summary or untyped";
}

const char* ExpositionRun::skip(const char* line, const char* end) const {
  const std::string_view name = bare_name();
  if (name.empty()) return line;
  constexpr size_t kMargin = 15;  // of same_bytes
  while (true) {
    const auto left = static_cast<size_t>(end - line);
    if (left <= name.size()) return line;
    const bool same = left > name.size() + kMargin
                          ? same_bytes(line, name.data(), name.size())
                          : std::memcmp(line, name.data(), name.size()) == 0;
    if (!same || (line[name.size()] != '{' && !is(line[name.size()], kBlank))) return line;
    line = static_cast<const char*>(std::memchr(line, '\n', left)) + 1;
  }
}

}  // namespace autoscaler
