#include "controller/telemetry/telemetry.h"

#include "controller/telemetry/families.h"
#include "controller/telemetry/readiness.h"
#include "controller/telemetry/totals.h"

#include <prometheus/text_serializer.h>

#include <algorithm>
#include <iterator>
#include <mutex>
#include <optional>

namespace autoscaler {
namespace {

using Families = std::vector<prometheus::MetricFamily>;

void move_to(Families& all, Families part) {
  std::move(part.begin(), part.end(), std::back_inserter(all));
}

// The registry keeps its series in the order of their hashes; a page that is sorted can be compared
// with the one before. Families of workloads are in config order, which is sorted too.
void sort_series(Families& families) {
  for (prometheus::MetricFamily& family : families) {
    std::sort(family.metric.begin(), family.metric.end(),
              [](const auto& a, const auto& b) { return a.label < b.label; });
  }
}

}  // namespace

struct Telemetry::Impl {
  Totals totals;
  mutable std::mutex mutex;  // guards what follows
  ReadinessTimes readiness;
  std::shared_ptr<const TickRecord> last;
  std::optional<ConfigStatus> config;
};

Telemetry::Telemetry() : impl_(std::make_unique<Impl>()) {}
Telemetry::~Telemetry() = default;

void Telemetry::observe(std::shared_ptr<const TickRecord> record) {
  impl_->totals.count(*record);
  const std::lock_guard lock(impl_->mutex);
  impl_->readiness.observe(*record);
  impl_->last.swap(record);  // the one before is let go of after the lock
}

void Telemetry::observe(const ConfigStatus& status) {
  const std::lock_guard lock(impl_->mutex);
  impl_->config = status;
}

std::string Telemetry::serialize() const {
  Families families = impl_->totals.collect();
  sort_series(families);
  std::shared_ptr<const TickRecord> last;
  {
    const std::lock_guard lock(impl_->mutex);
    last = impl_->last;
    families.push_back(impl_->readiness.collect());
    if (impl_->config) move_to(families, config_families(*impl_->config));
  }
  if (last) {
    move_to(families, tick_families(*last));
    move_to(families, workload_families(*last));
    move_to(families, learned_families(*last));
    move_to(families, forecast_families(*last));
  }
  std::erase_if(families, [](const auto& family) { return family.metric.empty(); });
  std::sort(families.begin(), families.end(),
            [](const auto& a, const auto& b) { return a.name < b.name; });
  return static_cast<const prometheus::Serializer&>(prometheus::TextSerializer{})
      .Serialize(families);
}

}  // namespace autoscaler
