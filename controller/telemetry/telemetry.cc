#include "controller/telemetry/telemetry.h"

#include "controller/telemetry/families.h"
#include "controller/telemetry/readiness.h"
#include "controller/telemetry/totals.h"

#include <prometheus/text_serializer.h>

#include <algorithm>
#include <map>
#include <mutex>
#include <optional>
#include <string_view>
#include <variant>

namespace autoscaler {
namespace {

using Families = std::vector<prometheus::MetricFamily>;

// Series of so many workloads are made at once: about 100 KB.
constexpr size_t kPart = 100;

// The text, which is there once: 2.8 MB of 2,000 workloads with one signal and one policy each.
class PageText {
 public:
  explicit PageText(size_t workloads) {
    constexpr size_t kBytesOfOne = 1'500;
    text_.reserve(20'000 + workloads * kBytesOfOne);
  }

  void add(prometheus::MetricFamily family) {
    part_ = std::move(family);
    if (!part_.metric.empty()) text_ += serialized();
  }
  void add(const WorkloadFamily& gauges, const TickRecord& record) {
    part_ = family(gauges.name, gauges.help, prometheus::MetricType::Gauge);
    size_t head = 0;  // bytes of the lines before the first series, in which all parts begin
    for (size_t i = 0; i < record.workloads.size(); ++i) {
      gauges.add(part_, record.workloads[i], record.now);
      if ((i + 1) % kPart != 0 && i + 1 < record.workloads.size()) continue;
      if (part_.metric.empty()) continue;
      const std::string text = serialized();
      text_ += std::string_view(text).substr(head);
      head = head_of(text);
      part_.metric.clear();
    }
  }
  std::string take() { return std::move(text_); }

 private:
  std::string serialized() const { return serializer_->Serialize(parts_); }
  // # HELP and # TYPE.
  static size_t head_of(const std::string& text) {
    return text.find('\n', text.find("\n# TYPE ") + 1) + 1;
  }

  const std::unique_ptr<const prometheus::Serializer> serializer_ =
      std::make_unique<prometheus::TextSerializer>();
  Families parts_ = Families(1);
  prometheus::MetricFamily& part_ = parts_.front();
  std::string text_;
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
  // A page is ordered by the names of its families.
  std::map<std::string, std::variant<prometheus::MetricFamily, const WorkloadFamily*>> families;
  const auto put = [&families](Families made) {
    for (prometheus::MetricFamily& each : made) families[each.name] = std::move(each);
  };
  Families totals = impl_->totals.collect();
  sort_series(totals);
  put(std::move(totals));
  std::shared_ptr<const TickRecord> last;
  {
    const std::lock_guard lock(impl_->mutex);
    last = impl_->last;
    put({impl_->readiness.collect()});
    if (impl_->config) put(config_families(*impl_->config));
  }
  if (last) {
    put(tick_families(*last));
    for (const auto gauges :
         {size_families(), signal_families(), learned_families(), forecast_families()}) {
      for (const WorkloadFamily& each : gauges) families[each.name] = &each;
    }
  }
  PageText page(last ? last->workloads.size() : 0);
  for (auto& [name, either] : families) {
    if (auto* whole = std::get_if<prometheus::MetricFamily>(&either)) {
      page.add(std::move(*whole));
    } else {
      page.add(*std::get<const WorkloadFamily*>(either), *last);
    }
  }
  return page.take();
}

}  // namespace autoscaler
