#pragma once

#include "controller/backtest/rehearsal.h"
#include "controller/backtest/service_model.h"
#include "controller/backtest/trace.h"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace autoscaler {

// What the commands that rehearse have in common: where the load comes from, and what the service
// is like. Errors are sentences for the user.

// Exactly one of load, journal, prometheus (with query) and synthetic is given.
inline constexpr Duration kMostLoad = std::chrono::days(52);  // a week to learn, 45 days to score
struct LoadOptions {
  std::string load;                      // CSV: timestamp,value in requests per second
  std::string journal;                   // the demand that a controller recorded
  std::string prometheus;                // http://prometheus:9090
  std::string query;                     // to it
  Duration span{std::chrono::days(14)};  // of what is asked of it, up to now
  std::string synthetic;      // synthetic.h; empty with neither of the others: its defaults
  Duration last = kMostLoad;  // of the load, whose end it is
  double scale = 1;
  bool discrete = false;               // requests one by one
  std::optional<std::string> service;  // YAML (service_model.h)
};
// `workload`: of the journal. What is left out of a longer load is said on the terminal.
Result<Trace> load_of(const LoadOptions& options, const std::string& workload);
Result<ServiceModel> model_of(const LoadOptions& options);

// The first week, half of a shorter load, is for learning.
Setting setting_of(const Trace& load, const ServiceModel& model, Duration promise);

// A share on a terminal: one line that is written over, and gone at 1.
std::function<void(double)> progress_of(const std::string& name);

Result<std::string> read_file(const std::string& path);
Status write_file(const std::string& path, const std::string& text);
std::string lines_of(const std::vector<ConfigProblem>& problems);

// Prints the text or the error, and says how to end.
int ended(const Result<std::string>& text);

}  // namespace autoscaler
