#include "controller/config/nearest.h"

#include <algorithm>
#include <cctype>

namespace autoscaler {
namespace {

std::string folded(std::string_view text) {
  std::string result;
  for (const char c : text) {
    if (c == '-' || c == '_') continue;
    result += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  }
  return result;
}

// Edits (insert, delete, replace, swap of neighbours) between two words: optimal string alignment.
size_t distance(const std::string& a, const std::string& b) {
  std::vector<size_t> before(b.size() + 1), last(b.size() + 1), row(b.size() + 1);
  for (size_t j = 0; j <= b.size(); ++j) last[j] = j;
  for (size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t replace = last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      row[j] = std::min({replace, last[j] + 1, row[j - 1] + 1});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        row[j] = std::min(row[j], before[j - 2] + 1);
      }
    }
    std::swap(before, last);
    std::swap(last, row);
  }
  return last[b.size()];
}

}  // namespace

std::string nearest(std::string_view found, std::span<const std::string> names) {
  if (found.size() > 64) return {};
  const std::string word = folded(found);
  std::string best;
  size_t best_distance = word.size() <= 3 ? 2 : 3;  // one more than allowed
  for (const std::string& name : names) {
    const size_t edits = distance(word, folded(name));
    if (edits < best_distance) {
      best = name;
      best_distance = edits;
    }
  }
  return best;
}

std::string did_you_mean(std::string_view found, std::span<const std::string> names) {
  const std::string name = nearest(found, names);
  return name.empty() ? "" : "did you mean '" + name + "'?";
}

std::string one_of_these(std::span<const std::string> names) {
  if (names.empty()) return "(none)";
  std::string text;
  for (size_t i = 0; i < names.size(); ++i) {
    if (i > 0) text += i + 1 == names.size() ? " or " : ", ";
    text += names[i];
  }
  return text;
}

}  // namespace autoscaler
