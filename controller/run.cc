#include "controller/run.h"

#include "base/mailbox.h"
#include "controller/balancer/haproxy/haproxy_check.h"
#include "controller/balancer/haproxy/haproxy_writer.h"
#include "controller/commands.h"
#include "controller/config/live_config.h"
#include "controller/journal/journal.h"
#include "controller/kubernetes/policy_watch.h"
#include "controller/log.h"
#include "controller/loop.h"
#include "controller/pacing.h"
#include "controller/process/descriptors.h"
#include "controller/process/state_directory.h"
#include "controller/system_clock.h"
#include "controller/telemetry/telemetry.h"
#include "controller/tick_log.h"
#include "controller/web/web.h"
#include "controller/wiring.h"

#include <algorithm>
#include <filesystem>
#include <malloc.h>

// The run of one program: what is opened once, and a loop for each config in turn.
namespace autoscaler {
namespace {

// A dry-run keeps a journal of its own beside the live one: autoscaler.dry-run.db.
std::string journal_path(const ControllerSpec& controller, bool dry_run) {
  if (!dry_run) return controller.journal;
  std::filesystem::path path(controller.journal);
  const std::string extension = path.extension();
  return path.replace_extension(".dry-run" + extension);
}

HaproxyCheck check_balancers(const Config& config, bool dry_run) {
  return dry_run ? check_haproxy(config) : HaproxyWriter(config).check();
}

// nullopt: they are fit to run with. Otherwise how to end: what the config names is wrong, or only
// closed to us.
std::optional<ExitCode> balancers_refuse(const HaproxyCheck& found) {
  for (const Error& warning : found.warnings) log_line(LogLevel::kWarning, warning.message);
  for (const Error& refusal : found.refusals) log_line(LogLevel::kError, refusal.message);
  if (found.refusals.empty()) return std::nullopt;
  const bool closed = std::all_of(found.refusals.begin(), found.refusals.end(),
                                  [](const Error& error) { return error.code == Code::kDenied; });
  return closed ? kExitFailed : kExitInvalid;
}

void warn_of_instances_of_nobody(const Config& config, const std::string& state) {
  const std::vector<std::string> names = instances_of_nobody(config, state);
  if (names.empty()) return;
  std::string list;
  for (const std::string& name : names) list += (list.empty() ? "" : ", ") + name;
  log_line(LogLevel::kWarning,
           "instances of workloads that are not in the config, which nobody sizes or stops: " +
               list + "; name their workload again, or end them by hand");
}

// So long the first tick waits for the first list.
constexpr std::chrono::seconds kFirstPolicies{10};

int fail(const Error& error) {
  log_line(LogLevel::kError, error.message);
  return error.code == Code::kInvalid ? kExitInvalid : kExitFailed;
}

// As long as the slowest of them may take: to drain, and to stop after SIGTERM.
Duration longest_goodbye(const Config& config) {
  Duration longest{0};
  for (const WorkloadConfig& workload : config.workloads) {
    const ProcessTarget* target = workload.process();
    if (target != nullptr)
      longest = std::max(longest, workload.drain_deadline + target->stop_grace);
  }
  return longest + std::chrono::seconds(10);  // for the balancer's and the cluster's answers
}

// Drains and stops every instance. A second signal leaves the rest running. False when some would
// not go.
bool stop_instances(Loop& loop, const Config& config, Clock& clock, StopSignals& stop) {
  log_line(LogLevel::kInfo, "draining and stopping all instances; a second signal leaves the rest");
  const std::chrono::nanoseconds end = clock.elapsed() + longest_goodbye(config);
  while (!loop.wind_down()) {
    if (stop.wait(std::min<Duration>(config.controller.interval, std::chrono::milliseconds(200)))) {
      log_line(LogLevel::kWarning, "told to leave the rest: instances keep running");
      return true;
    }
    if (clock.elapsed() >= end) {
      log_line(LogLevel::kError,
               "some instances are still there after drainDeadline and stopGrace: see the errors "
               "above, and end them by hand");
      return false;
    }
  }
  log_line(LogLevel::kInfo, "all instances are stopped");
  return true;
}

// 2,000 objects that come at once are not 2,000 lines.
void log_changes(const ConfigDiff& diff) {
  constexpr size_t kMostLines = 50;
  const std::vector<ConfigDiffLine> lines = describe(diff);
  for (size_t i = 0; i < std::min(lines.size(), kMostLines); ++i) {
    LogFields fields = {{"stage", "config"}};
    if (!lines[i].workload.empty()) fields.emplace_back("workload", lines[i].workload);
    log_line(LogLevel::kInfo, "config: " + lines[i].text, fields);
  }
  if (lines.size() <= kMostLines) return;
  log_line(LogLevel::kInfo,
           "config: and " + std::to_string(lines.size() - kMostLines) + " workloads more",
           {{"stage", "config"}});
}

std::vector<std::string> texts(const PolicyState& state) {
  std::vector<std::string> all;
  for (const ConfigProblem& problem : state.problems) all.push_back(describe(problem));
  return all;
}

// What is wrong with an object, as far as it was not said before.
void log_news(const PolicyStates& before, const PolicyStates& after) {
  for (const PolicyState& state : after) {
    const auto was = std::ranges::find(before, state.workload, &PolicyState::workload);
    const std::vector<std::string> said =
        was == before.end() ? std::vector<std::string>() : texts(*was);
    const LogFields fields = {{"stage", "config"}, {"workload", state.workload}};
    if (state.problems.empty() && !said.empty()) {
      log_line(LogLevel::kInfo, "ScalingPolicy " + state.workload + ": good again", fields);
    }
    if (texts(state) == said) continue;
    for (const std::string& text : texts(state)) {
      log_line(LogLevel::kError,
               text + (state.last_good_runs ? "; its last good spec runs on" : "; it does not run"),
               fields);
    }
  }
}

class Run {
 public:
  explicit Run(const RunOptions& options) : options_(options), config_(options.config) {}
  int main();

