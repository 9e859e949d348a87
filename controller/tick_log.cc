#include "controller/tick_log.h"

#include "controller/log.h"
#include "controller/orders.h"
#include "controller/snapshot/explain.h"
#include "controller/snapshot/snapshot.h"
#include "policies/guards/guard.h"

#include <algorithm>
#include <string_view>

namespace autoscaler {

bool TickLog::is_news(const std::string& key, const std::string& text) {
  const auto [found, is_new] = held_.try_emplace(key);
  Held& held = found->second;
  if (!is_new && held.tick != tick_) held.before = std::move(held.text);
  held.tick = tick_;
  held.text = text;
  return held.before != text;
}

void TickLog::write(const TickRecord& tick) {
  std::erase_if(held_, [this](const auto& each) { return each.second.tick != tick_; });
  ++tick_;
  if (tick.journal_error && is_news("journal", tick.journal_error->message)) {
    log_line(LogLevel::kError,
             "journal cannot be written, no scale-in is started until it can: " +
                 tick.journal_error->message,
             {{"stage", stage_name(Stage::kRecord)}});
  }
  if (tick.prune_error && is_news("prune", tick.prune_error->message)) {
    log_line(LogLevel::kWarning,
             "old rows of the journal could not be deleted: " + tick.prune_error->message,
             {{"stage", stage_name(Stage::kRecord)}});
  }
  for (const Leadership& shard : tick.shards) leadership(shard);
  if (tick.config != config_) take(tick.config);
  for (size_t i = 0; i < tick.workloads.size(); ++i) {
    const WorkloadTick& workload = tick.workloads[i];
    const std::string& name = workload.config->spec.name;
    for (const auto& [where, error] : {std::pair("cluster", workload.cluster_error),
                                       std::pair("balancer", workload.balancer_error)}) {
      if (error && is_news(name + "/" + where, error->message)) {
        log_line(LogLevel::kError, name + ": " + where + " does not answer: " + error->message,
                 {{"workload", name}, {"stage", stage_name(Stage::kObserve)}});
      }
    }
    for (const Error& error : workload.target_errors) {
      if (!is_news(name + "/target/" + code_name(error.code), error.message)) continue;
      log_line(LogLevel::kError, name + ": " + error.message,
               {{"workload", name}, {"stage", stage_name(Stage::kObserve)}});
    }
    for (const ReadError& error : workload.read_errors) {
      const std::string who = error.instance.empty() ? read_from_name(error.from) : error.instance;
      std::string what = who;
      if (error.signal) what += " for " + workload.config->spec.signals[*error.signal].name;
      if (is_news(name + "/read/" + what, missing_reason_name(error.reason))) {
        log_line(LogLevel::kWarning,
                 what + " could not be read (" + missing_reason_name(error.reason) +
                     "): " + error.detail,
                 {{"workload", name}, {"stage", stage_name(Stage::kRead)}});
      }
    }
    orders(workload);
    instances(workload);
    guards(workload, tick.now);
    decision(tick, workload, decided_[i]);
    changes(workload);
  }
}

// What was decided of a workload that the config still has stands.
void TickLog::take(const std::shared_ptr<const Config>& config) {
  std::map<std::string_view, std::optional<Decided>> before;
  for (size_t i = 0; i < decided_.size(); ++i) {
    before[config_->workloads[i].spec.name] = decided_[i];
  }
  decided_.clear();
  for (const WorkloadConfig& workload : config->workloads) {
    decided_.push_back(before[workload.spec.name]);
  }
  config_ = config;
}

void TickLog::leadership(const Leadership& leadership) {
  const std::string& lease = leadership.lease;
  const std::string text = leadership.leads ? "this controller (" + leadership.identity + ") leads"
                           : leadership.holder.empty() || leadership.holder == leadership.identity
                               ? "stands by; nobody is seen to lead"
                               : "stands by: " + leadership.holder + " leads";
  if (is_news(lease + "/leader", text)) {
    log_line(LogLevel::kInfo, "lease " + lease + ": " + text,
             {{"lease", lease}, {"leads", leadership.leads ? "true" : "false"}});
  }
  if (leadership.error && is_news(lease + "/error", leadership.error->message)) {
    log_line(LogLevel::kError, "lease " + lease + ": " + leadership.error->message,
             {{"lease", lease}});
  }
}

void TickLog::orders(const WorkloadTick& workload) {
  const WorkloadSpec& spec = workload.config->spec;
  const Orders& orders = workload.workload.orders;
  std::string text;
  if (orders.pause) text = order_text(*orders.pause);
  if (orders.size) text += (text.empty() ? "" : ", ") + order_text(*orders.size);
  if (!text.empty() && is_news(spec.name + "/orders", text)) {
    log_line(LogLevel::kInfo,
             spec.name + ": ordered by an operator, or by an annotation of the target: " + text,
             {{"workload", spec.name}});
  }
  for (const OpenWindow& window : workload.workload.windows) {
    const std::string& name = spec.policies[window.policy].name;
    if (!is_news(spec.name + "/window/" + name, format_instant(window.closes))) continue;
    log_line(LogLevel::kInfo,
             spec.name + ": window of " + name + " is open until " + format_instant(window.closes),
             {{"workload", spec.name}, {"policy", name}});
  }
}

void TickLog::instances(const WorkloadTick& workload) {
  const std::string& name = workload.config->spec.name;
  const bool is_ours =
      workload.config->kubernetes() == nullptr;  // a pod's failure is the cluster's
  for (const FleetInstance& instance : is_ours ? workload.instances : SharedList<FleetInstance>()) {
    if (instance.failure.empty()) continue;
    if (is_news(name + "/failed/" + instance.instance, instance.failure)) {
      log_line(LogLevel::kWarning, instance.instance + " failed: " + instance.failure,
               {{"workload", name}, {"instance", instance.instance}});
    }
  }
  const int failures = workload.launch_failures;
  if (failures > 0 && is_news(name + "/launches", std::to_string(failures))) {
    log_line(LogLevel::kWarning,
             name + ": launching came to nothing" +
                 (failures == 1 ? "" : " " + std::to_string(failures) + " times in a row") +
                 "; the next ones wait",
             {{"workload", name}});
  }
}

// What is wanted changes from tick to tick, and with it whether a guard has anything to hold: it is
// done when it has held nothing for a minute.
void TickLog::guards(const WorkloadTick& workload, Instant now) {
  constexpr auto kDone = std::chrono::minutes(1);
  const std::string& name = workload.config->spec.name;
  const Decision& decision = workload.decision;
  if (decision.suspicion) {
    guard_binds(name, Rule::kBadDeploy,
                "errors or latency are up and load is not, at size " +
                    std::to_string(decision.suspicion->size),
                now);
  }
  for (const Adjustment& adjustment : decision.adjustments) {
    if (is_guard(adjustment.rule)) {
      guard_binds(name, adjustment.rule, explain_adjustment(workload.config->spec, adjustment),
                  now);
    }
  }
  for (auto one = binding_.begin(); one != binding_.end();) {
    const auto& [guard, last] = *one;
    if (guard.first != name || now - last < kDone) {
      ++one;
      continue;
    }
    const std::string rule = rule_name(guard.second);
    log_line(LogLevel::kInfo, name + ": guard " + rule + " lets go",
             {{"workload", name}, {"guard", rule}});
    one = binding_.erase(one);
  }
}

void TickLog::guard_binds(const std::string& workload, Rule rule, const std::string& how,
                          Instant now) {
  const auto [one, is_new] = binding_.insert_or_assign({workload, rule}, now);
  if (!is_new) return;
  const std::string name = rule_name(rule);
  log_line(LogLevel::kWarning, workload + ": guard " + name + " holds: " + how,
           {{"workload", workload}, {"guard", name}});
}

void TickLog::decision(const TickRecord& tick, const WorkloadTick& workload,
                       std::optional<Decided>& before) {
  const WorkloadSpec& spec = workload.config->spec;
  const Decision& decision = workload.decision;
  const Decided now{decision.from, decision.to, decision.reason};
  if (before == now) return;
  before = now;
  std::string line = explain_line(spec, decision);
  if (workload.outcome == Outcome::kSkipped)
    line += tick.dry_run ? " (dry-run: not done)" : " (stands by: not done)";
  if (workload.outcome == Outcome::kFailed) line += " (not done: see the errors)";
  LogFields fields = {{"workload", spec.name},
                      {"from", std::to_string(decision.from)},
                      {"to", std::to_string(decision.to)},
                      {"reason", reason_name(decision.reason)},
                      {"outcome", outcome_name(workload.outcome)},
                      {"tick", std::to_string(tick.number)}};
  if (workload.shadow_size) {
    line += "; shadow size " + std::to_string(*workload.shadow_size);
    fields.emplace_back("shadow_size", std::to_string(*workload.shadow_size));
  }
  log_line(LogLevel::kInfo, line, fields);
}

void TickLog::changes(const WorkloadTick& workload) {
  const std::string& name = workload.config->spec.name;
  for (const ChangeResult& result : workload.changes) {
    const InstanceId& instance = change_instance(result.change);
    const std::string who = instance.empty() ? name : instance.str();
    const std::string text = std::string(change_name(result.change)) +
                             (instance.empty() ? " " + change_subject(result.change) : "") +
                             (result.skipped ? " skipped" : "") +
                             (is_waiting(result) ? " waits: "
                              : result.error     ? " failed: "
                                                 : "") +
                             (result.error ? result.error->message : "");
    if (!is_news(name + "/change/" + instance, text)) continue;
    const bool failed = result.error && !is_waiting(result);
    log_line(failed ? LogLevel::kError : LogLevel::kInfo, who + ": " + text,
             {{"workload", name}, {"instance", instance}});
  }
}

}  // namespace autoscaler
