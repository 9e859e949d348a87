#include "controller/change.h"
#include "controller/crash_point.h"

namespace autoscaler {
namespace {

// Around every change, in the order in which the loop passes them.
constexpr std::string_view kMoments[] = {"planned", "intended", "applied", "recorded"};

// Inside the adapters, where a change takes several steps.
constexpr std::pair<std::string_view, std::string_view> kSteps[] = {
    {"launch", "written"}, {"launch", "released"},   {"attach", "added"},
    {"attach", "checked"}, {"detach", "maintained"}, {"terminate", "signalled"},
};

// Entered while an instance lives: Requested exists only between a plan and its launch, and Gone
// is not seen.
constexpr Lifecycle kEntered[] = {
    Lifecycle::kLaunching, Lifecycle::kReady,       Lifecycle::kWarming, Lifecycle::kInService,
    Lifecycle::kDraining,  Lifecycle::kTerminating, Lifecycle::kFailed};

std::string join_names(std::string_view subject, std::string_view moment) {
  return std::string(subject) + "." + std::string(moment);
}

}  // namespace

std::vector<std::string> all_crash_points() {
  std::vector<std::string> all;
  const Change kinds[] = {Launch{}, Attach{}, Drain{}, Detach{}, Terminate{}, Resize{}};
  static_assert(std::size(kinds) == kChangeKinds);
  for (const Change& change : kinds) {
    for (const std::string_view moment : kMoments) {
      all.push_back(join_names(change_name(change), moment));
    }
  }
  for (const auto& [subject, moment] : kSteps) all.push_back(join_names(subject, moment));
  for (const Lifecycle lifecycle : kEntered) {
    all.push_back(join_names(lifecycle_name(lifecycle), "entered"));
  }
  return all;
}

}  // namespace autoscaler
