#include "controller/telemetry/telemetry.h"

#include "controller/telemetry/families.h"
#include "controller/telemetry/readiness.h"
#include "controller/telemetry/totals.h"

#include <prometheus/text_serializer.h>

#include <algorithm>
#include <map>
#include <mutex>
#include <optional>

namespace autoscaler {
namespace {

using Families = std::vector<prometheus::MetricFamily>;

// The page, family by family: as text each takes a fraction of what it takes as series.
class PageText {
 public:
  void take(prometheus::MetricFamily family) {
    if (family.metric.empty()) return;
    Families one;
    one.push_back(std::move(family));
    families_[one.front().name] = serializer_->Serialize(one);
  }
  void take(Families families) {
    for (prometheus::MetricFamily& family : families) take(std::move(family));
  }
  // Ordered by name.
  std::string whole() const {
    size_t bytes = 0;
    for (const auto& [name, text] : families_) bytes += text.size();
    std::string page;
    page.reserve(bytes);
    for (const auto& [name, text] : families_) page += text;
    return page;
  }

 private:
  const std::unique_ptr<const prometheus::Serializer> serializer_ =
      std::make_unique<prometheus::TextSerializer>();
  std::map<std::string, std::string> families_;
};

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
  PageText page;
  Families totals = impl_->totals.collect();
  sort_series(totals);
  page.take(std::move(totals));
  std::shared_ptr<const TickRecord> last;
  prometheus::MetricFamily readiness;
  Families config;
  {
    const std::lock_guard lock(impl_->mutex);
    last = impl_->last;
    readiness = impl_->readiness.collect();
    if (impl_->config) config = config_families(*impl_->config);
  }
  page.take(std::move(readiness));
  page.take(std::move(config));
  if (last) {
    page.take(tick_families(*last));
    workload_families(*last, [&page](auto family) { page.take(std::move(family)); });
    page.take(learned_families(*last));
    page.take(forecast_families(*last));
  }
  return page.whole();
}

}  // namespace autoscaler
