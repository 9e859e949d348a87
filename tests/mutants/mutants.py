"""Each safety check, broken on purpose: the test named beside it must then fail.

(name, file, what stands there, what stands there in the mutant, build targets, command)
`{build}` is the mutant's build tree. The command runs in the mutant's sources.
"""

from capacity_mutants import CAPACITY_MUTANTS
from chart_mutants import CHART_MUTANTS
from guard_mutants import GUARD_MUTANTS
from hpa_mutants import HPA_MUTANTS
from kubernetes_mutants import KUBERNETES_MUTANTS
from policy_mutants import POLICY_MUTANTS
from predict_mutants import PREDICT_MUTANTS
from reload_mutants import RELOAD_MUTANTS
from scale_mutants import SCALE_MUTANTS
from schedule_mutants import SCHEDULE_MUTANTS
from signal_mutants import SIGNAL_MUTANTS
from succession_mutants import SUCCESSION_MUTANTS


def policies(cases):
    return "policies_test", "{build}/tests/policies/policies_test --gtest_filter=" + cases


def loop(cases):
    return "loop_test", "{build}/tests/controller/loop/loop_test --gtest_filter=" + cases


def process(cases):
    target = "controller_process_test"
    return target, "{build}/tests/controller/process/" + target + " --gtest_filter=" + cases


def haproxy(cases):
    return "haproxy_test", "{build}/tests/controller/haproxy/haproxy_test --gtest_filter=" + cases


def metrics(cases, target="metrics_parsers_test"):
    return target, "{build}/tests/metrics/" + target + " --gtest_filter=" + cases


def scrape(cases):
    return "scrape_test", "{build}/tests/metrics/scrape_test --gtest_filter=" + cases


