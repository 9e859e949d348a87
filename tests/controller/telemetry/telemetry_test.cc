#include "controller/telemetry/telemetry.h"

#include "tests/controller/telemetry/full_record.h"
#include "tests/fakes/temp_directory.h"

#include <gmock/gmock.h>

#include <atomic>
#include <cstdio>
#include <fstream>
#include <limits>
#include <set>
#include <sstream>
#include <thread>

namespace autoscaler {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::StartsWith;

std::vector<std::string> lines_of(const std::string& page) {
  std::vector<std::string> lines;
  std::istringstream in(page);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

std::vector<std::string> page_of(const std::shared_ptr<TickRecord>& record) {
  Telemetry telemetry;
  telemetry.observe(record);
  return lines_of(telemetry.serialize());
}

TEST(Telemetry, EverythingOfATickIsOnThePage) {
  const auto page = page_of(full_record({"checkout"}));
  for (
      const char* line : {
          R"(autoscaler_adjustments_total{rule="rate_limit_out"} 1)",
          R"(autoscaler_build_info{version="0.1.0"} 1)",
          R"(autoscaler_changes_total{change="attach",outcome="applied"} 1)",
          R"(autoscaler_changes_total{change="drain",outcome="failed"} 1)",
          R"(autoscaler_changes_total{change="launch",outcome="skipped"} 1)",
          R"(autoscaler_cooldown_left_seconds{workload="checkout",direction="in"} 0)",
          R"(autoscaler_cooldown_left_seconds{workload="checkout",direction="out"} 90)",
          R"(autoscaler_current_replicas{workload="checkout"} 3)",
          R"(autoscaler_decision_info{workload="checkout",direction="out",reason="scale_out"} 1)",
          R"(autoscaler_decisions_total{direction="out",reason="scale_out"} 1)",
          R"(autoscaler_dry_run 1)",
          R"(autoscaler_errors_total{reason="timeout",source="cluster"} 1)",
          R"(autoscaler_errors_total{reason="unavailable",source="balancer"} 2)",
          R"(autoscaler_expected_time_to_ready_seconds{workload="checkout"} 2.5)",
          R"(autoscaler_p90_time_to_ready_seconds{workload="checkout"} 4.5)",
          R"(autoscaler_forecast_age_seconds{workload="checkout",policy="predict-rps"} 15)",
          R"(autoscaler_forecast_coverage_ratio{workload="checkout",policy="predict-rps"} 0.875)",
          R"(autoscaler_forecast_gate_info{workload="checkout",policy="predict-rps",gate="uncalibrated"} 1)",
          R"(autoscaler_forecast_judged{workload="checkout",policy="predict-rps"} 4000)",
          R"(autoscaler_forecast_lead_seconds{workload="checkout",policy="predict-rps"} 240)",
          R"(autoscaler_forecast_load{workload="checkout",policy="predict-rps",reach="hold",percentile="99.9"} 180)",
          R"(autoscaler_forecast_load{workload="checkout",policy="predict-rps",reach="lead",percentile="95"} 130)",
          R"(autoscaler_forecast_loss_ratio{workload="checkout",policy="predict-rps"} 0.75)",
          R"(autoscaler_forecast_replicas{workload="checkout",policy="predict-rps"} 4)",
          R"(autoscaler_slo_budget_left_ratio{workload="checkout"} 0.75)",
          R"(autoscaler_slo_burn_rate{workload="checkout"} 0.5)",
          R"(autoscaler_violation_price{workload="checkout",policy="predict-rps"} 2.5)",
          R"(autoscaler_instances{workload="checkout",lifecycle="in_service"} 3)",
          R"(autoscaler_instances{workload="checkout",lifecycle="warming"} 1)",
          R"(autoscaler_instances{workload="checkout",lifecycle="failed"} 0)",
          R"(autoscaler_journal_up 1)",
          R"(autoscaler_scrape_targets{state="good"} 0)",
          R"(autoscaler_scrape_targets{state="paused"} 0)",
          R"(autoscaler_last_tick_timestamp_seconds 1795341600)",
          R"(autoscaler_launch_failures_in_a_row{workload="checkout"} 2)",
          R"(autoscaler_learned_capacity{workload="checkout",signal="rps"} 80)",
          R"(autoscaler_learned_capacity_confidence{workload="checkout",signal="rps"} 0.8)",
          R"(autoscaler_learned_capacity_info{workload="checkout",signal="rps",evidence="knee"} 1)",
          R"(autoscaler_learned_capacity_samples{workload="checkout",signal="rps"} 320)",
          R"(autoscaler_learned_safe_load{workload="checkout",signal="rps"} 75.5)",
          R"(autoscaler_max_replicas{workload="checkout"} 10)",
          R"(autoscaler_min_replicas{workload="checkout"} 2)",
          R"(autoscaler_policy_abstains{workload="checkout",policy="threshold-latency",reason="held"} 1)",
          R"(autoscaler_proposed_replicas{workload="checkout",policy="track-cpu"} 6)",
          R"(autoscaler_read_errors_total{reason="timeout",source="instance"} 1)",
          R"(autoscaler_read_errors_total{reason="unreachable",source="balancer"} 1)",
          R"(autoscaler_source_breaker_state{source="json/billing:80"} 0)",
          R"(autoscaler_source_breaker_state{source="prometheus/main"} 2)",
          R"(autoscaler_shadow_replicas{workload="checkout"} 5)",
          R"(autoscaler_signal_age_seconds{workload="checkout",signal="cpu"} 4)",
          R"(autoscaler_signal_coverage_ratio{workload="checkout",signal="cpu"} 0.75)",
          R"(autoscaler_signal_doubtful{workload="checkout",signal="cpu",reason="incomplete"} 1)",
          R"(autoscaler_signal_window_completeness_ratio{workload="checkout",signal="cpu"} 0.5)",
          R"(autoscaler_signal_idle{workload="checkout",signal="rps"} 1)",
          R"(autoscaler_signal_missing{workload="checkout",signal="latency",reason="timeout"} 1)",
          R"(autoscaler_signal_value{workload="checkout",signal="cpu"} 0.91)",
          R"(autoscaler_tick_duration_seconds_bucket{le="0.025"} 1)",
          R"(autoscaler_tick_duration_seconds_bucket{le="0.01"} 0)",
          R"(autoscaler_tick_stage_duration_seconds_count{stage="evaluate"} 1)",
          R"(autoscaler_tick_overruns_total 1)",
          R"(autoscaler_ticks_total 1)",
          R"(autoscaler_time_to_ready_seconds_bucket{workload="checkout",le="2.5"} 1)",
          R"(autoscaler_time_to_ready_seconds_sum{workload="checkout"} 47)",
          R"(autoscaler_wanted_replicas{workload="checkout"} 5)",
      }) {
    EXPECT_THAT(page, Contains(line));
  }
  EXPECT_THAT(page, Contains(StartsWith("autoscaler_build_info{version=\"")));
}

TEST(Telemetry, TellsWhetherTheConfigFileIsWhatRuns) {
  Telemetry telemetry;
  ConfigStatus status{"a.yaml", Instant{} + std::chrono::seconds(1795341600), {}, {}};
  telemetry.observe(status);
  EXPECT_THAT(lines_of(telemetry.serialize()),
              testing::IsSupersetOf(
                  {"autoscaler_config_last_reload_successful 1",
                   "autoscaler_config_last_reload_success_timestamp_seconds 1795341600"}));
  status.problems = {"a.yaml:1:1: no"};
  telemetry.observe(status);
  EXPECT_THAT(lines_of(telemetry.serialize()),
              Contains("autoscaler_config_last_reload_successful 0"));
}

TEST(Telemetry, CountsTheScalingPoliciesThatAreRefused) {
  Telemetry telemetry;
  ConfigStatus status{"a.yaml", {}, {}, {}};
  telemetry.observe(status);
  EXPECT_THAT(lines_of(telemetry.serialize()), Contains("autoscaler_scaling_policies_refused 0"));
  status.refused = {{"shop/checkout", {"spec: no"}, true}};
  telemetry.observe(status);
  EXPECT_THAT(lines_of(telemetry.serialize()), Contains("autoscaler_scaling_policies_refused 1"));
}

TEST(Telemetry, CountsWhatCouldNotBeLeftAndSizesThatCouldNotBeWritten) {
  Telemetry telemetry;
  const auto record = full_record({"checkout"});
  record->leave_errors = {Code::kDenied, Code::kDenied};
  record->workloads[0].changes = {
      {Resize{"checkout", 2, 3, "1", {}}, false, Error{Code::kConflict, "409"}}};
  telemetry.observe(record);
  const auto page = lines_of(telemetry.serialize());
  EXPECT_THAT(page, Contains(R"(autoscaler_errors_total{reason="denied",source="status"} 2)"));
  EXPECT_THAT(page, Contains(R"(autoscaler_errors_total{reason="conflict",source="cluster"} 1)"));
}

TEST(Telemetry, CountersOfClosedSetsStandAtZeroBeforeTheFirstTick) {
  const auto page = lines_of(Telemetry().serialize());
  for (const char* line : {R"(autoscaler_decisions_total{direction="in",reason="journal"} 0)",
                           R"(autoscaler_adjustments_total{rule="max"} 0)",
                           R"(autoscaler_changes_total{change="terminate",outcome="failed"} 0)",
                           R"(autoscaler_read_errors_total{reason="stale",source="instance"} 0)",
                           R"(autoscaler_errors_total{reason="exhausted",source="journal"} 0)",
                           R"(autoscaler_ticks_total 0)"}) {
    EXPECT_THAT(page, Contains(line));
  }
  // What is not known yet has no series, rather than a 0 that would be believed.
  EXPECT_THAT(page, Not(Contains(StartsWith("autoscaler_last_tick_timestamp_seconds"))));
  EXPECT_THAT(page, Not(Contains(StartsWith("autoscaler_journal_up"))));
}

TEST(Telemetry, CountersAddUpOverTicksAndGaugesFollowTheLast) {
  Telemetry telemetry;
  telemetry.observe(full_record({"cart", "checkout"}));
  const auto second = full_record({"cart"});
  second->dry_run = false;
  second->overran = false;
  second->journal_error = Error{Code::kExhausted, "disk full"};
  WorkloadTick& cart = second->workloads[0];
  cart.decision.to = cart.decision.from;
  cart.decision.reason = Reason::kOnTarget;
  cart.shadow_size.reset();
  cart.time_to_ready.reset();
  cart.became_ready.clear();
  cart.decision.signals[0].value = std::numeric_limits<double>::quiet_NaN();
  telemetry.observe(second);

  const auto page = lines_of(telemetry.serialize());
  for (const char* line :
       {R"(autoscaler_decisions_total{direction="out",reason="scale_out"} 2)",
        R"(autoscaler_decisions_total{direction="hold",reason="on_target"} 1)",
        R"(autoscaler_errors_total{reason="exhausted",source="journal"} 1)",
        R"(autoscaler_journal_up 0)", R"(autoscaler_dry_run 0)", R"(autoscaler_ticks_total 2)",
        R"(autoscaler_tick_overruns_total 1)", R"(autoscaler_wanted_replicas{workload="cart"} 3)",
        R"(autoscaler_time_to_ready_seconds_count{workload="cart"} 2)"}) {
    EXPECT_THAT(page, Contains(line));
  }
  EXPECT_THAT(page, Not(Contains(HasSubstr("replicas{workload=\"checkout\"}"))));
  EXPECT_THAT(page, Not(Contains(StartsWith("autoscaler_shadow_replicas"))));
  EXPECT_THAT(page, Not(Contains(StartsWith("autoscaler_signal_value"))));
  EXPECT_THAT(page, Not(Contains(StartsWith("autoscaler_expected_time_to_ready_seconds"))));
}

TEST(Telemetry, ASizeThatCouldNotBeWrittenIsAnErrorOfTheCluster) {
  const auto record = full_record({"checkout"});
  const Error refused{Code::kDenied, "cannot update resource \"deployments/scale\""};
  record->workloads[0].changes = {{Resize{"checkout", 3, 5, "1", {}}, false, refused}};
  const auto page = page_of(record);
  EXPECT_THAT(page, Contains(R"(autoscaler_errors_total{reason="denied",source="cluster"} 1)"));
  EXPECT_THAT(page, Contains(R"(autoscaler_errors_total{reason="denied",source="balancer"} 0)"));
}

TEST(Telemetry, AnotherAutoscalerOnTheTargetIsAStateAndNoError) {
  const auto record = full_record({"cart", "checkout"});
  record->workloads[0].target_errors = {{Code::kConflict, "is sized by an HPA too"}};
  record->workloads[1].target_errors = {{Code::kDenied, "nobody can tell whether it is"}};
  const auto page = page_of(record);
  EXPECT_THAT(page, Contains(R"(autoscaler_errors_total{reason="conflict",source="cluster"} 0)"));
  EXPECT_THAT(page, Contains(R"(autoscaler_errors_total{reason="denied",source="cluster"} 1)"));
  EXPECT_THAT(page, Contains(R"(autoscaler_target_contended{workload="cart"} 1)"));
  EXPECT_THAT(page, Not(Contains(R"(autoscaler_target_contended{workload="checkout"} 1)")));
}

TEST(Telemetry, OfSeveralControllersOneLeads) {
  const auto record = full_record({"checkout"});
  EXPECT_THAT(page_of(record), Not(Contains(StartsWith("autoscaler_leader"))));
  record->shards = {{.leads = true, .lease = "scaling/autoscaler-0", .transitions = 3},
                    {.leads = false, .lease = "scaling/autoscaler-1"}};
  const auto page = page_of(record);
  EXPECT_THAT(page, Contains("autoscaler_leader{lease=\"scaling/autoscaler-0\"} 1"));
  EXPECT_THAT(page, Contains("autoscaler_leader{lease=\"scaling/autoscaler-1\"} 0"));
  EXPECT_THAT(page,
              Contains("autoscaler_lease_transitions_total{lease=\"scaling/autoscaler-0\"} 3"));
}

TEST(Telemetry, LabelValuesAreEscaped) {
  const auto page = page_of(full_record({"a \"quoted\"\nback\\slash \xc3\xa4"}));
  EXPECT_THAT(page, Contains("autoscaler_current_replicas{workload=\"a "
                             "\\\"quoted\\\"\\nback\\\\slash \xc3\xa4\"} 3"));
}

TEST(Telemetry, TwoPagesOfOneTickAreTheSameBytesAndTheirFamiliesAreSorted) {
  Telemetry telemetry, other;
  const auto record = full_record({"cart", "checkout"});
  telemetry.observe(record);
  other.observe(record);
  EXPECT_EQ(telemetry.serialize(), telemetry.serialize());
  EXPECT_EQ(telemetry.serialize(), other.serialize());
  std::vector<std::string> names;
  for (const std::string& line : lines_of(telemetry.serialize())) {
    if (line.starts_with("# TYPE ")) names.push_back(line);
  }
  EXPECT_TRUE(std::is_sorted(names.begin(), names.end()));
  EXPECT_GT(names.size(), 25u);
}

TEST(Telemetry, AFamilyOfManyWorkloadsIsOneFamily) {
  std::vector<std::string> names;
  for (int i = 100; i < 350; ++i) names.push_back("shop-" + std::to_string(i));
  const auto record = full_record(names);
  for (WorkloadTick& tick : record->workloads) tick.shadow_size.reset();
  record->workloads[170].shadow_size = 5;  // what is written in parts has nothing in the first
  const auto page = page_of(record);
  EXPECT_THAT(page, Contains("autoscaler_shadow_replicas{workload=\"shop-270\"} 5"));
  std::vector<std::string> heads, of_sizes;
  for (const std::string& line : page) {
    if (line.starts_with("# ")) heads.push_back(line);
    if (line.find("autoscaler_current_replicas") != std::string::npos) of_sizes.push_back(line);
  }
  EXPECT_EQ(std::set(heads.begin(), heads.end()).size(), heads.size());
  std::vector<std::string> expected = {"# HELP autoscaler_current_replicas The size that stands.",
                                       "# TYPE autoscaler_current_replicas gauge"};
  for (const std::string& name : names) {
    expected.push_back("autoscaler_current_replicas{workload=\"" + name + "\"} 3");
  }
  EXPECT_EQ(of_sizes, expected);
  EXPECT_THAT(heads, Contains("# TYPE autoscaler_shadow_replicas gauge"));
}

struct Ran {
  int status;
  std::string output;
};

Ran run(const std::string& command) {
  Ran ran{-1, {}};
  FILE* pipe = popen((command + " 2>&1").c_str(), "r");
  if (!pipe) return ran;
  char buffer[4096];
  for (size_t size; (size = fread(buffer, 1, sizeof(buffer), pipe)) > 0;) {
    ran.output.append(buffer, size);
  }
  ran.status = pclose(pipe);
  return ran;
}

TEST(Telemetry, PromtoolHasNothingToSay) {
  TempDirectory directory;
  const auto check = [&](const std::string& page) {
    std::ofstream(directory / "page") << page;
    return run("promtool check metrics < " + (directory / "page"));
  };
  Telemetry telemetry;
  const Ran before = check(telemetry.serialize());
  EXPECT_EQ(before.status, 0);
  EXPECT_EQ(before.output, "");
  telemetry.observe(full_record({"cart", "a \"quoted\"\nback\\slash \xc3\xa4"}));
  const Ran after = check(telemetry.serialize());
  EXPECT_EQ(after.status, 0);
  EXPECT_EQ(after.output, "");
  // It does speak when there is something wrong.
  EXPECT_THAT(check("# TYPE wrong counter\nwrong 1\n").output, Not(IsEmpty()));
}

TEST(Telemetry, PagesAreWrittenWhileTicksAreObserved) {
  Telemetry telemetry;
  std::atomic<bool> stop{false};
  std::atomic<int> ticks{0};
  std::thread loop([&] {
    while (!stop) {
      telemetry.observe(full_record({"cart", "checkout"}));
      ++ticks;
    }
  });
  for (int page = 0; page < 50 || ticks < 50; ++page) {
    EXPECT_THAT(telemetry.serialize(), HasSubstr("autoscaler_ticks_total"));
  }
  stop = true;
  loop.join();
  EXPECT_THAT(lines_of(telemetry.serialize()),
              Contains("autoscaler_ticks_total " + std::to_string(ticks)));
}

}  // namespace
}  // namespace autoscaler
