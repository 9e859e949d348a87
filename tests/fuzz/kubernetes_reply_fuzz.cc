#include "base/check.h"
#include "metrics/kubernetes_reply.h"

#include <cstdint>
#include <cstring>
#include <memory>

namespace {

using namespace autoscaler;

// Each part is one of what there is.
void check_parts(const PodMetricsList& list) {
  const auto is_within = [](const PodMetricsList::Part& part, size_t size) {
    return part.begin <= size && part.size <= size - part.begin;
  };
  for (const PodMetricsList::Pod& pod : list.pods) {
    CHECK(is_within(pod.name, list.pod_names.size()));
    CHECK(is_within(pod.containers, list.containers.size()));
  }
  for (const PodMetricsList::Container& container : list.containers) {
    CHECK(container.name < list.names.size() && is_within(container.usage, list.usage.size()));
  }
  for (const PodMetricsList::Usage& usage : list.usage) CHECK(usage.resource < list.names.size());
}

}  // namespace

// Whatever the answer: no read outside it (the copy below has no byte after its end), a reason
// where it is no list, and no window that could not be one.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::unique_ptr<char[]> exact(new char[size]);
  if (size > 0) std::memcpy(exact.get(), data, size);
  const std::string_view text{exact.get(), size};
  const auto pods = parse_pod_metrics(text);
  const auto values = parse_metric_values(text);
  CHECK(!pods.ok() || !values.ok());  // they are of different kinds
  if (pods) check_parts(*pods);
  if (!pods) CHECK(pods.error().code == Code::kInvalid && !pods.error().message.empty());
  if (!values) {
    CHECK(values.error().code == Code::kInvalid && !values.error().message.empty());
    return 0;
  }
  for (const MetricValue& value : *values) {
    CHECK(!value.window || *value.window >= Duration{0});
    CHECK(value.object.size() <= size);
  }
  return 0;
}
