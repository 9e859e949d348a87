#pragma once

#include "controller/config/config.h"
#include "controller/config/shape.h"

#include <optional>
#include <span>
#include <string>
#include <vector>

// The sections of the config, one file each. Every function says what may stand there and where
// it goes; what sections say together is checked where the later one is read.
namespace autoscaler {

// Where a workload is the spec of a ScalingPolicy. Who may write one is not who writes the config:
// it reaches its own namespace and the servers that the config names, and nothing else.
struct PolicyReading {
  std::string name_space;
  std::string name;
  // Who asks by sources.scrape or sources.json shows a token or the like, which is not for pods of
  // everybody.
  bool scrape_shows_identity = false;
  bool json_shows_identity = false;
};

struct ReadContext {
  Duration interval{std::chrono::seconds(5)};  // of the controller: some defaults depend on it
  Duration scrape_interval{std::chrono::seconds(5)};  // of sources.scrape
  bool snapshot = false;  // a workload of a `decide` document: target and sources may be absent
  std::span<const PrometheusServer> prometheus = {};  // the sources, which outlive the reading
  bool any_server = false;                            // the sources are not known
  const PolicyReading* policy = nullptr;              // outlives the reading
};

// The unit of a signal's value, which decides how its targets and marks are written.
enum class Unit { kNumber, kPerSecond, kRatio, kSeconds, kMilliseconds };

// One signal as read, with what the policies' checks need to know of it.
struct SignalDraft {
  SignalSpec spec;
  SignalQuery query;
  Unit unit = Unit::kNumber;
  bool from_balancer = false;
  bool exists_without_instances = false;  // so that it may bring the first one back
  bool sound = false;                     // nothing was wrong with it, so that its unit is known
  // Does the number fall when instances are added at equal load? Not known of latencies and error
  // ratios; a total keeps its size, and only its share for each instance falls.
  enum class Response { kFalls, kTotal, kUnknown } response = Response::kFalls;
};

inline constexpr Grammar kWorkloadName = {"a name of up to 63 small letters, digits and -",
                                          "^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$"};
// The same, or the namespace and name of a ScalingPolicy.
inline constexpr Grammar kRecordedName = {
    "the name of a workload, such as checkout or shop/checkout",
    "^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?(/[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?)?$"};
inline constexpr Grammar kLocalName = {"a name of up to 63 letters, digits, _ and -",
                                       "^[A-Za-z_][-A-Za-z0-9_]{0,62}$"};

// sources.scrape as written: what is not given hangs on the controller, which may stand in a later
// document.
struct ScrapeDraft {
  std::optional<Duration> interval;
  std::optional<Duration> timeout;
  int64_t max_bytes = ScrapeSpec{}.max_bytes;
  IdentitySettings identity;
  std::optional<Cursor> place;
};

// `sources` as written.
struct SourcesDraft {
  ScrapeDraft scrape;
  std::vector<PrometheusServer> prometheus;
  IdentitySettings json;
};

Shape controller_section(ControllerSpec& to);
Shape scrape_section(ScrapeDraft& to);
// headers, bearer, basic and tls: who asks, and whom to trust.
void describe_identity(IdentitySettings& to, Fields& fields);
// Reports what the two say against each other.
ScrapeSpec finish_scrape(const ScrapeDraft& draft, const ControllerSpec& controller);
Shape sources_section(SourcesDraft& to);
Shape target_section(WorkloadTarget& to);
// What stands under target.kubernetes; under target in a ScalingPolicy.
void describe_kubernetes(KubernetesTarget& to, const PolicyReading* policy, Fields& fields);
// The same for any two targets that are one object, whatever version of its API they name.
std::string target_key(const KubernetesTarget& target);
// controller.kubernetes: how the API server is reached.
Shape kubernetes_section(KubernetesSpec& to);
Shape load_balancer_section(std::optional<HaproxyBalancer>& to);
// What was read stands in `to`; nothing where it was wrong.
Shape replicas_section(std::optional<Bounds>& to);
Shape when_missing_section(WhenMissing& to, const std::optional<Bounds>& bounds);
Shape signals_section(std::vector<SignalDraft>& to, const std::optional<Bounds>& bounds,
                      const ReadContext& context);
Shape behavior_section(std::optional<Behavior>& to);
Shape policies_section(std::vector<PolicySpec>& to, const std::vector<SignalDraft>& signals,
                       const std::optional<Behavior>& behavior, const std::optional<Bounds>& bounds,
                       const ReadContext& context);
Shape threshold_section(ThresholdSpec& to, const std::vector<SignalDraft>& signals,
                        const ReadContext& context);
Shape step_section(StepSpec& to, const std::vector<SignalDraft>& signals,
                   const ReadContext& context);
Shape formula_section(FormulaSpec& to, const std::vector<SignalDraft>& signals);
// What a workload under `compatibility: hpa` says that the HPA does not have.
void check_compatibility(const Cursor& workload, const WorkloadSpec& spec,
                         const std::vector<SignalDraft>& signals);
// Puts its policies into their groups.
Shape groups_section(std::vector<GroupSpec>& to, std::vector<PolicySpec>& policies);
// Signals with source: kubernetes need a target there, whose namespace is theirs.
void check_kubernetes_signals(const Cursor& workload, const WorkloadConfig& config,
                              const std::vector<SignalDraft>& signals);
void place_kubernetes_signals(const WorkloadConfig& config, std::vector<SignalDraft>& signals);
// Under `compatibility: hpa` a track of such a signal is the HPA's own metric, to the letter.
void take_as_hpa_metrics(const Cursor& workload, WorkloadSpec& spec,
                         std::vector<SignalDraft>& signals);
// `for: 3`: consecutive samples.
Shape samples_section(int32_t& to, const ReadContext& context);
Shape predict_section(PredictSpec& to, const std::vector<SignalDraft>& signals,
                      const ReadContext& context);
Shape schedule_section(ScheduleSpec& to, const std::optional<Bounds>& bounds);
Shape pause_section(std::optional<Pause>& to);
Shape guards_section(GuardsSpec& to, const std::vector<SignalDraft>& signals);
// {signal, above} or {signal, below}.
Shape mark_section(Mark& to, const std::vector<SignalDraft>& signals);
// The signals were read before.
Shape slo_section(std::optional<Slo>& to, const std::vector<SignalDraft>& signals);
Shape workload_section(WorkloadConfig& to, const ReadContext& context);

// What a signal tells of the service where `means` does not say it. `metric`: what is read, if it
// has a name.
SignalSpec::Meaning meaning_of(const SignalDraft& draft, const std::string& metric);

// kInvalid unless it is one of these schemes ("http://"), a host and perhaps a port, path and
// query, without a user or password, which logs would show.
Status check_url(const std::string& url, const std::vector<std::string>& schemes);

// `signal: cpu` in a policy: the name of a signal that was read before.
Shape signal_reference(std::optional<size_t>& to, const std::vector<SignalDraft>& signals);

// A target or mark in the unit of `signal`: 65%, 120/s, 300ms, 2Gi. Above 0 where `positive`.
// nullopt: it was reported, or the signal was.
std::optional<double> read_in_unit(const Cursor& cursor, const SignalDraft& signal, bool positive);
inline constexpr const char* kInUnitSchema = R"({"type":["number","string"]})";

// What was read in the workload as a whole, and where: for what workloads say against each other.
struct PlacedWorkload {
  WorkloadConfig workload;
  Cursor place;
};
void check_together(const ControllerSpec& controller, const std::vector<PlacedWorkload>& workloads);

}  // namespace autoscaler
