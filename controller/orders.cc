#include "controller/orders.h"

#include "controller/journal/journal.h"
#include "controller/loop.h"
#include "controller/snapshot/snapshot.h"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace autoscaler {

void drop_what_is_over(Orders& orders, Instant now) {
  if (orders.pause && orders.pause->until && *orders.pause->until <= now) orders.pause.reset();
  if (orders.size && orders.size->until <= now) orders.size.reset();
}

Orders with_order(Orders orders, const decltype(OrderRequest::order)& order) {
  if (const auto* pause = std::get_if<Pause>(&order)) {
    orders.pause = *pause;
  } else if (const auto* size = std::get_if<SizeOrder>(&order)) {
    orders.size = *size;
  } else {
    orders = {};
  }
  return orders;
}

std::string order_text(const decltype(OrderRequest::order)& order) {
  if (const auto* pause = std::get_if<Pause>(&order)) {
    static constexpr const char* kDirections[] = {"all", "out", "in"};
    std::string text = "pause ";
    text += kDirections[static_cast<size_t>(pause->direction)];
    return pause->until ? text + " until " + format_instant(*pause->until) : text;
  }
  if (const auto* size = std::get_if<SizeOrder>(&order)) {
    return "size " + std::to_string(size->replicas) + " until " + format_instant(size->until);
  }
  return "resume";
}

void Loop::take(const std::vector<OrderRequest>& requests) {
  if (requests.empty()) return;
  const Instant now = ports_.clock.now();
  for (const OrderRequest& request : requests) request.done(take_one(request, now));
}

// What one who stands by takes would do nothing now, and come alive when it takes over.
std::optional<Error> Loop::led_by_another(const WorkloadConfig& workload) const {
  const std::string& name = workload.spec.name;
  if (ports_.election == nullptr || workload.kubernetes() == nullptr) return std::nullopt;
  if (ports_.election->leads(name)) return std::nullopt;
  const std::vector<Leadership> shards = ports_.election->state();
  const Leadership& shard = shards[shard_of(name, shards.size())];
  const bool is_led = !shard.holder.empty() && shard.holder != shard.identity;
  return Error{Code::kConflict,
               "the order is not taken: this replica does not lead " + name + "; " +
                   (is_led ? shard.holder : "nobody that it knows of") + " holds the lease " +
                   shard.lease + ": " +
                   (is_led ? "send it there (the name begins with the pod's)"
                           : "send it again once a replica leads, as /readyz says") +
                   ", or pause the target by the annotation autoscaler.io/paused, which all "
                   "replicas read"};
}

// On disk before it is answered: an order that was accepted survives a crash.
Result<Orders> Loop::take_one(const OrderRequest& request, Instant now) {
  const auto& workloads = config_->workloads;
  const auto found = std::find_if(workloads.begin(), workloads.end(), [&](const auto& workload) {
    return workload.spec.name == request.workload;
  });
  if (found == workloads.end()) return Error{Code::kNotFound, "no such workload"};
  if (auto led = led_by_another(*found)) return *std::move(led);
  const WorkloadSpec& spec = found->spec;
  WorkloadMemory& memory = memories_[static_cast<size_t>(found - workloads.begin())];
  WorkloadMemory next = memory;
  drop_what_is_over(next.orders, now);
  next.orders = with_order(next.orders, request.order);
  next.ordered = now;
  IntentPart intent{{{spec.name, "", order_text(request.order)}},
                    {{spec.name, memory_json(spec, next).dump()}}};
  const auto once = [&] { return std::exchange(intent, {}); };
  if (const Status written = journal_.intend(once, now); !written) {
    return Error{
        Code::kUnavailable,
        "the order is not taken, since the journal cannot be written: " + written.error().message};
  }
  memory = std::move(next);
  const auto index = static_cast<size_t>(found - workloads.begin());
  if (led_[index]) {  // the next leader's too
    leave(index, false);
    ports_.succession->send();
  }
  return memory.orders;
}

}  // namespace autoscaler
