#include "controller/commands.h"
#include "controller/config/budget_expansion.h"
#include "controller/config/lint.h"
#include "controller/journal/journal.h"
#include "controller/schedule/time_zone.h"
#include "controller/schedule/transitions.h"
#include "controller/snapshot/snapshot.h"
#include "controller/system_clock.h"

#include <nlohmann/json.hpp>

#include <cstdio>
#include <filesystem>

namespace autoscaler {
namespace {

using nlohmann::ordered_json;

constexpr size_t kTransitions = 10;

using Measured = std::map<WorkloadId, Measurements>;

Status measure(Journal& journal, const Config& config, Measured& measured) {
  Result<std::vector<MemoryRow>> rows = journal.memories();
  if (!rows) return rows.error();
  for (const MemoryRow& row : *rows) {
    for (const WorkloadConfig& workload : config.workloads) {
      if (workload.spec.name != row.workload) continue;
      const Result<WorkloadMemory> memory = parse_memory(workload.spec, row.document);
      if (memory) measured[row.workload].time_to_ready = memory->time_to_ready;
    }
  }
  return journal.demand(std::nullopt, Instant::min(), Instant::max(), [&](const DemandRow& row) {
    auto& most = measured[row.workload].most_requests_per_second;
    most = std::max(most, row.requests_per_second);
    return true;
  });
}

// What the config's own journal tells, where there is one.
Measured measured_by_journal(const Config& config) {
  Measured measured;
  const std::string& file = config.controller.journal;
  std::error_code none;
  if (!std::filesystem::exists(file, none)) return measured;
  const Result<std::unique_ptr<Journal>> journal = Journal::open_read_only(file);
  const Status read = journal ? measure(**journal, config, measured) : Status(journal.error());
  if (!read) {
    std::fprintf(stderr, "checked without what the journal knows: %s\n",
                 read.error().message.c_str());
  }
  return measured;
}

struct Schedule {
  const WorkloadSpec& workload;
  const PolicySpec& policy;
  const ScheduleTimes& times;
  std::unique_ptr<ZoneClock> zone;
};

std::vector<Schedule> schedules_of(const Config& config) {
  std::vector<Schedule> schedules;
  for (const WorkloadConfig& workload : config.workloads) {
    for (const PolicySpec& policy : workload.spec.policies) {
      const auto* schedule = std::get_if<ScheduleSpec>(&policy.rule);
      if (!schedule) continue;
      schedules.push_back(
          {workload.spec, policy, schedule->times, find_zone(schedule->times.zone).value()});
    }
  }
  return schedules;
}

std::string utc_text(Instant at) {
  return format_instant(std::chrono::floor<std::chrono::seconds>(at)).substr(0, 19) + "Z";
}

void print_schedule(const Schedule& schedule, Instant now) {
  std::printf("%s, %s (%s, %s):\n", schedule.workload.name.c_str(), schedule.policy.name.c_str(),
              schedule.times.text.c_str(), schedule.times.zone.c_str());
  const auto transitions = next_transitions(schedule.times, *schedule.zone, now, kTransitions);
  for (const Transition& each : transitions) {
    std::printf("  %-6s  %s  %s\n", each.opens ? "opens" : "closes",
                local_text(*schedule.zone, each.at).c_str(), utc_text(each.at).c_str());
  }
  if (transitions.empty()) std::puts("  never opens or closes any more");
}

ordered_json schedule_json(const Schedule& schedule, Instant now) {
  ordered_json transitions = ordered_json::array();
  for (const Transition& each :
       next_transitions(schedule.times, *schedule.zone, now, kTransitions)) {
    transitions.push_back({{"at", utc_text(each.at)},
                           {"local", local_text(*schedule.zone, each.at)},
                           {"change", each.opens ? "opens" : "closes"}});
  }
  return {{"workload", schedule.workload.name},
          {"policy", schedule.policy.name},
          {"when", schedule.times.text},
          {"timeZone", schedule.times.zone},
          {"transitions", std::move(transitions)}};
}

ordered_json problems_json(const std::vector<ConfigProblem>& problems) {
  ordered_json list = ordered_json::array();
  for (const ConfigProblem& problem : problems) {
    list.push_back({{"file", problem.file},
                    {"line", problem.line},
                    {"column", problem.column},
                    {"path", problem.path},
                    {"message", problem.message}});
  }
  return list;
}

// What a budget of the slo stands for, where it stands for policies.
void print_expansion(const WorkloadConfig& workload) {
  const std::vector<std::string> lines = expansion_of(workload);
  if (lines.empty()) return;
  std::printf("%s, by its slo.budget:\n", workload.spec.name.c_str());
  for (const std::string& line : lines) std::printf("  %s\n", line.c_str());
}

ordered_json expansions_json(const Config& config) {
  ordered_json expansions = ordered_json::object();
  for (const WorkloadConfig& workload : config.workloads) {
    const std::vector<std::string> lines = expansion_of(workload);
    if (!lines.empty()) expansions[workload.spec.name] = lines;
  }
  return expansions;
}

void print_json(const ConfigResult& read, const std::vector<Schedule>& schedules, Instant now) {
  ordered_json answer;
  answer["ok"] = read.config.has_value();
  answer["problems"] = problems_json(read.problems);
  answer["warnings"] = problems_json(read.warnings);
  answer["schedules"] = ordered_json::array();
  for (const Schedule& each : schedules) answer["schedules"].push_back(schedule_json(each, now));
  answer["expansions"] = read.config ? expansions_json(*read.config) : ordered_json::object();
  std::puts(answer.dump(2).c_str());
}

void print_text(const std::string& file, const ConfigResult& read,
                const std::vector<Schedule>& schedules, Instant now) {
  for (const ConfigProblem& problem : read.problems) {
    std::fprintf(stderr, "%s\n", describe(problem).c_str());
  }
  for (ConfigProblem warning : read.warnings) {
    warning.message = "warning: " + warning.message;
    std::fprintf(stderr, "%s\n", describe(warning).c_str());
  }
  if (!read.config) return;
  const size_t workloads = read.config->workloads.size();
  std::printf("%s: good, %zu workload%s", file.c_str(), workloads, workloads == 1 ? "" : "s");
  if (!read.warnings.empty()) {
    std::printf(", %zu warning%s", read.warnings.size(), read.warnings.size() == 1 ? "" : "s");
  }
  std::puts("");
  for (const WorkloadConfig& workload : read.config->workloads) print_expansion(workload);
  for (const Schedule& each : schedules) print_schedule(each, now);
}

}  // namespace

int check_command(const CheckOptions& options) {
  const Instant now = options.now.value_or(SystemClock().now());
  ConfigResult read = lint_config(options.config, now, {});
  if (read.config) read = lint_config(options.config, now, measured_by_journal(*read.config));
  const std::vector<Schedule> schedules =
      read.config ? schedules_of(*read.config) : std::vector<Schedule>();
  if (options.json)
    print_json(read, schedules, now);
  else
    print_text(options.config, read, schedules, now);
  const bool good = read.config && !(options.strict && !read.warnings.empty());
  return good ? kExitDone : kExitInvalid;
}

}  // namespace autoscaler