MUTANTS = [
    (
        "no drain: an instance is stopped while the balancer still sends it work",
        "controller/plan.cc",
        "    if (!instance.registered) {\n"
        "      if (memory.detached || overdue) terminate(instance);\n"
        "      return;\n"
        "    }\n",
        "    return terminate(instance);\n",
        "autoscaler sample-service load-generator",
        "python3 tests/e2e/drain_check.py --build {build}",
    ),
    (
        "no stabilisation: the last wish is followed at once",
        "policies/stabilize.cc",
        "    if (run.last > now - window) picked",
        "    if (run.last > now + window) picked",
        *policies("Stabilize.*:TimeLine.*"),
    ),
    (
        "no rate limit out",
        "policies/rate_limit.cc",
        "highest_allowed(scene.spec.behavior->up, events, size, scene.now);",
        "decision.to;",
        *policies("RateLimit.*:TimeLine.*"),
    ),
    (
        "no cooldown: a step follows the last at once",
        "policies/cooldown.cc",
        "now - *since >= cooldown) return",
        "now >= *since) return",
        *policies("Evaluate.*:TimeLine.*"),
    ),
    (
        "no warm-up guard: a scale-in while ordered instances warm up",
        "policies/guards/warmup.cc",
        "  if (count_awaited(scene) > 0) no_scale_in(",
        "  if (count_awaited(scene) > 0 && scene.workload.size == 0) no_scale_in(",
        *loop("LoopTest.*warms_up"),
    ),
    (
        "no fresh-start guard: a scale-in before a window has been seen",
        "policies/guards/fresh_start.cc",
        "scene.now - *first_seen < fresh_window(scene.spec);",
        "scene.now - *first_seen < fresh_window(scene.spec) / 10;",
        *loop("RestartTest.after_a_pause*"),
    ),
    (
        "no journal guard: a scale-in that nobody would remember",
        "policies/guards/journal.cc",
        "  if (!scene.workload.journal_writable) no_scale_in",
        "  if (!scene.workload.journal_writable && scene.workload.size < 0) no_scale_in",
        *policies("Hpa.*:EvaluateHolds.*:*/EvaluateHolds.*"),
    ),
    (
        "a journal that cannot be written is not noticed",
        "controller/loop.cc",
        "      journal_writable_ = false;  // decided anew: nothing may start to leave without a journal\n",
        "",
        *loop("OutageTest.*journal*"),
    ),
    (
        "a missing signal is no reason to hold",
        "policies/combine.cc",
        "    blocked = blocked || proposal.blocks_in;\n",
        "",
        *policies("Evaluate.*:TimeLine.*"),
    ),
    (
        "a stale reading counts",
        "policies/tally.cc",
        "now - measured.at > spec.max_age)",
        "now - measured.at > 100 * spec.max_age)",
        *policies("Aggregate.*"),
    ),
    (
        "one instance speaks for all: minCoverage is ignored",
        "policies/aggregate.cc",
        "reporting < spec.min_coverage * tally.expected - 1e-9",
        "reporting < 0 * spec.min_coverage",
        *policies("Aggregate.*"),
    ),
    (
        "warming instances enter the averages",
        "policies/tally.cc",
        "    if (instance.lifecycle != Lifecycle::kInService) continue;\n",
        "    if (!counts_as_capacity(instance.lifecycle)) continue;\n",
        *policies("Aggregate.*"),
    ),
    (
        "no upper bound",
        "policies/bounds.cc",
        "std::min(decision.to, active.bounds.max)",
        "std::min(decision.to, active.bounds.max * 2)",
        *policies("Evaluate.*:TimeLine.*"),
    ),
    (
        "no lower bound",
        "policies/bounds.cc",
        "std::max(decision.to, active.bounds.min)",
        "std::max(decision.to, active.bounds.min / 2)",
        *loop("LoopTest.starts_at_zero*"),
    ),
    (
        "an instance without a passed health check gets traffic",
        "controller/plan.cc",
        "      case Lifecycle::kReady:\n",
        "      case Lifecycle::kLaunching:\n      case Lifecycle::kReady:\n",
        *loop("LoopTest.when_load_doubles*"),
    ),
    (
        "an instance is stopped before it has left the balancer",
        "controller/plan.cc",
        "      changes_.push_back(Detach{config_.spec.name, instance.instance});\n"
        "    } else if",
        "      changes_.push_back(Detach{config_.spec.name, instance.instance});\n"
        "      terminate(instance);\n"
        "    } else if",
        *loop("PlanTest.*"),
    ),
    (
        "a drain is not awaited: requests in flight are cut off",
        "controller/plan.cc",
        "    } else if (instance.in_flight == 0 || overdue) {",
        "    } else {",
        *loop("LoopTest.a_scale_in*"),
    ),
    (
        "a balancer that does not answer is taken as an empty one",
        "controller/plan.cc",
        "    if (!fleet_.balancer_known) return;\n    InstanceMemory& memory",
        "    InstanceMemory& memory",
        *loop("OutageTest.*balancer*"),
    ),
    (
        "a cluster that does not answer is taken as an empty one",
        "controller/observe.cc",
        "workload.cluster_error ? nullptr : &instances,",
        "&instances,",
        *loop("OutageTest.*cluster*"),
    ),
    (
        "broken instances are replaced without a pause",
        "controller/plan.cc",
        "    if (backoff.until && now_ < *backoff.until) return;\n",
        "",
        *loop("LoopTest.*dies_young*:OutageTest.refused*"),
    ),
    (
        "good instances are given up for a command that does not work",
        "controller/plan.cc",
        "return extra && all_serving && replacing_works_ ? 0 : 1;",
        "return extra && all_serving ? 0 : 1;",
        *loop("PlanTest.a_changed_command*"),
    ),
    (
        "all unhealthy instances are replaced at once",
        "controller/lifecycle.cc",
        "    if (!is_any_healthy) return;\n",
        "",
        *loop("LifecycleTest.where_none_is_healthy*"),
    ),
    (
        "what serves without a file of ours is cut off at once",
        "controller/plan.cc",
        "    if (is_left_alone(instance)) return;\n",
        "",
        *loop("PlanTest.what_answers*"),
    ),
    (
        "a drained instance that a reload took out of the balancer is stopped at once",
        "controller/plan.cc",
        "      if (memory.detached || overdue) terminate(instance);",
        "      terminate(instance);",
        *loop("PlanTest.one_that_a_reload*"),
    ),
    (
        "a process whose environment is empty counts as gone",
        "controller/process/ownership.cc",
        '  return unproven("its environment is empty");',
        '  return gone("its environment is empty");',
        *process("*UnmarkedTest.*"),
    ),
    (
        "a failed scale-out starts its cooldown",
        "policies/recent.cc",
        "outcome == Outcome::kApplied && decision.to",
        "outcome != Outcome::kHeld && decision.to",
        *loop("OutageTest.refused*:DryRunTest.*"),
    ),
    (
        "a dry-run remembers what it did not do",
        "controller/loop.cc",
        "  if (dry_run_) next = memory;  // nothing was done\n",
        "",
        *loop("DryRunTest.*"),
    ),
    (
        "a process with the pid of an instance is taken for it",
        "controller/process/ownership.cc",
        "    if (stat->start_ticks != file.start_ticks) {",
        "    if (stat->start_ticks < 1) {",
        *process("OwnershipTest.*"),
    ),
    (
        "somebody else's server in the balancer is taken for ours",
        "controller/balancer/haproxy/haproxy_reader.cc",
        "if (backend != balancer.backend || !name.starts_with(balancer.server_prefix)) break;",
        "if (backend != balancer.backend) break;",
        *haproxy("HaproxyDetach.*"),
    ),
    (
        "balancers that hang are waited for one after the other",
        "base/fan_out.cc",
        "std::min(count, kMostAtOnce)",
        "std::min(count, kMostAtOnce / 32)",
        "haproxy_sockets_test",
        "{build}/tests/controller/haproxy/haproxy_sockets_test --gtest_fail_fast",
    ),
    (
        "a gzip bomb is not stopped at the cap",
        "metrics/gunzip.cc",
        "if (used > cap) {",
        "if (used > 100 * cap + 100) {",
        *metrics("Gunzip.*"),
    ),
    (
        "a page that was cut inside its last line is read",
        "metrics/exposition.cc",
        "  if (!tail.empty()) {",
        "  if (tail.size() > 100) {",
        *metrics("Exposition.*"),
    ),
    (
        "an OpenMetrics page without its # EOF is read",
        "metrics/exposition.cc",
        "  if (open_metrics) {",
        "  if (open_metrics && page.empty()) {",
        *metrics("OpenMetrics.*"),
    ),
    (
        "a label that occurs twice is read where the line is plain",
        "metrics/exposition_plain.cc",
        " || labels_.has(name)) return nullptr;",
        ") return nullptr;",
        *metrics("ExpositionAgainstTheReference.*"),
    ),
    (
        "an empty answer is read as 0",
        "metrics/prometheus_reading.cc",
        "if (read.when_empty) return Measured{*read.when_empty, asked, Duration{0}};",
        "return Measured{read.when_empty.value_or(0), asked, Duration{0}};",
        *metrics("PrometheusReply.*"),
    ),
    (
        "an old sample is taken for a new one",
        "metrics/prometheus_reading.cc",
        "    oldest = std::min(oldest, point.at);\n",
        "",
        *metrics("PrometheusReply.*"),
    ),
    (
        "several series are summed without being asked for",
        "metrics/prometheus_reading.cc",
        "if (reply.series.size() > 1 && !read.over_series) {",
        "if (reply.series.size() > 1 && !read.over_series && accept_partial) {",
        *metrics("PrometheusReply.*"),
    ),
    (
        "a partial answer is taken for a whole one",
        "metrics/prometheus_reading.cc",
        "if (reply.warnings.empty() || accept_partial) return std::nullopt;",
        "if (reply.warnings.size() < 9 || accept_partial) return std::nullopt;",
        *metrics("PrometheusReply.*"),
    ),
    (
        "a range that is not whole is taken for the past",
        "metrics/prometheus_reading.cc",
        "  if (const auto doubt = doubt_of(reply, accept_partial)) {\n",
        "  if (const auto doubt = doubt_of(reply, accept_partial || !reply.warnings.empty())) {\n",
        *metrics("PrometheusReply.*"),
    ),
    (
        "a sick server is asked for its past again and again",
        "metrics/prometheus_history.cc",
        "  const bool sick = !points && points.error().code == Code::kUnavailable;\n",
        "  const bool sick = !points && points.error().code == Code::kInvalid;\n",
        *metrics("PrometheusHistory.*", "prometheus_test"),
    ),
    (
        "the breaker never opens",
        "metrics/breaker.cc",
        "if (state_ == BreakerState::kHalfOpen || failures_ >= rule_.failures) open(now);",
        "if (state_ == BreakerState::kHalfOpen) open(now);",
        *metrics("Breaker.*", "metrics_test"),
    ),
    (
        "the last good answer outlives the failures after it",
        "metrics/asks.h",
        "    state.newest = std::move(item.answer);\n",
        "    if (item.verdict == Verdict::kWell || !state.newest) "
        "state.newest = std::move(item.answer);\n",
        *metrics("JsonSourceTest.*:PrometheusSource.*:RealPrometheus.*", "prometheus_test"),
    ),
    (
        "a stale sample counts as fresh: it is dated with the tick's time",
        "metrics/scrape_group.cc",
        "measured->at = std::min(measured->at, now);",
        "measured->at = now;",
        *metrics("ScrapeSource.*", "metrics_test"),
    ),
    (
        "no cap on a body",
        "base/transfer.cc",
        "  if (body.size() + bytes > transfer.limits.body_bytes) {",
        "  if (body.size() + bytes > 100 * transfer.limits.body_bytes) {",
        *scrape("HostileTargets.CostLittle*"),
    ),
    (
        "the certificate of a target is not looked at",
        "base/identity.cc",
        "tls.verify ? 1L : 0L);",
        "0L);",
        *scrape("*/PollerTls.*ACertificateOfAStranger"),
    ),
    (
        "the name in the certificate of a target is not looked at",
        "base/identity.cc",
        "tls.verify ? 2L : 0L);",
        "0L);",
        *scrape("*/PollerTls.*ACertificateForAnotherName"),
    ),
    (
        "the answers under way may hold any amount together",
        "metrics/http_poller.cc",
        "    while (bytes_of_all_ > settings_.bytes_of_all) {",
        "    while (bytes_of_all_ > 100 * settings_.bytes_of_all) {",
        *scrape("HttpPoller.GivesUp*"),
    ),
    *HPA_MUTANTS,
    *POLICY_MUTANTS,
    *SCHEDULE_MUTANTS,
    *CAPACITY_MUTANTS,
    *PREDICT_MUTANTS,
    *GUARD_MUTANTS,
    *RELOAD_MUTANTS,
    *SCALE_MUTANTS,
    *SIGNAL_MUTANTS,
    *CHART_MUTANTS,
    *KUBERNETES_MUTANTS,
    *SUCCESSION_MUTANTS,
]
