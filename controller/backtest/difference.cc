#include "controller/backtest/difference.h"

#include "controller/config/units.h"
#include "controller/snapshot/snapshot.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>

namespace autoscaler {
namespace {

int64_t weight(const Difference& each) {
  return std::abs(each.most) * (each.to - each.from).count();
}

// From one change of either to the next.
std::vector<Difference> all_differences(const Rehearsal& first, const Rehearsal& second) {
  std::vector<Difference> all;
  const std::vector<Standing>& a = first.sizes;
  const std::vector<Standing>& b = second.sizes;
  size_t i = 0;
  size_t j = 0;
  while (i + 1 < a.size() && j + 1 < b.size()) {
    const Instant from = std::max(a[i].from, b[j].from);
    const Instant to = std::min(a[i + 1].from, b[j + 1].from);
    const int32_t apart = b[j].size - a[i].size;
    if (a[i].scored && apart != 0 && to > from) {
      const bool goes_on =
          !all.empty() && all.back().to == from && (all.back().most > 0) == (apart > 0);
      if (!goes_on) all.push_back({from, to, apart});
      Difference& last = all.back();
      last.to = to;
      if (std::abs(apart) > std::abs(last.most)) last.most = apart;
    }
    i += a[i + 1].from == to;
    j += b[j + 1].from == to;
  }
  return all;
}

}  // namespace

std::vector<Difference> differences_of(const Rehearsal& first, const Rehearsal& second) {
  std::vector<Difference> all = all_differences(first, second);
  std::stable_sort(all.begin(), all.end(),
                   [](const auto& a, const auto& b) { return weight(a) > weight(b); });
  if (all.size() > kMostDifferences) all.resize(kMostDifferences);
  return all;
}

std::string difference_text(const Rehearsal& first, const Rehearsal& second) {
  Duration apart{0};
  for (const Difference& each : all_differences(first, second)) apart += each.to - each.from;
  const double scored = first.score.scored_seconds();
  char line[200];
  std::snprintf(line, sizeof line, "\n%s and %s have different sizes %.1f %% of the time%s\n",
                first.name.c_str(), second.name.c_str(),
                scored > 0 ? 100 * std::chrono::duration<double>(apart).count() / scored : 0,
                apart.count() > 0 ? "; where they are furthest apart:" : "");
  std::string text = line;
  for (const Difference& each : differences_of(first, second)) {
    std::snprintf(line, sizeof line, "  %s  for %-8s %+d\n", format_instant(each.from).c_str(),
                  format_duration(each.to - each.from).c_str(), each.most);
    text += line;
  }
  return text;
}

}  // namespace autoscaler
