#pragma once

#include "metrics/breaker.h"

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace autoscaler {

// The breakers of one server: one for what the config file asks of it, and one for each tenant
// (SignalQuery::tenant), so that questions of one that fail leave the others their server.
class Breakers {
 public:
  explicit Breakers(uint64_t seed) : seed_(seed) { of(""); }

  Breaker& of(const std::string& tenant) {
    Its& its = breakers_.try_emplace(tenant, Breaker({}, seed_ + breakers_.size())).first->second;
    its.is_used = true;
    return its.breaker;
  }
  bool is_closed(const std::string& tenant) const {
    const auto found = breakers_.find(tenant);
    return found == breakers_.end() || found->second.breaker.state() == BreakerState::kClosed;
  }
  // At the end of a tick: those of tenants that nobody asked for in it are forgotten.
  void end_tick() {
    std::erase_if(breakers_,
                  [](const auto& each) { return !each.second.is_used && !each.first.empty(); });
    for (auto& [tenant, its] : breakers_) its.is_used = false;
  }
  // "prometheus/main", and "prometheus/main/shop" of the tenant shop.
  void health(const std::string& source, std::vector<SourceHealth>& into) const {
    for (const auto& [tenant, its] : breakers_) {
      into.push_back(health_of(tenant.empty() ? source : source + "/" + tenant, its.breaker));
    }
  }

 private:
  struct Its {
    explicit Its(Breaker its) : breaker(its) {}
    Breaker breaker;
    bool is_used = true;
  };
  uint64_t seed_;
  std::map<std::string, Its> breakers_;
};

}  // namespace autoscaler
