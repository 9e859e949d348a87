#include "controller/backtest/service_model.h"

#include "controller/config/scalars.h"
#include "controller/config/shape.h"
#include "controller/config/yaml.h"

namespace autoscaler {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;

constexpr hours kLongest{24 * 3650};

Shape service(ServiceModel& to) {
  return mapping([&to](Fields& fields) {
    Release& release = to.release;
    const auto span = duration(Duration{0}, hours(1));
    fields.optional("cpuTime", scalar(release.cpu_time, duration(milliseconds(1), minutes(10))),
                    "of one request, on a core");
    fields.optional("waitTime", scalar(release.wait_time, span), "of one request, elsewhere");
    fields.optional("cores", scalar(release.cores, positive_quantity()),
                    "of an instance: its limit");
    fields.optional("cpuRequest", scalar(release.cpu_request, positive_quantity()),
                    "cores that its CPU is told as a share of, as in Kubernetes");
    fields.optional("workers", scalar(release.workers, positive_quantity()),
                    "requests that an instance works on at a time");
    fields.optional("timeout", scalar(release.timeout, duration(milliseconds(1), hours(1))),
                    "a request that has waited for longer is given up");
    fields.optional("startup", scalar(release.startup, span),
                    "from launch to the first good health check");
    fields.optional("startupTail", scalar(release.startup_tail, span),
                    "mean of what comes on top by chance, exponential");
    fields.optional("startupFailures", scalar(release.startup_failures, ratio(0, 1)),
                    "share of the launches that never become healthy");
    fields.optional("startupBurn", scalar(release.startup_burn, span),
                    "from launch on, all cores are busy for so long");
    fields.optional("warmUp", scalar(release.warm_up, span),
                    "from the first request until an instance does all it can");
    fields.optional("coldShare", scalar(release.cold_share, ratio(0.01, 1)),
                    "what it does at first, of that");
    fields.optional("spread", scalar(release.spread, ratio(0, 0.5)),
                    "coefficient of variation of what instances can do");
    fields.optional("errors", scalar(release.error_ratio, ratio(0, 1)),
                    "share of the requests that fail, whatever the load");
    fields.optional("retries", scalar(to.retries, ratio(0, 1)),
                    "share of the failed requests that come again");
  });
}

Shape outage(ServiceModel::Span& to) {
  return mapping([&to](Fields& fields) {
    fields.required("after", scalar(to.after, duration(Duration{0}, kLongest)),
                    "time from the beginning of the load");
    fields.required("for", scalar(to.lasts, duration(milliseconds(1), kLongest)), "how long");
  });
}

Shape metrics(ServiceModel& to) {
  return mapping([&to](Fields& fields) {
    fields.optional("delay", scalar(to.metric_delay, duration(Duration{0}, minutes(10))),
                    "a sample is seen so much later");
    fields.optional("lost", scalar(to.lost, ratio(0, 0.9)),
                    "share of the samples that are lost, by chance");
    fields.optional("cpuNoise", scalar(to.cpu_noise, ratio(0, 0.5)),
                    "standard deviation of a CPU reading, of the reading");
    fields.optional("outages", list_of(0, [&to] { return outage(to.outages.emplace_back()); }),
                    "times in which nothing can be read");
  });
}

Shape root(ServiceModel& to, std::optional<Duration>& promise) {
  return mapping([&to, &promise](Fields& fields) {
    fields.optional("service", service(to), "the service and its instances");
    fields.optional("metrics", metrics(to), "what is measured of it");
    fields.optional(
        "deploys",
        list_of(
            0,
            [&to] { return scalar(to.deploys.emplace_back(), duration(Duration{0}, kLongest)); }),
        "times from the beginning of the load at which a new version comes");
    fields.optional("p95", scalar(promise, duration(milliseconds(1), hours(1))),
                    "what violates, where the workload has no slo");
    fields.optional("price", scalar(to.price, positive_quantity()), "of an instance-hour");
    auto seed = std::make_shared<int32_t>(1);
    fields.optional("seed", scalar(*seed, integer(0, 1'000'000'000)), "of all chance");
    fields.check([&to, seed](const Cursor&) { to.seed = static_cast<uint64_t>(*seed); });
  });
}

}  // namespace

ServiceModelResult parse_service_model(std::string_view text, const std::string& file_name) {
  Problems problems(file_name);
  const std::vector<NodePtr> documents = read_yaml(text, problems);
  ServiceModelResult result;
  std::optional<Duration> promise;
  if (documents.size() > 1) {
    problems.add(documents[1]->mark, "", "found a second document: one is expected");
  } else if (!documents.empty() && documents.front()->kind != Node::Kind::kNull) {
    const NodePtr& document = documents.front();
    root(result.model, promise).read(Cursor(document, "", document->mark, problems));
  }
  result.model.promise_given = promise.has_value();
  result.model.promise = promise.value_or(result.model.promise);
  result.problems = problems.take();
  return result;
}

}  // namespace autoscaler
