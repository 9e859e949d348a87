#include "metrics/json_reply.h"

#include <nlohmann/json.hpp>

#include <charconv>
#include <cmath>
#include <optional>
#include <string>

namespace autoscaler {
namespace {

using nlohmann::json;

Missing malformed(std::string_view pointer, const char* what) {
  return {MissingReason::kMalformed, "at " + std::string(pointer) + " there is " + what};
}

// One part of a pointer, with ~1 and ~0 replaced.
std::string unescaped(std::string_view part) {
  std::string text;
  for (size_t i = 0; i < part.size(); ++i) {
    if (part[i] == '~') {
      text += part[++i] == '1' ? '/' : '~';
    } else {
      text += part[i];
    }
  }
  return text;
}

const json* child_of(const json& parent, const std::string& part) {
  if (parent.is_object()) {
    const auto found = parent.find(part);
    return found == parent.end() ? nullptr : &*found;
  }
  if (!parent.is_array()) return nullptr;
  size_t index = 0;
  const auto [end, error] = std::from_chars(part.data(), part.data() + part.size(), index);
  const bool whole = error == std::errc() && end == part.data() + part.size();
  const bool leading_zero = part.size() > 1 && part[0] == '0';
  return whole && !leading_zero && index < parent.size() ? &parent[index] : nullptr;
}

const json* resolve(const json& document, std::string_view pointer) {
  const json* here = &document;
  while (!pointer.empty() && here != nullptr) {
    pointer.remove_prefix(1);
    const std::string_view part = pointer.substr(0, pointer.find('/'));
    here = child_of(*here, unescaped(part));
    pointer.remove_prefix(part.size());
  }
  return here;
}

std::variant<double, Missing> number_in(const std::string& text, std::string_view pointer) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) {
    return malformed(pointer, "a text that is no number");
  }
  if (!std::isfinite(value)) return Missing{MissingReason::kNotFinite, "it is " + text};
  return value;
}

}  // namespace

bool is_json_pointer(std::string_view pointer) {
  if (!pointer.empty() && pointer.front() != '/') return false;
  for (size_t i = 0; i < pointer.size(); ++i) {
    if (pointer[i] != '~') continue;
    if (i + 1 == pointer.size() || (pointer[i + 1] != '0' && pointer[i + 1] != '1')) return false;
  }
  return true;
}

std::variant<double, Missing> number_at(std::string_view text, std::string_view pointer) {
  if (!is_json_pointer(pointer)) {
    return Missing{MissingReason::kMalformed, "the pointer is no JSON pointer"};
  }
  const json document = json::parse(text.begin(), text.end(), nullptr, false);
  if (document.is_discarded()) return Missing{MissingReason::kMalformed, "the answer is no JSON"};
  const json* found = resolve(document, pointer);
  if (found == nullptr || found->is_null()) {
    return Missing{MissingReason::kNoSeries, "there is nothing at " + std::string(pointer)};
  }
  if (found->is_number()) return found->get<double>();
  if (found->is_string()) return number_in(found->get_ref<const std::string&>(), pointer);
  if (found->is_boolean()) return malformed(pointer, "a boolean, no number");
  return malformed(pointer, found->is_object() ? "an object, no number" : "a list, no number");
}

}  // namespace autoscaler
