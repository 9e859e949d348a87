#include "controller/config/units.h"
#include "controller/import/draft.h"

#include <algorithm>

namespace autoscaler {
namespace {

void add_cron(const ObjectPlace& trigger, size_t index, WorkloadDraft& draft) {
  const ObjectPlace metadata = trigger["metadata"];
  const auto wanted = metadata["desiredReplicas"].integer();
  if (!wanted || metadata["start"].text().empty() || metadata["end"].text().empty()) {
    trigger.remark("a cron trigger without start, end or desiredReplicas: left out");
    return;
  }
  const int64_t size = std::clamp(*wanted, std::max<int64_t>(draft.min, 1), draft.max);
  if (size != *wanted) {
    metadata["desiredReplicas"].remark("desiredReplicas " + std::to_string(*wanted) + " became " +
                                       std::to_string(size) + ", within the bounds");
  }
  const std::string zone = ", timeZone: " + yaml_text(metadata["timezone"].text("UTC"));
  const auto add = [&](const char* name, const char* from, const char* to, int64_t replicas) {
    draft.policies.push_back(name + std::to_string(index) +
                             "\n        schedule: {cron: " + yaml_text(metadata[from].text()) +
                             ", until: " + yaml_text(metadata[to].text()) + zone +
                             ", size: " + std::to_string(replicas) + "}");
  };
  add("name: cron-", "start", "end", size);
  // Outside of its window the trigger wants the minimum there; a schedule of ours wants nothing.
  add("name: rest-", "end", "start", draft.min);
}

void add_usage(const ObjectPlace& trigger, WorkloadDraft& draft) {
  const ObjectPlace metadata = trigger["metadata"];
  const std::string type = trigger["metricType"].text(metadata["type"].text("Utilization"));
  const ObjectPlace value = metadata["value"];
  const bool of_request = type == "Utilization";
  const bool sound = of_request ? value.integer().value_or(0) > 0 : !value.text().empty();
  if (!sound || (!of_request && type != "AverageValue")) {
    trigger.remark("found metricType '" + type + "' with value '" + value.text() +
                   "': left out; it is Utilization or AverageValue with a number above 0");
    return;
  }
  add_resource(trigger["type"].text(), metadata["containerName"].text(), of_request, value.text(),
               draft);
}

void say_what_is_lost(const ObjectPlace& metadata, const WorkloadDraft& draft) {
  const auto lost = [&metadata](const char* key, const std::string& remedy) {
    const ObjectPlace place = metadata[key];
    if (place.given()) place.remark(std::string(key) + " is not carried over: " + remedy);
  };
  lost("namespace", "it goes into the query or the server's url");
  lost("customHeaders", "write them into sources.prometheus.headers");
  lost("queryParameters", "write them into the query or the server's url");
  lost("authModes", "write bearer, basic or tls into sources.prometheus");
  lost("unsafeSsl", "name the authority in sources.prometheus.tls.ca");
  lost("timeout", "sources.prometheus.timeout is the server's");
  const ObjectPlace activation = metadata["activationThreshold"];
  if (draft.min == 0 && activation.given() && activation.text() != "0") {
    activation.remark(
        "activationThreshold is not carried over: any value above 0 starts the first instance; "
        "subtract it in the query");
  }
}

void add_prometheus(const ObjectPlace& trigger, size_t index, WorkloadDraft& draft) {
  const ObjectPlace metadata = trigger["metadata"];
  const std::string url = metadata["serverAddress"].text();
  const std::string query = metadata["query"].text();
  const std::string threshold = metadata["threshold"].text();
  const auto number = parse_quantity(threshold);
  if (url.empty() || query.empty() || !number.ok() || *number <= 0) {
    trigger.remark(
        "a prometheus trigger needs serverAddress, query and a threshold above 0: left out");
    return;
  }
  const std::string given = trigger["name"].text();
  const std::string name =
      signal_name(given.empty() ? "prometheus-" + std::to_string(index) : given, draft);
  std::string keys = "source: prometheus, query: " + yaml_text(query);
  if (metadata["ignoreNullValues"].text("true") != "false") keys += ", whenEmpty: 0";
  draft.signals.push_back({name, keys, url});
  const bool whole = trigger["metricType"].text() == "Value";
  draft.policies.push_back("track: {signal: " + name + (whole ? ", target: " : ", perInstance: ") +
                           threshold + "}");
  say_what_is_lost(metadata, draft);
}

}  // namespace

void add_trigger(const ObjectPlace& trigger, size_t index, WorkloadDraft& draft) {
  const std::string type = trigger["type"].text();
  const size_t before = draft.policies.size();
  if (type == "cron") {
    add_cron(trigger, index, draft);
  } else if (type == "cpu" || type == "memory") {
    add_usage(trigger, draft);
  } else if (type == "prometheus") {
    add_prometheus(trigger, index, draft);
  } else {
    trigger.remark("a trigger of type '" + type +
                   "' has no counterpart: left out; read the same number with source: prometheus, "
                   "json or kubernetes");
  }
  const ObjectPlace authentication = trigger["authenticationRef"];
  if (draft.policies.size() > before && authentication.given()) {
    authentication.remark("authenticationRef " + authentication["name"].text() +
                          " is not read: write its credentials into sources, as files");
  }
}

}  // namespace autoscaler