 private:
  // The config at the start. False: what is wrong with it is said.
  bool load();
  // What runs one config.
  struct Running {
    std::unique_ptr<Wiring> wiring;
    std::unique_ptr<Loop> loop;  // after what it uses
  };

  // Takes the locks that are missing, makes the parts, and a loop that remembers what the one
  // before has written. Errors: nothing is changed for the one before.
  Result<Running> prepare(const std::shared_ptr<const Config>& config,
                          const Wiring::Before* before);
  void run_ticks();
  // Follows the ScalingPolicies, where the config wants it. Errors: no access to Kubernetes.
  Status follow_policies();
  void wait_for_policies();
  void look_at_config();
  std::vector<std::string> take_up(const LiveConfig::Next& next);
  void publish_policies();
  void publish_status();
  std::string state() const { return state_directory(config().controller); }
  const Config& config() const { return *config_.running(); }

  const RunOptions options_;
  StopSignals stop_;  // before any thread, so that all of them leave the signals to it
  SystemClock clock_;
  // Controllers that start together must not probe a sick server together.
  const uint64_t seed_ = static_cast<uint64_t>(clock_.now().time_since_epoch().count());
  LiveConfig config_;
  std::unique_ptr<PolicyWatch> policies_;  // nullptr: they are not followed
  std::shared_ptr<const PolicyStates> published_;
  std::unique_ptr<Journal> journal_;
  InstanceLocks locks_;
  Telemetry telemetry_;
  TickLog tick_log_;
  Mailbox<OrderRequest> orders_;
  std::unique_ptr<Web> web_;
  Running running_;
};

Result<Run::Running> Run::prepare(const std::shared_ptr<const Config>& config,
                                  const Wiring::Before* before) {
  if (!options_.dry_run) {
    const Status locked = lock_instances(*config, state_directory(config->controller), locks_);
    if (!locked) return locked.error();
  }
  auto wiring = Wiring::make(config, clock_, options_.dry_run, seed_, stop_.token(), before);
  if (!wiring) return wiring.error();
  uint64_t ticks = 0;
  if (before) {
    // From here on without a gap: nothing ticks until the next one has read what this one knows.
    if (const Status ended = running_.loop->end(); !ended) {
      return Error{ended.error().code, "the journal cannot be written: " + ended.error().message};
    }
    ticks = running_.loop->ticks();
  }
  auto loop = std::make_unique<Loop>(
      config, (*wiring)->ports(clock_), *journal_, options_.dry_run,
      std::vector<Loop::Sink>{[this](const auto& tick) { telemetry_.observe(tick); },
                              [this](const auto& tick) { tick_log_.write(*tick); },
                              [this](const auto& tick) { web_->publish(tick); },
                              [parts = wiring->get()](const auto& tick) { parts->publish(*tick); }},
      ticks);
  if (const Status restored = loop->restore(); !restored) return restored.error();
  for (const std::string& part : loop->not_restored()) {
    log_line(LogLevel::kWarning, "what was learned of " + part +
                                     " cannot be read from the journal and is learned again");
  }
  ::malloc_trim(0);  // reading the config and the first lists took more than what is kept
  return Running{std::move(*wiring), std::move(loop)};
}

// Ticks until a signal says stop, takes orders in between, and another config. A tick that overruns
// is followed by the next at once; none queue.
void Run::run_ticks() {
  for (std::chrono::nanoseconds next = clock_.elapsed();;) {
    running_.loop->tick();
    next = std::max(next + config().controller.interval, clock_.elapsed());
    do {
      if (stop_.wait(next - clock_.elapsed())) return;
      running_.loop->take(orders_.take());
    } while (clock_.elapsed() < next);
    look_at_config();
  }
}

Status Run::follow_policies() {
  policies_.reset();
  const KubernetesSpec& spec = config().controller.kubernetes;
  if (!spec.policies) {
    config_.policies({});  // those that were known are none, if ever they are followed again
    return Done{};
  }
  auto begun = PolicyWatch::begin(
      spec, AUTOSCALER_VERSION, [this] { return clock_.now(); }, seed_);
  if (!begun) return begun.error();
  policies_ = std::move(*begun);
  return Done{};
}

// For the first tick. Without an answer it begins without them: their targets stand as they are,
// and what is known of them is in the journal.
void Run::wait_for_policies() {
  if (!policies_) return;
  PolicyCollection& objects = policies_->objects();
  const bool told = objects.wait_until_told(kFirstPolicies);
  if (auto documents = objects.changed()) return config_.policies(std::move(*documents));
  const std::optional<Error> problem = objects.problem();
  log_line(LogLevel::kWarning,
           "begins without ScalingPolicies, which are taken up once they can be listed: " +
               (told && problem ? problem->message : "the API server has not answered yet"),
           {{"stage", "config"}});
}

void Run::look_at_config() {
  const Instant now = clock_.now();
  if (policies_) {
    if (auto documents = policies_->objects().changed()) config_.policies(std::move(*documents));
  }
  const ConfigStatus before = config_.status();
  if (const auto next = config_.look(now)) {
    std::vector<std::string> refusals = take_up(*next);
    const bool is_followed_anew = next->diff.touches("controller.kubernetes");
    if (!refusals.empty()) {
      if (!next->of_file) log_line(LogLevel::kError, "ScalingPolicies: " + refusals.front());
      config_.refused(std::move(refusals), now);
    } else {
      config_.taken_up(now);
      if (const Status followed = is_followed_anew ? follow_policies() : Done{}; !followed) {
        log_line(LogLevel::kError, "ScalingPolicies: " + followed.error().message);
      }
    }
    if (!options_.dry_run) unlock_others(config(), locks_);
    if (config_.status().problems.empty()) warn_of_instances_of_nobody(config(), state());
  }
  publish_policies();
  const ConfigStatus& after = config_.status();
  if (after.read == before.read && after.taken_up == before.taken_up) return;
  for (const std::string& problem : after.problems) {
    log_line(LogLevel::kError, "config not taken up: " + problem, {{"stage", "config"}});
  }
  if (after.problems.empty() && after.taken_up == before.taken_up) {
    log_line(LogLevel::kInfo, after.file + ": says what runs already", {{"stage", "config"}});
  }
  publish_status();
}

// Why not; empty: it runs.
std::vector<std::string> Run::take_up(const LiveConfig::Next& next) {
  const HaproxyCheck balancers = check_balancers(*next.config, options_.dry_run);
  std::vector<std::string> refusals;
  for (const Error& refusal : balancers.refusals) refusals.push_back(refusal.message);
  if (!refusals.empty()) return refusals;
  const Wiring::Before before{*running_.wiring, next.diff};
  Result<Running> prepared = prepare(next.config, &before);
  if (!prepared) return {prepared.error().message};
  running_.wiring->resign(prepared->wiring.get());
  running_.loop = std::move(prepared->loop);  // before the parts that the old one uses go
  running_.wiring = std::move(prepared->wiring);
  running_.wiring->follow();
  if (published_) running_.wiring->publish(*published_);
  for (const Error& warning : balancers.warnings) log_line(LogLevel::kWarning, warning.message);
  log_line(LogLevel::kInfo,
           (next.of_file ? config_.status().file : "ScalingPolicies") + ": taken up",
           {{"stage", "config"}});
  log_changes(next.diff);
  return {};
}

void Run::publish_policies() {
  if (config_.states() == published_) return;
  log_news(published_ ? *published_ : PolicyStates(), *config_.states());
  published_ = config_.states();
  running_.wiring->publish(*published_);
  publish_status();
}

void Run::publish_status() {
  ConfigStatus status = config_.status();
  for (const PolicyState& state : published_ ? *published_ : PolicyStates()) {
    if (state.standing == PolicyState::Standing::kRuns) continue;
    status.refused.push_back({state.workload, texts(state), state.last_good_runs});
  }
  telemetry_.observe(status);
  web_->publish(config().controller, std::move(status));
}

bool Run::load() {
  const std::vector<ConfigProblem> problems = config_.load(clock_.now());
  for (const ConfigProblem& problem : problems) {
    std::fprintf(stderr, "%s\n", describe(problem).c_str());
  }
  return problems.empty();
}

int Run::main() {
  if (!load()) return kExitInvalid;
  const ControllerSpec& controller = config().controller;
  prepare_descriptors();

  const std::string journal_file = journal_path(controller, options_.dry_run);
  auto journal = Journal::open(
      journal_file, {controller.journal_max_age, controller.journal_max_bytes}, options_.dry_run);
  if (!journal) return fail(journal.error());
  journal_ = std::move(*journal);
  const HaproxyCheck balancers = check_balancers(config(), options_.dry_run);
  if (const auto refused = balancers_refuse(balancers)) return *refused;

  auto web = Web::start(controller, {telemetry_, [this] { return clock_.now(); },
                                     [this](OrderRequest request) {
                                       orders_.put(std::move(request));
                                       stop_.wake();
                                     }});
  if (!web) return fail(web.error());
  web_ = std::move(*web);
  publish_status();
  if (const Status followed = follow_policies(); !followed) return fail(followed.error());
  wait_for_policies();
  if (config_.look(clock_.now())) config_.taken_up(clock_.now());
  Result<Running> running = prepare(config_.running(), nullptr);
  if (!running) return fail(running.error());
  running_ = std::move(*running);
  publish_policies();
  warn_of_instances_of_nobody(config(), state());

  const std::string port = std::to_string(web_->port());
  const std::string& address = controller.listen_address;
  const bool v6 = address.find(':') != std::string::npos;
  log_line(LogLevel::kInfo,
           "autoscaler " AUTOSCALER_VERSION " listens on http://" +
               (v6 ? "[" + address + "]" : address) + ":" + port +
               (options_.dry_run ? " (dry-run)" : "") + ", journal " + journal_file,
           {{"port", port}, {"journal", journal_file}});
  run_ticks();
  if (const Status ended = running_.loop->end(); !ended) {
    log_line(LogLevel::kWarning, "the last minute is not in the journal: " + ended.error().message);
  }
  running_.wiring->resign();
  if (options_.stop_instances && !options_.dry_run) {
    return stop_instances(*running_.loop, config(), clock_, stop_) ? kExitDone : kExitFailed;
  }
  log_line(LogLevel::kInfo, "stopped; instances keep running");
  return kExitDone;
}

}  // namespace

int run_command(const RunOptions& options) {
  return Run(options).main();
}

}  // namespace autoscaler
