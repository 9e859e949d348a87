#include "tests/controller/config/print_config.h"

#include <map>
#include <sstream>
#include <type_traits>

namespace autoscaler {
namespace {

class Printer {
 public:
  template <typename... Parts>
  void all(const char* name, const Parts&... parts) {
    out_ << name << "{";
    ((one(parts), out_ << "; "), ...);
    out_ << "}";
  }

  template <typename T>
  requires(std::is_arithmetic_v<T> || std::is_enum_v<T>) void one(T value) {
    if constexpr (std::is_enum_v<T>)
      out_ << static_cast<int>(value);
    else
      out_ << std::hexfloat << +value;  // every bit counts
  }
  void one(const std::string& text) { out_ << '"' << text << '"'; }
  void one(Duration duration) { out_ << duration.count() << "ms"; }
  template <typename Clock, typename Unit>
  void one(std::chrono::time_point<Clock, Unit> at) {
    out_ << at.time_since_epoch().count();
  }
  template <typename T>
  void one(const std::optional<T>& value) {
    if (value)
      one(*value);
    else
      out_ << "none";
  }
  template <typename T>
  void one(const Shared<T>& value) {
    if (value)
      one(*value);
    else
      out_ << "none";
  }
  template <typename T>
  void one(const std::vector<T>& list) {
    for (const T& item : list) {
      out_ << "\n- ";
      one(item);
    }
  }
  void one(const std::map<std::string, std::string>& texts) {
    for (const auto& [key, value] : texts) all("", key, value);
  }
  template <typename... T>
  void one(const std::variant<T...>& value) {
    out_ << "alternative " << value.index() << " ";
    std::visit([this](const auto& held) { one(held); }, value);
  }

