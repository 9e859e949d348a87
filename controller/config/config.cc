#include "controller/config/config.h"

#include "controller/config/config_file.h"
#include "controller/config/lint_rules.h"
#include "controller/config/policy_manifest.h"
#include "controller/config/scalars.h"
#include "controller/config/sections.h"
#include "controller/config/yaml.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <memory>

namespace autoscaler {
namespace {

// The top level of one document. Workloads wait until `controller` and `sources` were found, in
// whichever document they stand: they depend on the intervals and name the servers.
struct Root {
  ControllerSpec& controller;
  std::optional<Position>& controller_mark;
  SourcesDraft& sources;
  std::optional<Position>& sources_mark;
  std::vector<Cursor>& workloads;
};

// A section that one document of a file may have.
Shape once(std::optional<Position>& mark, const Shape& section) {
  return Shape{[&mark, section](const Cursor& cursor) {
                 if (mark) {
                   cursor.problem("given in an earlier document already, on line " +
                                  std::to_string(mark->line) + ": one document of a file has it");
                   return;
                 }
                 mark = cursor.mark();
                 section.read(cursor);
               },
               section.schema};
}

// Paths count on from document to document.
Shape workloads_later(Root& root) {
  const auto scratch = std::make_shared<WorkloadConfig>();
  Shape list = list_of(0, [scratch] {
    *scratch = WorkloadConfig{};
    return workload_section(*scratch, ReadContext{});
  });
  return Shape{[&root](const Cursor& cursor) {
                 if (cursor.node().kind != Node::Kind::kList) {
                   cursor.problem("found " + describe_node(cursor.node()) +
                                  ", expected a list of workloads");
                   return;
                 }
                 for (size_t i = 0; i < cursor.node().items.size(); ++i) {
                   const std::string path =
                       "workloads[" + std::to_string(root.workloads.size()) + "]";
                   root.workloads.push_back(cursor.item(i).renamed(path));
                 }
               },
               list.schema};
}

Shape root_section(Root& root) {
  return mapping([&root](Fields& fields) {
    fields.optional("controller", once(root.controller_mark, controller_section(root.controller)),
                    "the program itself");
    fields.optional("sources", once(root.sources_mark, sources_section(root.sources)),
                    "where signals come from");
    fields.optional("workloads", workloads_later(root), "the services to size");
  });
}

// What a config is linted with; nullptr: it is only read.
struct Lint {
  Instant now;
  const std::map<WorkloadId, Measurements>& measured;
  Problems& warnings;
};

void lint(const Lint& with, const std::vector<PlacedWorkload>& workloads) {
  for (const PlacedWorkload& placed : workloads) {
    const Cursor place = placed.place.reporting_to(with.warnings);
    const auto found = with.measured.find(placed.workload.spec.name);
    const Linted linted{placed.workload, place,
                        found == with.measured.end() ? Measurements{} : found->second, with.now};
    lint_signals(linted);
    lint_policies(linted);
    lint_guards(linted);
    lint_schedules(linted);
    lint_predictions(linted);
  }
}

// `policies`: documents that are ScalingPolicies.
void read_workloads(const std::vector<Cursor>& cursors, const std::vector<Cursor>& policies,
                    Problems& problems, const Lint* with, Config& to) {
  const ControllerSpec& controller = to.controller;
  const ReadContext context{controller.interval, to.scrape.interval, false, to.prometheus};
  std::vector<PlacedWorkload> placed;
  placed.reserve(cursors.size() + policies.size());
  for (const Cursor& document : policies) {
    placed.push_back(PlacedWorkload{WorkloadConfig{}, document});
    read_policy_manifest(document, to, placed.back());
  }
  for (const Cursor& cursor : cursors) {
    placed.push_back(PlacedWorkload{WorkloadConfig{}, cursor});
    workload_section(placed.back().workload, context).read(cursor);
  }
  if (placed.empty() && problems.empty() && !controller.kubernetes.policies) {
    problems.add(Position{1, 1}, "workloads", "no workload in the file: give at least one");
  }
  check_together(controller, placed);
  if (with != nullptr && problems.empty()) {
    lint(*with, placed);
    lint_requests(controller, placed, with->warnings);
  }
  for (PlacedWorkload& one : placed) to.workloads.push_back(std::move(one.workload));
  std::stable_sort(to.workloads.begin(), to.workloads.end(),
                   [](const auto& a, const auto& b) { return a.spec.name < b.spec.name; });
}

// Relative paths are from the config's own folder: the same files are meant wherever the program is
// started.
void resolve_paths(const std::filesystem::path& folder, Config& config) {
  const auto resolve = [&folder](std::string& path) {
    if (!path.empty() && !folder.empty()) path = (folder / path).lexically_normal().string();
  };
  resolve(config.controller.journal);
  resolve(config.controller.state_directory);
  resolve(config.controller.kubernetes.kubeconfig);
  if (config.controller.api_token) {
    resolve(std::get<SecretFile>(*config.controller.api_token).path);
  }
  for (WorkloadConfig& workload : config.workloads) {
    auto* process = std::get_if<ProcessTarget>(&workload.target);
    if (process == nullptr) continue;
    resolve(process->log_directory);
    std::string& directory = process->working_directory;
    resolve(directory);
    // A name without a slash is looked for in PATH; with a working directory it is relative to
    // that.
    std::vector<std::string>& command = process->command;
    if (directory.empty() && !command.empty() && command[0].find('/') != std::string::npos) {
      resolve(command[0]);
    }
  }
}

}  // namespace

std::string describe(const ConfigProblem& problem) {
  std::string text = problem.file;
  if (problem.line > 0) {
    text += ":" + std::to_string(problem.line) + ":" + std::to_string(problem.column);
  }
  text += ": ";
  if (!problem.path.empty()) text += problem.path + ": ";
  return text + problem.message;
}

namespace {

ConfigResult read_config(std::string_view text, const std::string& file_name, const Lint* with) {
  Problems problems(file_name);
  const std::vector<NodePtr> documents = read_yaml(text, problems);
  Config config;
  SourcesDraft sources;
  std::optional<Position> controller_mark, sources_mark;
  std::vector<Cursor> workloads;
  Root root{config.controller, controller_mark, sources, sources_mark, workloads};
  std::vector<Cursor> policies;
  for (const NodePtr& document : documents) {
    if (document->kind == Node::Kind::kNull) continue;  // nothing between two ---
    const Cursor place(document, "", document->mark, problems);
    if (with != nullptr && is_policy_manifest(*document))
      policies.push_back(place);
    else
      root_section(root).read(place);
  }
  config.prometheus = std::move(sources.prometheus);
  std::ranges::sort(config.prometheus, {}, &PrometheusServer::name);
  config.scrape = finish_scrape(sources.scrape, config.controller);
  config.json = sources.json;
  read_workloads(workloads, policies, problems, with, config);
  ConfigResult result;
  if (problems.empty()) result.config = std::move(config);
  result.problems = problems.take();
  return result;
}

ConfigResult from_folder(ConfigResult result, const std::string& file) {
  if (result.config) resolve_paths(std::filesystem::path(file).parent_path(), *result.config);
  return result;
}

template <typename Read>
ConfigResult read_file(const std::string& file, Read read) {
  const auto failed = [&file](std::string message) {
    return ConfigResult{std::nullopt, {ConfigProblem{file, 0, 0, "", std::move(message)}}, {}};
  };
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> stream(std::fopen(file.c_str(), "rb"),
                                                               &std::fclose);
  if (!stream) return failed(std::string("cannot be opened: ") + std::strerror(errno));
  std::string text(kMaxConfigBytes + 1, '\0');
  text.resize(std::fread(text.data(), 1, text.size(), stream.get()));
  if (std::ferror(stream.get()) != 0) {
    return failed(std::string("cannot be read: ") + std::strerror(errno));
  }
  return from_folder(read(text), file);
}

}  // namespace

ConfigResult parse_config(std::string_view text, const std::string& file_name) {
  return read_config(text, file_name, nullptr);
}

ConfigResult load_config(const std::string& file) {
  return read_file(file, [&](const std::string& text) { return parse_config(text, file); });
}

ConfigResult load_config_text(std::string_view text, const std::string& file) {
  return from_folder(parse_config(text, file), file);
}

ConfigResult lint_text(std::string_view text, const std::string& file_name, Instant now,
                       const std::map<WorkloadId, Measurements>& measured) {
  Problems warnings(file_name);
  const Lint with{now, measured, warnings};
  ConfigResult result = read_config(text, file_name, &with);
  result.warnings = warnings.take();
  return result;
}

ConfigResult lint_config(const std::string& file, Instant now,
                         const std::map<WorkloadId, Measurements>& measured) {
  return read_file(file,
                   [&](const std::string& text) { return lint_text(text, file, now, measured); });
}

WorkloadResult parse_workload(std::string_view text, const std::string& file_name) {
  Problems problems(file_name);
  const std::vector<NodePtr> documents = read_yaml(text, problems);
  WorkloadConfig workload;
  if (documents.size() != 1) {
    if (problems.empty()) {
      problems.add(Position{1, 1}, "",
                   "found " + std::to_string(documents.size()) +
                       " documents, expected one with one workload");
    }
  } else {
    const ReadContext context{ControllerSpec{}.interval, ScrapeSpec{}.interval, true};
    workload_section(workload, context)
        .read(Cursor(documents.front(), "", documents.front()->mark, problems));
  }
  WorkloadResult result;
  if (problems.empty()) result.workload = std::move(workload);
  result.problems = problems.take();
  return result;
}

std::string config_schema() {
  ControllerSpec controller;
  SourcesDraft sources;
  std::optional<Position> controller_mark, sources_mark;
  std::vector<Cursor> workloads;
  Root root{controller, controller_mark, sources, sources_mark, workloads};
  const auto body = nlohmann::ordered_json::parse(root_section(root).schema());
  nlohmann::ordered_json schema = {{"$schema", "http://json-schema.org/draft-07/schema#"},
                                   {"title", "autoscaler configuration"}};
  for (const auto& [key, value] : body.items()) schema[key] = value;
  return schema.dump(2) + "\n";
}

}  // namespace autoscaler
