#include "tests/policies/reference/random_case.h"

namespace reference {
namespace {

constexpr Millis kNow = 1'000'000'000;

std::string pod_name(int64_t number) {
  return "p" + std::to_string(number);
}

Millis seconds_ago(Random& random, std::initializer_list<int64_t> seconds) {
  return kNow - 1000 * random.one_of(seconds) + random.one_of({-1, 0, 0, 0, 1});
}

Pod random_pod(Random& random, int64_t number) {
  Pod pod;
  pod.name = pod_name(number);
  pod.is_deleting = random.once_in(12);
  pod.phase = random.once_in(4)
                  ? random.one_of<std::string>({"Pending", "Failed", "Succeeded", "Unknown"})
                  : "Running";
  if (!random.once_in(15)) pod.started = seconds_ago(random, {10, 45, 299, 300, 301, 4000});
  if (!random.once_in(15)) {
    const Millis started = pod.started.value_or(kNow - 100'000);
    const Millis changed =
        started + 1000 * random.one_of({0, 5, 29, 30, 31, 240}) + random.one_of({-1, 0, 0, 1});
    pod.ready = Condition{
        random.once_in(3) ? random.one_of<std::string>({"False", "Unknown"}) : "True", changed};
  }
  for (int64_t i = random.between(0, 2); i >= 0; --i) {
    Container container{.name = "c" + std::to_string(i)};
    container.is_counted = !random.once_in(12);
    if (!random.once_in(60)) container.requests["cpu"] = random.one_of({0, 100, 333, 1000});
    if (!random.once_in(60)) container.requests["memory"] = random.one_of({1000, 4096});
    pod.containers.push_back(container);
  }
  if (random.once_in(12)) pod.requests["cpu"] = random.one_of({500, 1000});
  return pod;
}

Sample random_sample(Random& random, const Metric& metric, const Pod* pod, int64_t percent) {
  Sample sample;
  sample.at = seconds_ago(random, {0, 5, 15, 60, 240});
  sample.window = random.one_of({15'000, 30'000, 60'000});
  const int64_t around = std::max<int64_t>(0, percent + random.one_of({-30, -1, 0, 0, 0, 1, 60}));
  const Milli unit = metric.target == "Utilization" ? 1000 : metric.wanted;
  sample.value = unit * around / 100;
  if (pod == nullptr) {
    sample.containers.emplace_back("c0", sample.value);
    return sample;
  }
  for (const Container& container : pod->containers) {
    const auto request = container.requests.find(metric.resource);
    const Milli base = metric.target == "Utilization" && request != container.requests.end()
                           ? request->second * metric.wanted / 100
                           : unit / static_cast<Milli>(pod->containers.size());
    std::optional<Milli> usage = base * around / 100;
    if (random.once_in(30)) usage.reset();
    sample.containers.emplace_back(container.name, usage);
  }
  if (random.once_in(40)) sample.containers.clear();
  return sample;
}

Metric random_metric(Random& random, const std::vector<Pod>& pods, int64_t size) {
  Metric metric;
  metric.source = random.one_of<std::string>(
      {"Resource", "Resource", "Resource", "ContainerResource", "Pods", "Object", "External"});
  metric.resource = random.once_in(4) ? "memory" : "cpu";
  metric.container = random.one_of<std::string>({"c0", "c0", "c1"});
  metric.is_failed = random.once_in(12);
  // Of the target: at the edges of a tolerance of 10 % and of 5 %, and far from both.
  const int64_t percent =
      random.one_of({0, 20, 50, 89, 90, 91, 95, 99, 100, 101, 105, 109, 110, 111, 150, 300, 1000});
  if (metric.source == "Object" || metric.source == "External") {
    metric.target = random.once_in(2) ? "Value" : "AverageValue";
    metric.wanted = random.one_of({1, 10, 1000, 33'333});
    const int64_t parts = metric.source == "Object" ? 1 : random.between(0, 3);
    const Milli whole =
        metric.wanted * (metric.target == "Value" ? 1 : std::max<int64_t>(1, size)) * percent / 100;
    for (int64_t i = 0; i < parts; ++i) metric.series.push_back(whole / parts);
    return metric;
  }
  metric.target = metric.source != "Pods" && !random.once_in(3) ? "Utilization" : "AverageValue";
  metric.wanted = metric.target == "Utilization" ? random.one_of({1, 50, 65, 80, 150})
                                                 : random.one_of({7, 100, 1000});
  const bool all = random.once_in(2);
  for (const Pod& pod : pods) {
    if (all || !random.once_in(4)) {
      metric.samples[pod.name] = random_sample(random, metric, &pod, percent);
    }
  }
  // A sample of a pod that is not listed any more.
  if (random.once_in(8)) metric.samples["p9z"] = random_sample(random, metric, nullptr, percent);
  return metric;
}

Direction random_direction(Random& random) {
  Direction direction;
  direction.window = 1000 * random.one_of({0, 15, 60, 300});
  direction.select = random.one_of<std::string>({"Max", "Max", "Min", "Disabled"});
  for (int64_t i = random.between(0, 2); i >= 0; --i) {
    const bool pods = random.once_in(2);
    direction.rates.push_back(
        {pods ? "Pods" : "Percent",
         pods ? random.between(1, 6) : random.one_of({1, 10, 33, 50, 100, 200}),
         1000 * random.one_of({15, 30, 60})});
  }
  if (random.once_in(3)) direction.tolerance = random.one_of({0.0, 0.01, 0.05, 0.1, 0.5});
  return direction;
}

}  // namespace

int64_t Random::between(int64_t lowest, int64_t highest) {
  state_ += 0x9e3779b97f4a7c15;
  uint64_t mixed = state_;
  mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9;
  mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111eb;
  mixed ^= mixed >> 31;
  return lowest + static_cast<int64_t>(mixed % static_cast<uint64_t>(highest - lowest + 1));
}

Case random_case(Random& random) {
  Case one;
  one.now = kNow;
  const int64_t pods = random.between(0, 8);
  for (int64_t i = 0; i < pods; ++i) one.pods.push_back(random_pod(random, i));
  one.spec_replicas = random.once_in(4) ? random.between(0, 12) : pods;
  one.status_replicas = random.once_in(4) ? random.between(0, 12) : pods;
  one.min = random.one_of({0, 1, 1, 1, 2, 5});
  one.max = one.min + random.one_of({0, 3, 10, 40});
  if (one.max == 0) one.max = 1;
  if (random.once_in(4)) one.tolerance = random.one_of({0.0, 0.05, 0.2});
  if (random.once_in(6)) one.cpu_initialization = 60'000;
  if (random.once_in(2)) {
    one.behavior = Behavior{random_direction(random), random_direction(random)};
  }
  for (int64_t i = random.between(0, 2); i >= 0; --i) {
    one.metrics.push_back(random_metric(random, one.pods, one.spec_replicas));
  }
  for (int64_t i = random.between(0, 3); i > 0; --i) {
    one.recommendations.push_back(
        {seconds_ago(random, {0, 5, 15, 60, 299, 300, 301}), random.between(0, 15)});
  }
  for (int64_t i = random.between(0, 3); i > 0; --i) {
    one.events.push_back({seconds_ago(random, {1, 15, 30, 60, 61}), random.between(-5, 5)});
  }
  return one;
}

}  // namespace reference
