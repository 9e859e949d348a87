#include "controller/commands.h"
#include "controller/config/config.h"
#include "controller/journal/journal.h"
#include "controller/snapshot/snapshot.h"
#include "policies/evaluate.h"

#include <nlohmann/json.hpp>

#include <cstdio>

namespace autoscaler {
namespace {

using nlohmann::json;

// Decides again, record by record, and counts what came out otherwise.
class Replay {
 public:
  Replay(const ReplayOptions& options, const Config* other) : options_(options), other_(other) {}

  Status visit(const StoredRecord& record) {
    json document = json::parse(record.document, nullptr, false);
    if (document.is_discarded() || !document.contains("decision")) {
      return Error{Code::kInvalid, "the record of " + format_instant(record.at) + " is damaged"};
    }
    const json recorded = document["decision"];
    // `run --stop-instances` at its end: ordered, not decided.
    if (recorded.value("reason", "") == reason_name(Reason::kStopping)) {
      ++ordered_;
      return Done{};
    }
    document.erase("decision");
    document.erase("outcome");
    if (other_ != nullptr) {
      const WorkloadConfig* config = find(record.workload);
      if (config == nullptr) {
        ++not_in_config_;
        return Done{};
      }
      document["policy"] = json::parse(config->json);
    }
    const Result<Snapshot> snapshot = parse_snapshot(
        document.dump(), other_ != nullptr ? UnknownNames::kDrop : UnknownNames::kProblem);
    if (!snapshot) {
      return Error{Code::kInvalid, "the record of " + format_instant(record.at) +
                                       " cannot be decided again: " + snapshot.error().message};
    }
    const WorkloadSpec& spec = snapshot->config.spec;
    const Decision decision =
        evaluate(spec, snapshot->workload, snapshot->signals, snapshot->recent, snapshot->now);
    ++decided_;
    if (differs(recorded, as_recorded(recorded, decision_json(spec, decision))))
      show(record, recorded, spec, decision);
    return Done{};
  }

  int64_t visited() const { return decided_ + ordered_ + not_in_config_; }

  int finish() const {
    if (options_.json) {
      const json summary = {
          {"decided", decided_}, {"different", different_}, {"notInConfig", not_in_config_}};
      std::puts(summary.dump().c_str());
    } else {
      std::printf("%lld decisions, %lld different\n", static_cast<long long>(decided_),
                  static_cast<long long>(different_));
      if (not_in_config_ > 0) {
        std::printf("%lld records of workloads that this config does not have\n",
                    static_cast<long long>(not_in_config_));
      }
    }
    return different_ == 0 ? kExitDone : kExitDiffers;
  }

 private:
  // The same config must give the same bytes; of another one only what it leads to is compared.
  bool differs(const json& recorded, const json& decided) const {
    if (other_ == nullptr) return recorded != decided;
    return recorded.value("to", 0) != decided.value("to", 0) ||
           recorded.value("reason", "") != decided.value("reason", "");
  }

  // Older journals do not say what a policy looked at, nor what would have been decided without
  // the rule that bound: that is not compared then.
  static json as_recorded(const json& recorded, json decided) {
    leave_out("inputs", recorded, "proposals", decided);
    leave_out("without", recorded, "adjustments", decided);
    return decided;
  }
  static void leave_out(const char* key, const json& recorded, const char* list, json& decided) {
    for (const json& each : recorded.value(list, json::array())) {
      if (each.contains(key)) return;
    }
    for (json& each : decided[list]) each.erase(key);
  }

  const WorkloadConfig* find(const std::string& name) const {
    for (const WorkloadConfig& workload : other_->workloads) {
      if (workload.spec.name == name) return &workload;
    }
    return nullptr;
  }

  void show(const StoredRecord& record, const json& recorded, const WorkloadSpec& spec,
            const Decision& decision) {
    ++different_;
    if (options_.json) {
      const json line = {{"at", format_instant(record.at)},
                         {"workload", record.workload},
                         {"recorded", recorded},
                         {"decided", decision_json(spec, decision)}};
      std::puts(line.dump().c_str());
    } else {
      std::printf("%s  recorded %d -> %d (%s), now: %s\n", format_instant(record.at).c_str(),
                  recorded.value("from", 0), recorded.value("to", 0),
                  recorded.value("reason", "").c_str(), explain_line(spec, decision).c_str());
    }
  }

  const ReplayOptions& options_;
  const Config* other_;
  int64_t decided_ = 0;
  int64_t different_ = 0;
  int64_t not_in_config_ = 0;
  int64_t ordered_ = 0;
};

}  // namespace

int replay_command(const ReplayOptions& options) {
  ConfigResult other;
  if (options.config) {
    other = load_config(*options.config);
    for (const ConfigProblem& problem : other.problems) {
      std::fprintf(stderr, "%s\n", describe(problem).c_str());
    }
    if (!other.config) return kExitInvalid;
  }
  const Result<std::unique_ptr<Journal>> journal = Journal::open_read_only(options.journal);
  if (!journal) {
    std::fprintf(stderr, "%s\n", journal.error().message.c_str());
    return journal.error().code == Code::kInvalid ? kExitInvalid : kExitFailed;
  }
  Replay replay(options, options.config ? &*other.config : nullptr);
  Status status = Done{};
  const Status read = (*journal)->records(options.workload, Instant::min(), Instant::max(),
                                          [&](const StoredRecord& record) {
                                            status = replay.visit(record);
                                            return status.ok();
                                          });
  for (const Status* each : {&read, static_cast<const Status*>(&status)}) {
    if (each->ok()) continue;
    std::fprintf(stderr, "%s: %s\n", options.journal.c_str(), each->error().message.c_str());
    return kExitInvalid;
  }
  if (options.workload && replay.visited() == 0) {
    std::fprintf(stderr,
                 "%s: has no record of a workload '%s': see 'autoscaler journal decisions'\n",
                 options.journal.c_str(), options.workload->c_str());
    return kExitInvalid;
  }
  return replay.finish();
}

}  // namespace autoscaler