  void one(const ControllerSpec& spec) {
    const auto& [a, b, c, d, e, f, g, h, i] = spec;
    all("controller", a, b, c, d, e, f, g, h, i);
  }
  void one(const KubernetesSpec& spec) {
    const auto& [a, b, c, d, e, f, g, h, i] = spec;
    all("kubernetes", a, b, c, d, e, f, g, h, i);
  }
  void one(const PoliciesSpec& spec) {
    all("policies", spec.name_space, spec.most, spec.most_per_namespace);
  }
  void one(const LeaseSpec& spec) {
    const auto& [a, b, c, d, e] = spec;
    all("lease", a, b, c, d, e);
  }
  void one(const WhenMissing& spec) {
    const auto& [a, b, c, d, e] = spec;
    all("whenMissing", a, b, c, d, e);
  }
  void one(const SignalSpec& spec) {
    const auto& [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p] = spec;
    all("signal", a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p);
  }
  void one(const TrackSpec& spec) {
    const auto& [a, b, c, d, e, f, g] = spec;
    all("track", a, b, c, d, e.value_or(kTolerance), f.value_or(kTolerance), g);
  }
  void one(const TrackSpec::Burst& spec) {
    const auto& [a, b, c] = spec;
    all("burst", a, b, c);
  }
  void one(const Mark& spec) {
    const auto& [a, b, c] = spec;
    all("mark", a, b, c);
  }
  void one(const SizeChange& spec) {
    const auto& [a, b] = spec;
    all("change", a, b);
  }
  void one(const ThresholdSpec::Rule& spec) {
    const auto& [a, b, c, d, e] = spec;
    all("rule", a, b, c, d, e);
  }
  void one(const ThresholdSpec& spec) {
    const auto& [a, b] = spec;
    all("threshold", a, b);
  }
  void one(const StepSpec::Step& spec) {
    const auto& [a, b, c, d] = spec;
    all("step", a, b, c, d);
  }
  void one(const StepSpec::Rule& spec) {
    const auto& [a, b, c, d] = spec;
    all("rule", a, b, c, d);
  }
  void one(const StepSpec& spec) {
    const auto& [a, b] = spec;
    all("steps", a, b);
  }
  void one(const FormulaSpec& spec) {  // its code follows from the text
    all("formula", spec.text, spec.code.size());
  }
  void one(const GroupSpec& spec) { all("group", spec.name); }
  void one(const HpaMetricSpec& spec) {
    const auto& [a, b, c, d, e, f] = spec;
    all("hpa metric", a, b, c, d, e, f);
  }
  void one(const Cron& spec) {
    const auto& [a, b, c, d, e, f, g, h, i, j] = spec;
    all("cron", a, b, c, d, e, f, g, std::vector<uint8_t>(h.begin(), h.end()), i, j);
  }
  void one(const ScheduleTimes::Once& spec) {
    const auto& [a, b] = spec;
    all("once", a, b);
  }
  void one(const ScheduleTimes::Recurring& spec) {
    const auto& [a, b] = spec;
    all("recurring", a, b);
  }
  void one(const ScheduleTimes& spec) {
    const auto& [a, b, c, d] = spec;
    all("times", a, b, c, d);
  }
  void one(const ScheduleSpec& spec) {
    const auto& [a, b, c, d, e, f] = spec;
    all("schedule", a, b, c, d, e, f);
  }
  void one(const PredictSpec& spec) {
    const auto& [a, b, c, d, e, f] = spec;
    all("predict", a, b, c, d, e, f);
  }
  void one(const Pause& spec) {
    const auto& [a, b] = spec;
    all("pause", a, b);
  }
  void one(const PolicySpec& spec) {
    const auto& [a, b, c] = spec;
    all("policy", a, b, c);
  }
  void one(const ScalingRules::RatePolicy& spec) {
    const auto& [a, b, c] = spec;
    all("rate", a, b, c);
  }
  void one(const ScalingRules& spec) {
    const auto& [a, b, c, d] = spec;
    all("rules", a, b, c, d);
  }
  void one(const Behavior& spec) {
    const auto& [a, b] = spec;
    all("behavior", a, b);
  }
  void one(const HpaFlags& spec) {
    const auto& [a, b, c, d, e] = spec;
    all("hpa", a, b, c, d, e);
  }
  void one(const Bounds& spec) {
    const auto& [a, b] = spec;
    all("bounds", a, b);
  }
  void one(const GuardsSpec& spec) {
    const auto& [a, b, c, d, e, f, g] = spec;
    all("guards", a, b, c, d, e, f, g);
  }
  void one(const Slo& spec) {
    const auto& [a, b, c] = spec;
    all("slo", a, b, c);
  }
  void one(const WorkloadSpec& spec) {
    const auto& [a, b, c, d, e, f, g, h, i, j, k, l, m, n] = spec;
    all("spec", a, b, c, d, e, f, g, h, i, j, k, l, m, n);
  }
  void one(const LabelMatcher& spec) {
    const auto& [a, b] = spec;
    all("label", a, b);
  }
  void one(const Selector& spec) {
    const auto& [a, b] = spec;
    all("select", a, b);
  }
  void one(const GaugeOf& spec) {
    const auto& [a, b, c] = spec;
    all("gauge", a, b, c);
  }
  void one(const RateOf& spec) {
    const auto& [a, b] = spec;
    all("rate of", a, b);
  }
  void one(const RatioOf& spec) {
    const auto& [a, b] = spec;
    all("ratio of", a, b);
  }
  void one(const HistogramOf& spec) {
    const auto& [a] = spec;
    all("histogram of", a);
  }
  void one(std::monostate) { out_ << "none"; }
  void one(const OwnInstances&) { out_ << "own"; }
  void one(const UrlList& spec) {
    const auto& [a] = spec;
    all("urls", a);
  }
  void one(const TargetList& spec) {
    const auto& [a] = spec;
    all("file", a);
  }
  void one(const ScrapeRead& spec) {
    const auto& [a, b, c, d, e] = spec;
    all("scrape", a, b, c, d, e);
  }
  void one(const SecretFile& spec) {
    const auto& [a] = spec;
    all("file", a);
  }
  void one(const SecretVariable& spec) {
    const auto& [a] = spec;
    all("variable", a);
  }
  void one(const BearerToken& spec) {
    const auto& [a] = spec;
    all("bearer", a);
  }
  void one(const BasicPassword& spec) {
    const auto& [a, b] = spec;
    all("basic", a, b);
  }
  void one(const TlsSettings& spec) {
    const auto& [a, b, c, d, e] = spec;
    all("tls", a, b, c, d, e);
  }
  void one(const IdentitySettings& spec) {
    const auto& [a, b, c] = spec;
    all("identity", a, b, c);
  }
  void one(const ScrapeSpec& spec) {
    const auto& [a, b, c, d] = spec;
    all("scrapes", a, b, c, d);
  }
  void one(const BalancerRead& spec) {
    const auto& [a, b] = spec;
    all("balancer", a, b);
  }
  void one(const PrometheusRead& spec) {
    const auto& [a, b, c, d, e] = spec;
    all("query", a, b, c, d, e);
  }
  void one(const JsonRead::Service& spec) { one(spec.url); }
  void one(const JsonRead::Instance& spec) { one(spec.path); }
  void one(const JsonRead& spec) {
    const auto& [a, b, c, d] = spec;
    all("json", a, b, c, d);
  }
  void one(const PrometheusServer::Basic& spec) {
    const auto& [a, b] = spec;
    all("basic", a, b);
  }
  void one(const TlsFiles& spec) {
    const auto& [a, b, c, d] = spec;
    all("tls", a, b, c, d);
  }
  void one(const std::pair<std::string, PrometheusServer::HeaderValue>& spec) {
    all("header", spec.first, spec.second);
  }
  void one(const PrometheusServer& spec) {
    const auto& [a, b, c, d, e, f, g, h, i, j] = spec;
    all("server", a, b, c, d, e, f, g, h, i, j);
  }
  void one(const KubernetesRead::Resource& spec) {
    const auto& [a, b, c] = spec;
    all("resource", a, b, c);
  }
  void one(const KubernetesRead::Pods& spec) {
    const auto& [a, b] = spec;
    all("pods", a, b);
  }
  void one(const KubernetesRead::Object& spec) {
    const auto& [a, b, c, d] = spec;
    all("object", a, b, c, d);
  }
  void one(const KubernetesRead::External& spec) {
    const auto& [a, b] = spec;
    all("external", a, b);
  }
  void one(const KubernetesRead& spec) {
    const auto& [a, b, c] = spec;
    all("kubernetes", a, b, c);
  }
  void one(const SignalQuery& spec) {
    const auto& [a, b] = spec;
    all("query", a, b);
  }
  void one(const ProcessTarget& spec) {
    const auto& [a, b, c, d, e, f, g, h, i, j, k, l, m] = spec;
    all("process", a, b, c, d, e, f, g, h, i, j, k, l, m);
  }
  void one(const KubernetesTarget& spec) {
    const auto& [a, b, c, d, e, f, g, h] = spec;
    all("kubernetes", a, b, c, d, e, f, g, h);
  }
  void one(const HaproxyBalancer& spec) {
    const auto& [a, b, c, d, e, f] = spec;
    all("haproxy", a, b, c, d, e, f);
  }
  void one(const WorkloadConfig& config) {
    const auto& [a, b, c, d, e, f, json, object] = config;
    all("workload", a, b, c, d, e, f);
  }
  void one(const Config& config) {
    const auto& [a, b, c, d, e] = config;
    all("config", a, b, c, d, e);
  }

  std::string text() const { return out_.str(); }

 private:
  std::ostringstream out_;
};

}  // namespace

std::string print(const Config& config) {
  Printer printer;
  printer.one(config);
  return printer.text();
}

std::string print(const WorkloadConfig& workload) {
  Printer printer;
  printer.one(workload);
  return printer.text();
}

std::string problems_text(const std::vector<ConfigProblem>& problems) {
  std::string text;
  for (const ConfigProblem& problem : problems) text += describe(problem) + "\n";
  return text;
}

}  // namespace autoscaler
