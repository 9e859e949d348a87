#include "controller/commands.h"
#include "controller/journal/journal.h"
#include "controller/snapshot/snapshot.h"

#include <nlohmann/json.hpp>

#include <cstdio>

namespace autoscaler {
namespace {

using nlohmann::json;

int complain(const Error& error) {
  std::fprintf(stderr, "%s\n", error.message.c_str());
  return error.code == Code::kInvalid ? kExitInvalid : kExitFailed;
}

Instant from_of(const JournalOptions& options) {
  return options.from.value_or(Instant::min());
}
Instant to_of(const JournalOptions& options) {
  return options.to.value_or(Instant::max());
}

std::string number_or_dash(const std::optional<double>& value) {
  if (!value) return "-";
  char text[32];
  std::snprintf(text, sizeof text, "%.4g", *value);
  return text;
}

// Opens the journal, runs `read` on it, and turns what went wrong into an exit code.
template <typename Read>
int with_journal(const std::string& file, Read read) {
  Result<std::unique_ptr<Journal>> journal = Journal::open_read_only(file);
  if (!journal) return complain(journal.error());
  const Status status = read(**journal);
  return status ? kExitDone : complain(status.error());
}

}  // namespace

int journal_decisions_command(const JournalOptions& options) {
  return with_journal(options.file, [&](Journal& journal) {
    auto show = [&](const StoredRecord& record) {
      const json document = json::parse(record.document, nullptr, false);
      if (document.is_discarded() || !document.contains("decision")) return true;
      const json& decision = document["decision"];
      if (options.json) {
        json line = decision;
        line["at"] = format_instant(record.at);
        line["workload"] = record.workload;
        line["outcome"] = document.value("outcome", "");
        std::puts(line.dump().c_str());
      } else {
        std::printf("%s  %-20s %4d -> %-4d %-16s %s\n", format_instant(record.at).c_str(),
                    record.workload.c_str(), decision.value("from", 0), decision.value("to", 0),
                    decision.value("reason", "").c_str(), document.value("outcome", "").c_str());
      }
      return true;
    };
    return journal.records(options.workload, from_of(options), to_of(options), show);
  });
}

int journal_changes_command(const JournalOptions& options) {
  return with_journal(options.file, [&](Journal& journal) {
    auto show = [&](const StoredIntent& stored) {
      const IntentRow& row = stored.intent;
      if (options.json) {
        const json line = {{"at", format_instant(stored.at)},
                           {"workload", row.workload},
                           {"instance", row.instance},
                           {"change", row.change}};
        std::puts(line.dump().c_str());
      } else {
        std::printf("%s  %-20s %-10s %s\n", format_instant(stored.at).c_str(), row.workload.c_str(),
                    row.change.c_str(), row.instance.c_str());
      }
      return true;
    };
    return journal.intents(options.workload, from_of(options), to_of(options), show);
  });
}

int journal_demand_command(const JournalOptions& options) {
  return with_journal(options.file, [&](Journal& journal) {
    auto show = [&](const DemandRow& row) {
      if (options.json) {
        json line = {{"minute", format_instant(row.minute)},
                     {"workload", row.workload},
                     {"instances", row.instances}};
        auto put = [&line](const char* name, const std::optional<double>& value) {
          line[name] = value ? json(*value) : json();
        };
        put("rps", row.requests_per_second);
        put("p95Seconds", row.p95_seconds);
        put("errorRatio", row.error_ratio);
        put("cpu", row.cpu);
        std::puts(line.dump().c_str());
      } else {
        std::printf("%s  %-20s rps %-8s p95 %-8s errors %-8s cpu %-8s instances %d\n",
                    format_instant(row.minute).c_str(), row.workload.c_str(),
                    number_or_dash(row.requests_per_second).c_str(),
                    number_or_dash(row.p95_seconds).c_str(),
                    number_or_dash(row.error_ratio).c_str(), number_or_dash(row.cpu).c_str(),
                    row.instances);
      }
      return true;
    };
    return journal.demand(options.workload, from_of(options), to_of(options), show);
  });
}

int journal_export_command(const JournalOptions& options) {
  return with_journal(options.file, [&](Journal& journal) {
    auto show = [](const StoredRecord& record) {
      std::puts(record.document.c_str());
      return true;
    };
    return journal.records(options.workload, from_of(options), to_of(options), show);
  });
}

int journal_verify_command(const JournalOptions& options) {
  return with_journal(options.file, [&](Journal& journal) {
    Status status = journal.verify();
    if (status) std::printf("%s: good\n", options.file.c_str());
    return status;
  });
}

}  // namespace autoscaler
