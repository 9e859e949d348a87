#include "controller/backtest/difference.h"

#include "controller/config/units.h"
#include "controller/snapshot/snapshot.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>

namespace autoscaler {
namespace {

// The second's size when the first ticked: its last one until then.
int32_t size_at(const std::vector<Moment>& moments, Instant at, size_t& cursor) {
  while (cursor + 1 < moments.size() && moments[cursor + 1].at <= at) ++cursor;
  return moments[cursor].size;
}

int64_t weight(const Difference& each) {
  return std::abs(each.most) * (each.to - each.from).count();
}

std::vector<Difference> all_differences(const Rehearsal& first, const Rehearsal& second) {
  std::vector<Difference> all;
  bool open = false;
  size_t cursor = 0;
  if (second.moments.empty()) return all;
  for (const Moment& moment : first.moments) {
    const int32_t apart = size_at(second.moments, moment.at, cursor) - moment.size;
    if (!moment.scored || apart == 0) {
      open = false;
      continue;
    }
    const bool turned = open && (all.back().most > 0) != (apart > 0);
    if (!open || turned) all.push_back({moment.at, moment.at, apart});
    open = true;
    Difference& last = all.back();
    last.to = moment.at;
    if (std::abs(apart) > std::abs(last.most)) last.most = apart;
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
