#include "controller/config/scalars.h"
#include "controller/config/sections.h"

namespace autoscaler {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

ScalarRule<std::string> journal_file() {
  ScalarRule<std::string> rule = path_text("the path of a file");
  const auto parse = rule.parse;
  rule.parse = [parse](const Node& node) -> Result<std::string> {
    auto path = parse(node);
    if (!path.ok()) return path;
    const bool memory = path->find(":memory:") != std::string::npos || path->starts_with("file:");
    if (memory || path->ends_with('/') || *path == "." || *path == "..") {
      return Error{Code::kInvalid, "it does not name a file, and the journal must outlive us"};
    }
    return path;
  };
  return rule;
}

Shape journal(ControllerSpec& to) {
  return either(scalar(to.journal, journal_file()), mapping([&to](Fields& fields) {
                  fields.optional("file", scalar(to.journal, journal_file()),
                                  "SQLite file; created if it is not there");
                  fields.optional(
                      "maxAge", scalar(to.journal_max_age, duration(minutes(1), hours(24 * 3650))),
                      "older records are removed");
                  fields.optional("maxSize",
                                  scalar(to.journal_max_bytes, bytes(1 << 20, int64_t{1} << 40)),
                                  "beyond this size the oldest records are removed");
                }));
}

Shape token_of(std::optional<Secret>& to) {
  return mapping([&to](Fields& fields) {
    auto file = std::make_shared<std::optional<std::string>>();
    fields.required("file", scalar(*file, path_text("the path of a file")),
                    "read anew for each order: a file that is replaced counts at once");
    fields.check_sound([&to, file](const Cursor&) { to = SecretFile{**file}; });
  });
}

}  // namespace

Shape controller_section(ControllerSpec& to) {
  return mapping([&to](Fields& fields) {
    fields.optional("interval", scalar(to.interval, duration(seconds(1), minutes(10))),
                    "time from one decision to the next");
    auto listen = std::make_shared<ListenAddress>(ListenAddress{to.listen_address, to.listen_port});
    fields.optional("listen", scalar(*listen, listen_address()),
                    "address of our own server: /metrics, /healthz, /readyz and the API");
    fields.optional("journal", journal(to),
                    "what was decided and why, and what must survive a restart");
    fields.optional("stateDirectory", scalar(to.state_directory, any_text("a directory")),
                    "a small file for each process that runs; empty: the journal's folder");
    fields.optional("api", mapping([&to](Fields& api) {
                      api.required("token", token_of(to.api_token),
                                   "who sends it may pause workloads and order sizes");
                    }),
                    "writes to /api/v1; without it there are none");
    fields.optional("kubernetes", kubernetes_section(to.kubernetes),
                    "how the API server is reached, for targets in Kubernetes");
    fields.check([&to, listen](const Cursor&) {
      to.listen_address = listen->address;
      to.listen_port = listen->port;
    });
  });
}

}  // namespace autoscaler
