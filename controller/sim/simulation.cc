#include "controller/sim/simulation.h"

#include "base/check.h"

namespace autoscaler {

Simulation::Simulation(std::shared_ptr<const Config> config, Release release,
                       SimulatedService::Demand demand, Instant start, uint64_t seed)
    : clock(start),
      service(release, seed),
      cluster(service),
      scale(service, config->workloads.at(0)),
      balancer(service, config->workloads.at(0).spec.name),
      source(config->workloads.at(0), service),
      config_(std::move(config)),
      demand_(std::move(demand)) {
  service.finds_healthy = !config_->workloads.at(0).balancer;
  begin();
}

void Simulation::begin() {
  const bool is_scale = config_->workloads.at(0).kubernetes() != nullptr;
  ClusterReader* const reader = is_scale ? static_cast<ClusterReader*>(&scale) : &cluster;
  ClusterWriter* const writer = is_scale ? static_cast<ClusterWriter*>(&scale) : &cluster;
  loop_ =
      std::make_unique<Loop>(config_, Ports{clock, *reader, *writer, balancer, balancer, {&source}},
                             journal_, false, std::vector<Loop::Sink>{});
  CHECK(loop_->restore().ok());  // the journal is ours
}

void Simulation::pass(Duration time) {
  const Instant before = clock.now();
  clock.advance(time);
  service.pass(before, clock.now(), demand_);
  source.sample(clock.now());
}

const WorkloadTick& Simulation::decide() {
  last_ = loop_->tick();
  return last_->workloads.front();
}

const WorkloadTick& Simulation::tick() {
  pass(config_->controller.interval);
  return decide();
}

void Simulation::restart(bool keeps_journal) {
  if (!keeps_journal) journal_ = MemoryJournal();
  begin();
}

}  // namespace autoscaler
