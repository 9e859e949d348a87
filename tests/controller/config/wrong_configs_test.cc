#include "controller/config/config.h"

#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>
#include <sstream>

namespace autoscaler {
namespace {

using ::testing::HasSubstr;

constexpr const char* kRight = R"(controller:
  interval: 5s
  listen: 127.0.0.1:8080
  journal: autoscaler.db
workloads:
  - name: shop
    target:
      process:
        command: [/bin/shop, "--port={port}"]
        env: {MODE: fast}
        ports: 9000-9099
        health: {path: /healthz, timeout: 1s}
    loadBalancer:
      haproxy: {socket: /run/haproxy.sock, backend: shop}
    replicas: {min: 2, max: 20}
    warmup: 45s
    signals:
      cpu: {source: scrape, counter: cpu_seconds_total, capacity: 2}
      rps: {source: scrape, counter: requests_total, window: 30s}
      latency: {source: scrape, histogram: duration_seconds}
      errors: {source: scrape, ratio: {of: requests_total, matching: {code: 5..}}}
      load: {source: balancer, value: requestRate}
    policies:
      - track: {signal: cpu, target: 65%}
      - track: {signal: rps, perInstance: 120/s}
      - threshold:
          out: {any: [{signal: latency, above: 500ms}, {signal: errors, above: 5%}], add: 2}
          in: {all: [{signal: latency, below: 200ms}], for: 5, remove: 1}
    behavior:
      scaleDown: {stabilizationWindowSeconds: 300, selectPolicy: Max}
    cooldown: {out: 0s, in: 0s}
)";

// `wrong` takes the place of the first `right` in the config above. One mistake is one problem.
struct WrongConfig {
  const char* what;
  const char* right;
  const char* wrong;
  int line;
  int column;
  const char* path;
  const char* remedy;
};

const WrongConfig kWrongConfigs[] = {
    // clang-format off
    {"unknown key with a near one", "warmup: 45s", "warmpu: 45s", 16, 5, "workloads[0].warmpu", "did you mean 'warmup'?"},
    {"unknown key of the top level", R"(controller:
)", R"(colours: {}
controller:
)", 1, 1, "colours", "Allowed: controller, sources or workloads"},
    {"unknown key far from all", "warmup: 45s", "colour: red", 16, 5, "workloads[0].colour", "Allowed: name, target, loadBalancer"},
    {"unknown key in capitals", "timeout: 1s", "timeOut: 1s", 12, 34, "workloads[0].target.process.health.timeOut", "did you mean 'timeout'?"},
    {"kind of source of another program", "source: scrape, counter: cpu_seconds_total", "source: statsd, counter: cpu_seconds_total", 18, 21, "workloads[0].signals.cpu.source", "expected scrape, prometheus, json, kubernetes or balancer"},
    {"target of another kind", R"(      process:
)", R"(      proces:
)", 8, 7, "workloads[0].target.proces", "did you mean 'process'?"},
    {"duration without a unit", "warmup: 45s", "warmup: 45", 16, 13, "workloads[0].warmup", "as in 45s or 45ms"},
    {"duration with an unknown unit", "warmup: 45s", "warmup: 45sec", 16, 13, "workloads[0].warmup", "units are d, h, m, s, ms"},
    {"duration out of order", "warmup: 45s", "warmup: 30s1m", 16, 13, "workloads[0].warmup", "the largest first"},
    {"duration below zero", "warmup: 45s", "warmup: -45s", 16, 13, "workloads[0].warmup", "it is negative"},
    {"duration as a list", "warmup: 45s", "warmup: [45s]", 16, 13, "workloads[0].warmup", "found a list, expected a duration"},
    {"interval too short", "interval: 5s", "interval: 100ms", 2, 13, "controller.interval", "a duration from 1s to 10m"},
    {"interval too long", "interval: 5s", "interval: 11m", 2, 13, "controller.interval", "a duration from 1s to 10m"},
    {"listen without a port", "listen: 127.0.0.1:8080", "listen: 127.0.0.1", 3, 11, "controller.listen", "such as 127.0.0.1:8080"},
    {"listen on a name", "listen: 127.0.0.1:8080", "listen: example:8080", 3, 11, "controller.listen", "'example' is not an IP address"},
    {"listen on a port too high", "listen: 127.0.0.1:8080", "listen: 127.0.0.1:80800", 3, 11, "controller.listen", "not from 0 to 65535"},
    {"journal in memory", "journal: autoscaler.db", "journal: \":memory:\"", 4, 12, "controller.journal", "Expected the path of a file"},
    {"journal is a directory", "journal: autoscaler.db", "journal: data/", 4, 12, "controller.journal", "Expected the path of a file"},
    {"journal with a wrong key", "journal: autoscaler.db", "journal: {path: autoscaler.db}", 4, 13, "controller.journal.path", "Allowed: file, maxAge or maxSize"},
    {"name with capitals", "name: shop", "name: Shop", 6, 11, "workloads[0].name", "small letters, digits and -"},
    {"name missing", R"(- name: shop
    target:)", "- target:", 6, 5, "workloads[0].name", "it is required"},
    {"replicas missing", R"(    replicas: {min: 2, max: 20}
)", "", 6, 5, "workloads[0].replicas", "it is required: bounds of the size"},
    {"min above max", "{min: 2, max: 20}", "{min: 21, max: 20}", 15, 21, "workloads[0].replicas.min", "min is at most max"},
    {"replicas as a number", "replicas: {min: 2, max: 20}", "replicas: 3", 15, 15, "workloads[0].replicas", "expected a mapping with min or max"},
    {"replicas in quotes", "max: 20", "max: \"20\"", 15, 29, "workloads[0].replicas.max", "write it without quotes"},
    {"replicas in octal", "max: 20", "max: 020", 15, 29, "workloads[0].replicas.max", "write 20"},
    {"replicas with a fraction", "max: 20", "max: 2.5", 15, 29, "workloads[0].replicas.max", "not a whole number"},
    {"replicas beyond all reason", "max: 20", "max: 99999", 15, 29, "workloads[0].replicas.max", "from 1 to 10000"},
    {"scale to zero with scraped signals only", "min: 2", "min: 0", 15, 21, "workloads[0].replicas.min", "add one with source: balancer, prometheus, json (of a url) or with targets of its own, or a schedule, or write min: 1"},
    {"too few ports", "ports: 9000-9099", "ports: 9000-9019", 11, 16, "workloads[0].target.process.ports", "write 9000-9039, or lower replicas.max to 10"},
    {"ports backwards", "ports: 9000-9099", "ports: 9099-9000", 11, 16, "workloads[0].target.process.ports", "write 9000-9099"},
    {"ports out of range", "ports: 9000-9099", "ports: 65000-66000", 11, 16, "workloads[0].target.process.ports", "ports go from 1 to 65535"},
    {"our own port among them", "ports: 9000-9099", "ports: 8050-8099", 11, 16, "workloads[0].target.process.ports", "port 8080 of controller.listen"},
    {"command without the port", "\"--port={port}\"", "\"--port=80\"", 9, 9, "workloads[0].target.process.command", "add --port={port}"},
    {"placeholder misspelt", "\"--port={port}\"", "\"--port={port}\", \"--as={instnace}\"", 9, 47, "workloads[0].target.process.command[2]", "did you mean 'instance'?"},
    {"command as one text", "command: [/bin/shop, \"--port={port}\"]", "command: /bin/shop --port={port}", 9, 18, "workloads[0].target.process.command", "expected a list"},
    {"command empty", "[/bin/shop, \"--port={port}\"]", "[]", 9, 18, "workloads[0].target.process.command", "at least 1"},
    {"environment variable with a dash", "{MODE: fast}", "{MY-MODE: fast}", 10, 15, "workloads[0].target.process.env.MY-MODE", "not the name of an environment variable"},
    {"host by name", "ports: 9000-9099", "ports: 9000-9099\n        host: example.com", 12, 15, "workloads[0].target.process.host", "such as 127.0.0.1, or localhost"},
    {"host of every address", "ports: 9000-9099", "ports: 9000-9099\n        host: 0.0.0.0", 12, 15, "workloads[0].target.process.host", "instances are reached at one"},
    {"host of every IPv6 address", "ports: 9000-9099", "ports: 9000-9099\n        host: \"::\"", 12, 15, "workloads[0].target.process.host", "instances are reached at one"},
    {"health path without a slash", "path: /healthz", "path: healthz", 12, 24, "workloads[0].target.process.health.path", "a path that starts with /"},
    {"socket by host name", "socket: /run/haproxy.sock", "socket: proxy.local:9999", 14, 25, "workloads[0].loadBalancer.haproxy.socket", "write its IP address"},
    {"socket path relative", "socket: /run/haproxy.sock", "socket: run/haproxy.sock", 14, 25, "workloads[0].loadBalancer.haproxy.socket", "Expected an absolute path"},
    {"backend missing", ", backend: shop", "", 14, 16, "workloads[0].loadBalancer.haproxy.backend", "it is required"},
    {"options with a second command", "backend: shop}", R"(backend: shop, serverOptions: "maxconn 5; shutdown sessions"})", 14, 74, "workloads[0].loadBalancer.haproxy.serverOptions", "it holds a ;"},
    {"balancer signal without a balancer", R"(    loadBalancer:
      haproxy: {socket: /run/haproxy.sock, backend: shop}
)", "", 20, 22, "workloads[0].signals.load.source", "needs a loadBalancer"},
    {"source missing", "{source: scrape, counter: requests_total", "{counter: requests_total", 19, 12, "workloads[0].signals.rps.source", "scrape: the metrics page"},
    {"two kinds of reading", "counter: cpu_seconds_total", "counter: cpu_seconds_total, gauge: cpu", 18, 29, "workloads[0].signals.cpu.counter", "give exactly one of gauge, counter"},
    {"no kind of reading", "{source: scrape, histogram: duration_seconds}", "{source: scrape}", 20, 16, "workloads[0].signals.latency", "needs exactly one of gauge, counter"},
    {"histogram with its suffix", "histogram: duration_seconds", "histogram: duration_seconds_bucket", 20, 44, "workloads[0].signals.latency.histogram", "leave _bucket away"},
    {"labels in the name of a metric", "counter: requests_total,", "counter: \"requests_total{code=5}\",", 19, 38, "workloads[0].signals.rps.counter", "matching: {code:"},
    {"bad regular expression", "code: 5..", "code: \"5(..\"", 21, 77, "workloads[0].signals.errors.ratio.matching.code", "not a regular expression"},
    {"quantile of a counter", "counter: requests_total, window: 30s", "counter: requests_total, quantile: 0.9", 19, 54, "workloads[0].signals.rps.quantile", "it goes with histogram"},
    {"quantile as a percentage number", "histogram: duration_seconds", "histogram: duration_seconds, quantile: 95", 20, 72, "workloads[0].signals.latency.quantile", "write 95%"},
    {"window shorter than two intervals", "window: 30s", "window: 5s", 19, 62, "workloads[0].signals.rps.window", "at least 10s"},
    {"counter from the balancer", "value: requestRate", "counter: requestRate", 22, 32, "workloads[0].signals.load.counter", "takes value: requestRate"},
    {"value of the balancer misspelt", "value: requestRate", "value: requestrate", 22, 39, "workloads[0].signals.load.value", "did you mean 'requestRate'?"},
    {"value from a scrape", "{source: balancer, value", "{source: scrape, value", 22, 30, "workloads[0].signals.load.value", "takes gauge, counter, histogram or ratio"},
    {"window of a number that has none", "value: requestRate", "value: queue, window: 1m", 22, 46, "workloads[0].signals.load.window", "it goes with value: requestRate, errors or responseTime"},
    {"a meaning that there is not", "capacity: 2", "capacity: 2, means: busy", 18, 77, "workloads[0].signals.cpu.means", "overload"},
    {"a surge of nothing", "    cooldown: {", "    guards: {surge: 0}\n    cooldown: {", 31, 21, "workloads[0].guards.surge", "or none"},
    {"a guard that there is not", "    cooldown: {", "    guards: {flapBudgets: 3}\n    cooldown: {", 31, 14, "workloads[0].guards.flapBudgets", "did you mean 'flapBudget'?"},
    {"a guard by a signal that there is not", "    cooldown: {", "    guards: {blockScaleInWhen: [{signal: db, above: 90%}]}\n    cooldown: {", 31, 42, "workloads[0].guards.blockScaleInWhen[0].signal", "unknown signal"},
    {"guards beside the HPA", "    cooldown: {", "    compatibility: hpa\n    guards: none\n    cooldown: {", 32, 5, "workloads[0].guards", "has no guards"},
    {"capacity of nothing", "capacity: 2", "capacity: 0", 18, 67, "workloads[0].signals.cpu.capacity", "a quantity above 0"},
    {"whenMissing misspelt", "histogram: duration_seconds", "histogram: duration_seconds, whenMissing: holds", 20, 75, "workloads[0].signals.latency.whenMissing", "did you mean 'hold'?"},
    {"whenMissing last without for", "histogram: duration_seconds", "histogram: duration_seconds, whenMissing: last", 20, 75, "workloads[0].signals.latency.whenMissing", "a mapping with do:"},
    {"whenMissing floor beyond max", "histogram: duration_seconds", R"(histogram: duration_seconds, whenMissing: {do: floor, replicas: 21})", 20, 97, "workloads[0].signals.latency.whenMissing.replicas", "at most 20"},
    {"whenMissing size below min", "histogram: duration_seconds", R"(histogram: duration_seconds, whenMissing: {do: size, replicas: 1})", 20, 96, "workloads[0].signals.latency.whenMissing.replicas", "at least 2"},
    {"whenMissing step without every", "histogram: duration_seconds", R"(histogram: duration_seconds, whenMissing: {do: towardsMax, step: 2})", 20, 75, "workloads[0].signals.latency.whenMissing.every", "the time between two steps"},
    {"whenMissing with an argument of another", "histogram: duration_seconds", R"(histogram: duration_seconds, whenMissing: {do: floor, replicas: 3, every: 1m})", 20, 100, "workloads[0].signals.latency.whenMissing.every", "with `do: towardsMax`"},
    {"unknown signal", "{signal: cpu, target", "{signal: cpus, target", 24, 25, "workloads[0].policies[0].track.signal", "did you mean 'cpu'?"},
    {"ratio without a percent sign", "target: 65%", "target: 65", 24, 38, "workloads[0].policies[0].track.target", "write 65%"},
    {"ratio with a unit", "target: 65%", "target: 650m", 24, 38, "workloads[0].policies[0].track.target", "such as 65% or 0.65"},
    {"percentage of a plain number", "perInstance: 120/s", "target: 65%", 25, 38, "workloads[0].policies[1].track.target", "the signal needs a capacity"},
    {"learned without an slo", "perInstance: 120/s", "perInstance: learned", 25, 43, "workloads[0].policies[1].track.perInstance", "write slo: {signal: latency, p95: 300ms}"},
    {"queue of another unit", "perInstance: 120/s", "perInstance: 120/s, queue: load", 25, 57, "workloads[0].policies[1].track.queue", "'load' is no number of requests"},
    {"queue beside a target", "target: 65%", "target: 65%, queue: load", 24, 43, "workloads[0].policies[0].track.queue", "it goes with perInstance"},
    {"slo of a signal that is no time", "    policies:", "    slo: {signal: rps, p95: 300ms}\n    policies:", 23, 19, "workloads[0].slo.signal", "'rps' is no time"},
    {"slo of a mean", "value: requestRate}", "value: responseTime}\n    slo: {signal: load, p95: 300ms}", 23, 19, "workloads[0].slo.signal", "is a mean, not a 95th percentile"},
    {"slo without a unit", "    policies:", "    slo: {signal: latency, p95: 300}\n    policies:", 23, 33, "workloads[0].slo.p95", "a duration such as 300ms"},
    {"slo without a number", "    policies:", "    slo: {signal: latency}\n    policies:", 23, 10, "workloads[0].slo.p95", "it is required"},
    {"share of a ratio", "target: 65%", "perInstance: 65%", 24, 43, "workloads[0].policies[0].track.perInstance", "write target: 65%"},
    {"target and perInstance", "target: 65%", "target: 65%, perInstance: 3", 24, 43, "workloads[0].policies[0].track.perInstance", "give exactly one of target or perInstance"},
    {"rate in an unknown unit", "perInstance: 120/s", "perInstance: 120/d", 25, 43, "workloads[0].policies[1].track.perInstance", "per /s, /m or /h"},
    {"target of zero", "target: 65%", "target: 0%", 24, 38, "workloads[0].policies[0].track.target", "not above 0"},
    {"tracking a latency", "{signal: cpu, target: 65%}", "{signal: latency, target: 300ms}", 24, 25, "workloads[0].policies[0].track.signal", "Write threshold: {out:"},
    {"tracking a total", "{signal: cpu, target: 65%}", "{signal: load, target: 300/s}", 24, 39, "workloads[0].policies[0].track.target", "write perInstance instead of target"},
    {"mark of a latency without a unit", "above: 500ms", "above: 500", 27, 48, "workloads[0].policies[2].threshold.out.any[0].above", "as in 500s or 500ms"},
    {"mark above everything", "above: 5%", "above: 105%", 27, 80, "workloads[0].policies[2].threshold.out.any[1].above", "above 100%"},
    {"mark above and below", "above: 5%", "above: 5%, below: 1%", 27, 84, "workloads[0].policies[2].threshold.out.any[1].below", "give exactly one of above or below"},
    {"marks that overlap", "below: 200ms", "below: 600ms", 28, 11, "workloads[0].policies[2].threshold.in", "Leave a gap"},
    {"samples as a time", "for: 5,", "for: 30s,", 28, 61, "workloads[0].policies[2].threshold.in.for", "that is 6"},
    {"add missing", ", add: 2", "", 27, 16, "workloads[0].policies[2].threshold.out.add", "it is required: instances, or percent"},
    {"add of nothing", "add: 2", "add: 0", 27, 91, "workloads[0].policies[2].threshold.out.add", "a number of instances such as 2"},
    {"any and all", "out: {any:", "out: {all: [{signal: cpu, above: 90%}], any:", 27, 17, "workloads[0].policies[2].threshold.out.all", "give exactly one of any or all"},
    {"threshold without rules", R"(      - threshold:
          out: {any: [{signal: latency, above: 500ms}, {signal: errors, above: 5%}], add: 2}
          in: {all: [{signal: latency, below: 200ms}], for: 5, remove: 1}
)", R"(      - threshold: {cooldown: 1m}
)", 26, 20, "workloads[0].policies[2].threshold", "at least one of out or in"},
    {"two policies of one name", "{signal: rps, perInstance: 120/s}", "{signal: cpu, target: 70%}", 25, 9, "workloads[0].policies[1]", "give one of them another name"},
    {"policy without a kind", "- track: {signal: cpu, target: 65%}", "- name: cpu", 24, 9, "workloads[0].policies[0]", "exactly one of track"},
    {"policy of no kind", "- track: {signal: cpu, target: 65%}", "- foresee: {signal: rps}", 24, 9, "workloads[0].policies[0].foresee", "Allowed: name, track"},
    {"behavior misspelt", "selectPolicy: Max", "selectPolicy: max", 30, 66, "workloads[0].behavior.scaleDown.selectPolicy", "did you mean 'Max'?"},
    {"behavior window with a unit", "stabilizationWindowSeconds: 300", "stabilizationWindowSeconds: 300s", 30, 47, "workloads[0].behavior.scaleDown.stabilizationWindowSeconds", "seconds, without a unit"},
    {"behavior window too long", "stabilizationWindowSeconds: 300", "stabilizationWindowSeconds: 3601", 30, 47, "workloads[0].behavior.scaleDown.stabilizationWindowSeconds", "from 0 to 3600"},
    {"behavior without policies", "selectPolicy: Max", "policies: []", 30, 62, "workloads[0].behavior.scaleDown.policies", "at least 1"},
    {"behavior period too long", "selectPolicy: Max", "policies: [{type: Pods, value: 1, periodSeconds: 1801}]", 30, 101, "workloads[0].behavior.scaleDown.policies[0].periodSeconds", "from 1 to 1800"},
    {"behavior as another word", R"(behavior:
      scaleDown: {stabilizationWindowSeconds: 300, selectPolicy: Max})", "behavior: off", 29, 15, "workloads[0].behavior", "expected none, or a mapping"},
    {"behavior none beside compatibility", R"(behavior:
      scaleDown: {stabilizationWindowSeconds: 300, selectPolicy: Max})", R"(behavior: none
    compatibility: hpa)", 29, 5, "workloads[0].behavior", "leave it out"},
    {"key given twice", "warmup: 45s", R"(warmup: 45s
    warmup: 30s)", 17, 5, "", "is given twice"},
    {"key without a value", "warmup: 45s", "warmup:", 16, 5, "workloads[0].warmup", "give it a value, or remove it"},
    {"merge key", "warmup: 45s", "<<: {warmup: 45s}", 16, 5, "", "write the keys out"},
    {"tag", "warmup: 45s", "warmup: !!str 45s", 16, 13, "", "write the value without it"},
    {"tab", "    warmup: 45s", "	warmup: 45s", 16, 1, "", "YAML allows spaces only"},
    {"braces without quotes", "\"--port={port}\"", "--port={port}", 9, 37, "", "must be quoted"},
    {"not closed", "capacity: 2}", "capacity: 2", 19, 10, "", "not valid YAML"},
    {"workloads as a mapping", R"(workloads:
  - name: shop)", R"(workloads:
    name: shop)", 6, 5, "workloads", "expected a list of workloads"},
    {"no policy at all", R"(      - track: {signal: cpu, target: 65%}
      - track: {signal: rps, perInstance: 120/s}
      - threshold:
          out: {any: [{signal: latency, above: 500ms}, {signal: errors, above: 5%}], add: 2}
          in: {all: [{signal: latency, below: 200ms}], for: 5, remove: 1}
)", R"(      []
)", 24, 7, "workloads[0].policies", "add one (track"},
    {"controller in two documents", R"(    cooldown: {out: 0s, in: 0s}
)", R"(---
controller: {interval: 10s}
)", 32, 13, "controller", "one document of a file has it"},
    {"the same name in two documents", R"(    cooldown: {out: 0s, in: 0s}
)", R"(---
workloads:
  - name: shop
    target: {process: {command: [a, "{port}"], ports: 9100-9109}}
    replicas: {min: 1, max: 1}
)", 33, 11, "workloads[1].name", "give this one another name"},
    {"the same ports in two workloads", R"(    cooldown: {out: 0s, in: 0s}
)", R"(  - name: other
    target: {process: {command: [a, "{port}"], ports: 9090-9109}}
    replicas: {min: 1, max: 1}
)", 32, 55, "workloads[1].target.process.ports", "ports of its own"},
    {"the same backend in two workloads", R"(    cooldown: {out: 0s, in: 0s}
)", R"(  - name: other
    target: {process: {command: [a, "{port}"], ports: 9100-9109}}
    loadBalancer: {haproxy: {socket: /run/haproxy.sock, backend: shop}}
    replicas: {min: 1, max: 1}
)", 33, 66, "workloads[1].loadBalancer.haproxy.backend", "a backend of its own"},
    // clang-format on
};

std::string text_of(const std::vector<ConfigProblem>& problems) {
  std::string text;
  for (const ConfigProblem& problem : problems) text += describe(problem) + "\n";
  return text;
}

TEST(WrongConfigs, TheConfigTheyComeFromIsRight) {
  const ConfigResult result = parse_config(kRight, "right.yaml");
  EXPECT_TRUE(result.config) << text_of(result.problems);
}

TEST(WrongConfigs, EachNamesThePlaceAndTheRemedy) {
  for (const WrongConfig& row : kWrongConfigs) {
    SCOPED_TRACE(row.what);
    std::string text = kRight;
    const size_t at = text.find(row.right);
    ASSERT_NE(at, std::string::npos);
    text.replace(at, std::string(row.right).size(), row.wrong);
    const ConfigResult result = parse_config(text, "wrong.yaml");
    EXPECT_FALSE(result.config);
    ASSERT_EQ(result.problems.size(), 1u) << text_of(result.problems);
    const ConfigProblem& problem = result.problems[0];
    EXPECT_EQ(problem.line, row.line) << describe(problem);
    EXPECT_EQ(problem.column, row.column) << describe(problem);
    EXPECT_EQ(problem.path, row.path);
    EXPECT_THAT(problem.message, HasSubstr(row.remedy));
  }
}

// The files are for the command line's test too: `# expect: <line>:<column> <phrase>`.
TEST(WrongConfigs, TheFilesSayThemselvesWhatIsExpected) {
  int files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(AUTOSCALER_SOURCE_DIR
                                                               "/tests/controller/config/wrong")) {
    SCOPED_TRACE(entry.path().filename());
    ++files;
    std::ifstream file(entry.path());
    std::string mark, expect, place, phrase;
    file >> mark >> expect >> place;
    std::getline(file >> std::ws, phrase);
    ASSERT_EQ(mark + expect, "#expect:");
    const ConfigResult result = load_config(entry.path().string());
    EXPECT_FALSE(result.config);
    EXPECT_THAT(text_of(result.problems), HasSubstr(":" + place + ": "));
    EXPECT_THAT(text_of(result.problems), HasSubstr(phrase));
  }
  EXPECT_GE(files, 25);
}

}  // namespace
}  // namespace autoscaler
