#include "controller/dry_run.h"

namespace autoscaler {
namespace {

std::vector<ChangeResult> skip(std::span<const Change> changes) {
  std::vector<ChangeResult> results;
  results.reserve(changes.size());
  for (const Change& change : changes) results.push_back({change, true, std::nullopt});
  return results;
}

}  // namespace

std::vector<ChangeResult> SkippingClusterWriter::apply(std::span<const Change> changes,
                                                       Instant /*now*/) {
  return skip(changes);
}

std::vector<ChangeResult> SkippingBalancerWriter::apply(std::span<const Change> changes,
                                                        Instant /*now*/) {
  return skip(changes);
}

}  // namespace autoscaler
