#include "tests/scenarios/story.h"

#include <algorithm>

namespace autoscaler {

std::string shop(const std::vector<std::string>& signals, const std::vector<std::string>& policies,
                 const std::vector<std::string>& more) {
  std::string yaml = R"(
sources: {prometheus: {url: http://prometheus.example:9090}}
workloads:
  - name: shop
    target: {process: {command: [/bin/shop, "{port}"], ports: 9000-9199}}
    loadBalancer: {haproxy: {socket: /run/none.sock, backend: shop}}
    replicas: {min: 2, max: 40}
    drainDeadline: 1m
    signals:
)";
  for (const std::string& signal : signals) yaml += "      " + signal + "\n";
  if (!policies.empty()) yaml += "    policies:\n";
  for (const std::string& policy : policies) yaml += "      - " + policy + "\n";
  for (const std::string& key : more) yaml += "    " + key + "\n";
  return yaml;
}

void Story::begin(const std::string& yaml, double load, Release release, Instant start,
                  const std::function<void(Simulation&)>& prepare) {
  ConfigResult read = parse_config(yaml, "story.yaml");
  for (const ConfigProblem& problem : read.problems) ADD_FAILURE() << describe(problem);
  ASSERT_TRUE(read.config);
  load_ = load;
  sim_ = std::make_unique<Simulation>(
      std::make_shared<const Config>(std::move(*read.config)), std::move(release),
      [this](Instant) { return load_; }, start);
  if (prepare) prepare(*sim_);
  run(30min);
  failed();
  launched();
}

std::vector<std::string> Story::run(Duration time) {
  constexpr Duration kLasting = 1min;
  std::vector<std::string> lines;
  const Instant end = sim_->now() + time;
  std::string holds;
  Instant since;
  while (sim_->now() < end) {
    last_ = &sim_->tick();
    const Decision& decision = last_->decision;
    const std::string line = std::to_string(decision.to) + " " + reason_name(decision.reason);
    if (line != holds) since = sim_->now();
    holds = line;
    const bool is_told = !lines.empty() && lines.back() == line;
    const bool lasts = sim_->now() - since >= kLasting;
    if (!is_told && (lasts || decision.to != decision.from)) lines.push_back(line);
  }
  return lines;
}

int32_t Story::in_service() const {
  return static_cast<int32_t>(std::count_if(
      last_->instances.begin(), last_->instances.end(),
      [](const auto& instance) { return instance.lifecycle == Lifecycle::kInService; }));
}

int64_t Story::launched() {
  return sim_->service.totals().launched -
         std::exchange(launched_before_, sim_->service.totals().launched);
}

double Story::failed() {
  const SimulatedService::Totals before = std::exchange(asked_, sim_->service.totals());
  const double requests = asked_.requests - before.requests;
  return requests > 0 ? 100 * (asked_.failed - before.failed) / requests : 0;
}

}  // namespace autoscaler
