#include "controller/config/budget_expansion.h"
#include "controller/config/node_json.h"
#include "controller/config/scalars.h"
#include "controller/config/sections.h"
#include "policies/inputs.h"

#include <algorithm>

namespace autoscaler {
namespace {

using std::chrono::hours;
using std::chrono::seconds;

constexpr int32_t kMostReplicas = 10'000;

struct Written {
  std::optional<Bounds> bounds;
  std::vector<SignalDraft> signals;
  bool hpa = false;
};

// Signals that can bring the first instance back.
std::vector<bool> asked_for(const WorkloadSpec& spec, size_t signals) {
  std::vector<bool> asked(signals, false);
  for (const PolicySpec& policy : spec.policies) {
    for (const uint16_t signal : signals_to_grow_by(policy.rule)) {
      if (signal < signals) asked[signal] = true;
    }
  }
  return asked;
}

// With no instance there is no page to scrape: something else must see the first request.
void check_scale_to_zero(const Cursor& cursor, const WorkloadConfig& to, const Written& written) {
  if (to.spec.bounds.min > 0) return;
  for (const PolicySpec& policy : to.spec.policies) {
    const auto* schedule = std::get_if<ScheduleSpec>(&policy.rule);
    if (schedule && (schedule->min.value_or(0) > 0 || schedule->size.value_or(0) > 0)) return;
  }
  const std::vector<bool> asked = asked_for(to.spec, written.signals.size());
  for (size_t i = 0; i < asked.size(); ++i) {
    if (asked[i] && written.signals[i].exists_without_instances) return;
  }
  const Cursor replicas = cursor.near("replicas");
  replicas.near("min").problem(
      "found 0, and no policy scales out on a signal that exists without instances: add one with "
      "source: balancer, prometheus, json (of a url) or with targets of its own, or a schedule, or "
      "write min: 1");
}

void check_balancer_signals(const Cursor& cursor, const WorkloadConfig& to,
                            const Written& written) {
  if (to.balancer || cursor.has("loadBalancer")) return;
  for (const SignalDraft& signal : written.signals) {
    if (!signal.from_balancer) continue;
    cursor.child("signals")
        .child(signal.spec.name)
        .near("source")
        .problem("source: balancer needs a loadBalancer in this workload");
  }
}

// An instance that drains or stops keeps its port until it is gone, and the one in its place needs
// another: in the worst case, a whole new set beside the whole old one.
void check_ports(const Cursor& cursor, const WorkloadConfig& to) {
  const ProcessTarget* target = to.process();
  if (target == nullptr || target->first_port == 0) return;  // or it was reported
  const int have = target->last_port - target->first_port + 1;
  const int need = 2 * to.spec.bounds.max;
  if (have >= need) return;
  const Cursor place = cursor.child("target").child("process").child("ports");
  const int last = target->first_port + need - 1;
  std::string remedy = "lower replicas.max to " + std::to_string(have / 2);
  if (last <= 65535) {
    remedy = "write " + std::to_string(target->first_port) + "-" + std::to_string(last) + ", or " +
             remedy;
  }
  place.problem("found " + std::to_string(have) + " ports for up to " +
                std::to_string(to.spec.bounds.max) +
                " instances, and twice as many are needed, since an instance keeps its port while "
                "it drains and stops: " +
                remedy);
}

// What Kubernetes does itself.
void check_kubernetes(const Cursor& cursor, const WorkloadConfig& to) {
  if (to.kubernetes() == nullptr) return;
  const std::pair<const char*, const char*> others[] = {
      {"loadBalancer", "a Service of Kubernetes balances its pods, by their readiness"},
      {"unhealthyAfter", "the liveness probe of its pods says when they are restarted"},
      {"drainDeadline", "terminationGracePeriodSeconds of its pods says how long they may drain"}};
  for (const auto& [key, who] : others) {
    if (!cursor.has(key)) continue;
    cursor.problem_at_key(
        key, std::string("has no meaning with a target in Kubernetes: leave it out, ") + who);
  }
}

void check_policies(const Cursor& cursor, const WorkloadConfig& to) {
  if (!to.spec.policies.empty() || to.spec.bounds.min == to.spec.bounds.max) return;
  if (to.spec.slo && to.spec.slo->budget) return;  // it says what it lacks
  if (cursor.has("policies") && cursor.child("policies").node().kind != Node::Kind::kList) return;
  cursor.near("policies")
      .problem(
          "no policy, so that nothing would ever change the size: add one (track, threshold, step, "
          "formula, schedule or predict), a budget to the slo, or "
          "make replicas.min and replicas.max equal");
}

// What an instance carries is learned as the load at which the SLO ends.
void check_learned(const Cursor& cursor, const WorkloadConfig& to) {
  if (cursor.has("slo")) return;
  for (size_t i = 0; i < to.spec.policies.size(); ++i) {
    const auto* track = std::get_if<TrackSpec>(&to.spec.policies[i].rule);
    const auto* predict = std::get_if<PredictSpec>(&to.spec.policies[i].rule);
    const bool learned = (track && track->kind == TrackSpec::Target::kLearned) ||
                         (predict && !predict->per_instance);
    if (!learned) continue;
    cursor.child("policies")
        .item(i)
        .child(track ? "track" : "predict")
        .near("perInstance")
        .problem(
            "found learned, and no slo to learn it by: write slo: {signal: latency, p95: 300ms} in "
            "this workload, or a number such as 120/s");
  }
}

// The defaults that hang on the controller are written out: a decision is replayed without it.
std::shared_ptr<Node> with_effective_defaults(const Node& workload, const Written& written) {
  auto copy = std::make_shared<Node>(workload);
  for (Entry& section : copy->entries) {
    if (section.key != "signals" || section.value->kind != Node::Kind::kMapping) continue;
    auto signals = std::make_shared<Node>(*section.value);
    for (Entry& entry : signals->entries) {
      const auto draft =
          std::find_if(written.signals.begin(), written.signals.end(),
                       [&](const SignalDraft& signal) { return signal.spec.name == entry.key; });
      if (draft == written.signals.end()) continue;
      auto signal = std::make_shared<Node>(*entry.value);
      const auto add = [&signal](const char* key, Duration value) {
        if (signal->find(key) != nullptr) return;
        auto node = std::make_shared<Node>();
        node->kind = Node::Kind::kScalar;
        node->text = format_duration(value);
        signal->entries.push_back(Entry{key, signal->mark, std::move(node)});
      };
      add("maxAge", draft->spec.max_age);
      if (const auto* scrape = std::get_if<ScrapeRead>(&draft->query.how)) {
        if (!std::holds_alternative<GaugeOf>(scrape->what)) add("window", scrape->window);
      } else if (const auto* balancer = std::get_if<BalancerRead>(&draft->query.how)) {
        const bool rate = balancer->what == BalancerRead::What::kRequestRate ||
                          balancer->what == BalancerRead::What::kErrors;
        if (rate) add("window", balancer->window);
      }
      entry.value = std::move(signal);
    }
    section.value = std::move(signals);
  }
  return copy;
}

// The spec of a ScalingPolicy as the workload of a config that says the same.
NodePtr as_in_config(const std::shared_ptr<Node>& spec, const WorkloadConfig& to,
                     const ReadContext& context) {
  if (!context.policy) return spec;
  const auto scalar_of = [](const std::string& text) {
    auto node = std::make_shared<Node>();
    node->kind = Node::Kind::kScalar;
    node->text = text;
    return node;
  };
  for (Entry& entry : spec->entries) {
    if (entry.key != "target" || entry.value->kind != Node::Kind::kMapping) continue;
    auto inner = std::make_shared<Node>(*entry.value);
    inner->entries.insert(inner->entries.begin(),
                          Entry{"namespace", {}, scalar_of(context.policy->name_space)});
    auto target = std::make_shared<Node>();
    target->kind = Node::Kind::kMapping;
    target->entries.push_back(Entry{"kubernetes", {}, std::move(inner)});
    entry.value = std::move(target);
  }
  spec->entries.insert(spec->entries.begin(), Entry{"name", {}, scalar_of(to.spec.name)});
  return spec;
}

void finish(const Cursor& cursor, Written& written, const ReadContext& context,
            WorkloadConfig& to) {
  if (written.hpa) {
    to.spec.hpa = HpaFlags{};
    to.spec.guards = GuardsSpec::none();
    if (cursor.has("guards")) {
      cursor.problem_at_key("guards",
                            "contradicts compatibility: hpa, which has no guards: leave it out");
    }
    if (!cursor.has("behavior"))
      to.spec.behavior.reset();
    else if (!to.spec.behavior) {
      cursor.problem_at_key("behavior",
                            "contradicts compatibility: hpa, where no behavior means the HPA's "
                            "older rules: leave it out, or give scaleUp and scaleDown");
    }
    if (!context.snapshot) check_compatibility(cursor, to.spec, written.signals);
  }
  if (!written.hpa) expand_budget(cursor, written.signals, to.spec);
  if (written.bounds) {
    to.spec.bounds = *written.bounds;
    check_policies(cursor, to);
    if (!context.snapshot) check_scale_to_zero(cursor, to, written);
    if (!context.snapshot) check_ports(cursor, to);
  }
  if (!context.snapshot) check_balancer_signals(cursor, to, written);
  check_learned(cursor, to);
  check_kubernetes(cursor, to);
  if (!context.snapshot) check_kubernetes_signals(cursor, to, written.signals);
  place_kubernetes_signals(to, written.signals);
  if (written.hpa) take_as_hpa_metrics(cursor, to.spec, written.signals);
  to.json = node_json(*as_in_config(with_effective_defaults(cursor.node(), written), to, context));
  for (SignalDraft& signal : written.signals) {
    to.spec.signals.push_back(std::move(signal.spec));
    if (context.policy != nullptr) signal.query.tenant = context.policy->name_space;
    to.queries.push_back(std::move(signal.query));
  }
}

Shape cooldown_section(WorkloadSpec& to) {
  return mapping([&to](Fields& fields) {
    fields.optional("out", scalar(to.cooldown_out, duration(Duration{0}, hours(24))),
                    "time after a scale-out in which no other starts");
    fields.optional("in", scalar(to.cooldown_in, duration(Duration{0}, hours(24))),
                    "time after a scale-in in which no other starts");
  });
}

// Which service it is, and where its instances are.
void describe_place(WorkloadConfig& to, const ReadContext& context, Fields& fields) {
  fields.required("name",
                  scalar(to.spec.name, name(context.snapshot ? kRecordedName : kWorkloadName)),
                  "name of the service, unique: letters, digits and -");
  Shape target = target_section(to.target);
  const char* target_help = "where instances run";
  if (context.snapshot)
    fields.optional("target", std::move(target), target_help);
  else
    fields.required("target", std::move(target), target_help);
  fields.optional("loadBalancer", load_balancer_section(to.balancer),
                  "where instances are registered once they are healthy");
}

void describe_place_of_policy(WorkloadConfig& to, const PolicyReading& policy, Fields& fields) {
  to.spec.name = policy.name_space + "/" + policy.name;
  to.target = KubernetesTarget{};
  auto& target = std::get<Shared<KubernetesTarget>>(to.target).edit();
  fields.required("target", mapping([&target, policy](Fields& keys) {
                    describe_kubernetes(target, &policy, keys);
                  }),
                  "what is sized: anything with a scale subresource, in the namespace of this "
                  "object");
  fields.refused("name", "the workload has the namespace and name of the object; leave it out");
  fields.refused("loadBalancer",
                 "a Service of Kubernetes balances its pods, by their readiness; leave it out");
}

void describe_life(WorkloadConfig& to, const ReadContext& context, Fields& fields) {
  fields.optional("warmup", scalar(to.spec.warmup, duration(Duration{0}, hours(1))),
                  "after it became healthy, an instance is left out of averages for so long");
  fields.optional("startupDeadline",
                  scalar(to.spec.startup_deadline, duration(seconds(1), hours(24))),
                  "an instance not healthy by then has failed");
  if (context.policy) {
    fields.refused("unhealthyAfter",
                   "the liveness probe of its pods says when they are restarted; leave it out");
    fields.refused("drainDeadline",
                   "terminationGracePeriodSeconds of its pods says how long they may drain; leave "
                   "it out");
    return;
  }
  fields.optional("unhealthyAfter", scalar(to.unhealthy_after, duration(seconds(1), hours(24))),
                  "an instance in service that is unhealthy for so long has failed");
  fields.optional("drainDeadline", scalar(to.drain_deadline, duration(Duration{0}, hours(24))),
                  "a drain ends then, even with requests in flight");
}

}  // namespace

Shape replicas_section(std::optional<Bounds>& to) {
  return mapping([&to](Fields& fields) {
    auto bounds = std::make_shared<Bounds>();
    fields.optional("min", scalar(bounds->min, integer(0, kMostReplicas)),
                    "never fewer; 0 needs a signal that exists without instances");
    fields.required("max", scalar(bounds->max, integer(1, kMostReplicas)), "never more");
    fields.check_sound([&to, bounds](const Cursor& cursor) {
      if (bounds->min <= bounds->max) {
        to = *bounds;
        return;
      }
      cursor.near("min").problem("found min " + std::to_string(bounds->min) + " above max " +
                                 std::to_string(bounds->max) + ": min is at most max");
    });
  });
}

Shape workload_section(WorkloadConfig& to, const ReadContext& context) {
  return mapping([&to, context](Fields& fields) {
    auto written = std::make_shared<Written>();
    if (context.policy)
      describe_place_of_policy(to, *context.policy, fields);
    else
      describe_place(to, context, fields);
    fields.required("replicas", replicas_section(written->bounds), "bounds of the size");
    describe_life(to, context, fields);
    fields.optional("signals", signals_section(written->signals, written->bounds, context),
                    "what is measured, by name");
    fields.optional("slo", slo_section(to.spec.slo, written->signals),
                    "what the service promises; needed for perInstance: learned");
    fields.optional("behavior", behavior_section(to.spec.behavior),
                    "windows and rate limits, word for word autoscaling/v2; none: neither");
    fields.optional("policies",
                    policies_section(to.spec.policies, written->signals, to.spec.behavior,
                                     written->bounds, context),
                    "what each wants; the largest wins");
    fields.optional("groups", groups_section(to.spec.groups, to.spec.policies),
                    "policies that move the size only together");
    fields.optional("pause", pause_section(to.spec.pause),
                    "the size stands still, whatever policies and bounds say");
    fields.optional("guards", guards_section(to.spec.guards, written->signals),
                    "what holds the size back when a change would be unsafe; none: none of these");
    fields.optional("cooldown", cooldown_section(to.spec), "pauses after a change of the size");
    auto compatibility = std::make_shared<std::optional<size_t>>();
    fields.optional(
        "compatibility", scalar(*compatibility, word({"hpa"})),
        "hpa: rounding, pod classes and rules exactly as the HorizontalPodAutoscaler's");
    fields.check([&to, written, compatibility, context](const Cursor& cursor) {
      written->hpa = compatibility->has_value();
      finish(cursor, *written, context, to);
    });
  });
}

}  // namespace autoscaler
