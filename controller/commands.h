#pragma once

#include "base/result.h"
#include "policies/time.h"

#include <optional>
#include <string>
#include <vector>

namespace autoscaler {

// What the program says when it ends.
enum ExitCode : int {
  kExitDone = 0,
  kExitFailed = 1,   // the environment: a port in use, a server that does not answer
  kExitInvalid = 2,  // the command line, the config or a document
  kExitDiffers = 3,  // replay: a decision came out otherwise
};

// Each command prints its answer on standard output and its complaints on standard error, and
// returns the exit code. `json` is `--output json`.

struct CheckOptions {
  std::string config;
  std::optional<Instant> now;  // of the schedules' next openings; the clock's if not given
  bool strict = false;         // warnings are mistakes
  bool json = false;
};
int check_command(const CheckOptions& options);

// `file` "-" is standard input.
int decide_command(const std::string& file, bool json);

struct ReplayOptions {
  std::string journal;
  std::optional<std::string> config;  // another config than the one recorded
  std::optional<std::string> workload;
  bool json = false;
};
int replay_command(const ReplayOptions& options);

struct JournalOptions {
  std::string file;
  std::optional<std::string> workload;
  std::optional<Instant> from;
  std::optional<Instant> to;
  bool json = false;
};
int journal_decisions_command(const JournalOptions& options);
int journal_changes_command(const JournalOptions& options);
int journal_demand_command(const JournalOptions& options);
int journal_export_command(const JournalOptions& options);  // one JSON document a line
int journal_verify_command(const JournalOptions& options);

struct ExplainOptions {
  std::string workload;
  std::string url;
  bool json = false;
};
int explain_command(const ExplainOptions& options);

// An order to a running controller: see controller/web/orders.h.
struct OrderOptions {
  std::string verb;  // "pause", "size" or "resume"
  std::string workload;
  std::optional<std::string> direction;  // of a pause
  std::optional<int> replicas;           // of a size
  std::optional<std::string> span;       // for so long
  std::optional<Instant> until;
  std::string url = "http://127.0.0.1:8080";
  std::string token_file;
};
int order_command(const OrderOptions& options);

struct ImportOptions {
  std::vector<std::string> files;  // "-" is standard input
  bool from_cluster = false;
  std::string name_space;  // of the cluster; empty: all
  std::string kubeconfig;  // and context: AccessChoice (controller/kubernetes/kubeconfig.h)
  std::string context;
  std::string output = "config";  // or "scalingpolicies"
};
int import_command(const ImportOptions& options);

// A file's text, or with "-" that of standard input. kNotFound: it cannot be read.
Result<std::string> read_all(const std::string& file);

int schema_command(bool crd);
int health_command(const std::string& url);

}  // namespace autoscaler
