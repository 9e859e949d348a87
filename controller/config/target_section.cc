#include "controller/config/nearest.h"
#include "controller/config/scalars.h"
#include "controller/config/sections.h"

#include <algorithm>
#include <cctype>

namespace autoscaler {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;

constexpr Grammar kEnvironmentName = {"the name of an environment variable (letters, digits and _)",
                                      "^[A-Za-z_][A-Za-z0-9_]*$"};
constexpr Grammar kHttpPath = {"a path that starts with /", "^/[!-~]*$"};

// {prot} instead of {port} would reach the command as it is. Other braces are left alone: an
// argument may well be JSON.
void check_placeholders(const Cursor& cursor, const std::string& text) {
  static const std::vector<std::string> kNames = {"port", "instance", "workload"};
  for (size_t open = text.find('{'); open != std::string::npos; open = text.find('{', open + 1)) {
    const size_t close = text.find('}', open);
    if (close == std::string::npos) return;
    const std::string name = text.substr(open + 1, close - open - 1);
    const bool letters =
        std::all_of(name.begin(), name.end(), [](unsigned char c) { return std::isalpha(c) != 0; });
    const bool known = std::find(kNames.begin(), kNames.end(), name) != kNames.end();
    if (!letters || known || nearest(name, kNames).empty()) continue;
    cursor.problem("found the placeholder {" + name + "}" + ": " + did_you_mean(name, kNames) +
                   " Placeholders are {port}, {instance} and {workload}");
  }
}

// A text that may hold placeholders.
Shape template_text(std::string& to, const char* what) {
  Shape shape = scalar(to, any_text(what));
  const auto read = shape.read;
  shape.read = [&to, read](const Cursor& cursor) {
    read(cursor);
    check_placeholders(cursor, to);
  };
  return shape;
}

bool mentions_port(const ProcessTarget& target) {
  const auto has = [](const std::string& text) { return text.find("{port}") != std::string::npos; };
  return std::any_of(target.command.begin(), target.command.end(), has) ||
         std::any_of(target.environment.begin(), target.environment.end(),
                     [&](const auto& entry) { return has(entry.second); });
}

Shape health(ProcessTarget& to) {
  return mapping([&to](Fields& fields) {
    fields.optional("path", scalar(to.health_path, name(kHttpPath)),
                    "an instance is healthy when GET answers 200 here");
    fields.optional("timeout", scalar(to.health_timeout, duration(milliseconds(10), minutes(1))),
                    "time within which the health check must answer");
  });
}

Shape metrics(ProcessTarget& to) {
  return mapping([&to](Fields& fields) {
    auto scheme = std::make_shared<size_t>(0);
    fields.optional("scheme", scalar(*scheme, word({"http", "https"})),
                    "https: as sources.scrape.tls says");
    fields.optional("portOffset", scalar(to.metrics_port_offset, integer(0, 65535)),
                    "the page is on the instance's port and so many on");
    fields.check([&to, scheme](const Cursor&) { to.metrics_over_tls = *scheme == 1; });
    fields.optional("path", scalar(to.metrics_path, name(kHttpPath)),
                    "page in the Prometheus text format that `source: scrape` reads");
  });
}

void describe_process(ProcessTarget& to, Fields& fields) {
  fields.required("command",
                  list_of(1,
                          [&to] {
                            to.command.emplace_back();
                            return template_text(to.command.back(), "an argument");
                          }),
                  "program and arguments, one a line; {port}, {instance} and {workload} are "
                  "replaced");
  fields.optional("env",
                  map_of(kEnvironmentName,
                         [&to](const std::string& key) {
                           return template_text(to.environment[key], "a text");
                         }),
                  "environment variables, with the same placeholders");
  auto ports = std::make_shared<PortRange>();
  fields.required("ports", scalar(*ports, port_range()),
                  "ports given to instances, such as 9000-9099: twice replicas.max");
  fields.optional("host", scalar(to.host, instance_host()),
                  "IP address of this host at which instances are reached");
  fields.optional("workingDirectory", scalar(to.working_directory, any_text("a directory")),
                  "directory in which instances start; empty: the controller's");
  fields.optional("logDirectory", scalar(to.log_directory, path_text("a directory")),
                  "directory of <instance>.log with stdout and stderr");
  fields.optional("health", health(to), "the health check");
  fields.optional("metrics", metrics(to), "the metrics page");
  fields.optional("stopGrace", scalar(to.stop_grace, duration(milliseconds(0), hours(1))),
                  "time from SIGTERM to SIGKILL");
  fields.check([&to, ports](const Cursor& cursor) {
    to.first_port = ports->first;
    to.last_port = ports->last;
    if (to.last_port + to.metrics_port_offset > 65535) {
      cursor.child("metrics")
          .near("portOffset")
          .problem("found " + std::to_string(to.metrics_port_offset) +
                   ", which is past 65535 for port " + std::to_string(to.last_port));
    }
    if (!to.command.empty() && to.command.front().empty()) {
      cursor.problem_at_key("command", "the program's name is empty");
    }
    if (cursor.has("command") && !to.command.empty() && !mentions_port(to)) {
      cursor.problem_at_key(
          "command",
          "{port} is in no argument and in no env value, so that every "
          "instance would listen on the same port: add --port={port} or the like");
    }
  });
}

}  // namespace

Shape target_section(WorkloadTarget& to) {
  return mapping([&to](Fields& fields) {
    auto process = std::make_shared<ProcessTarget>();
    auto kubernetes = std::make_shared<KubernetesTarget>();
    fields.optional("process",
                    mapping([process](Fields& keys) { describe_process(*process, keys); }),
                    "instances of a command on this host");
    fields.optional("kubernetes", mapping([kubernetes](Fields& keys) {
                      describe_kubernetes(*kubernetes, nullptr, keys);
                    }),
                    "the pods of a Deployment, or of anything else with a scale subresource");
    fields.exactly_one({"process", "kubernetes"});
    fields.check([&to, process, kubernetes](const Cursor& cursor) {
      if (cursor.has("kubernetes"))
        to = std::move(*kubernetes);
      else
        to = std::move(*process);
    });
  });
}

}  // namespace autoscaler
