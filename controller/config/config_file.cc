#include "controller/config/config_file.h"

#include "base/check.h"
#include "base/deflate.h"
#include "controller/config/yaml.h"

#include <algorithm>

namespace autoscaler {
namespace {

std::vector<std::string> texts(const std::vector<ConfigProblem>& problems) {
  std::vector<std::string> all;
  for (const ConfigProblem& problem : problems) all.push_back(describe(problem));
  return all;
}

Position place_of(const Node& tree, const char* key) {
  const Entry* controller = tree.find("controller");
  if (controller == nullptr) return {1, 1};
  const Entry* found = controller->value->find(key);
  return found ? found->mark : controller->mark;
}

// "the lease scaling/autoscaler in 3 shards".
std::string leases_of(const ControllerSpec& controller) {
  const std::optional<LeaseSpec>& lease = controller.kubernetes.lease;
  if (!lease) return "no lease";
  const std::string place = lease->name_space.empty() ? "" : lease->name_space + "/";
  return "the lease " + place + lease->name + " in " + std::to_string(lease->shards) + " shards";
}

// What is opened at the start, and stays open.
std::vector<ConfigProblem> fixed_keys(const ControllerSpec& running, const ControllerSpec& next,
                                      const Node& tree, const std::string& file) {
  Problems problems(file);
  const auto fixed = [&](const char* key, bool is_same, const std::string& was) {
    if (is_same) return;
    problems.add(place_of(tree, key), std::string("controller.") + key,
                 "cannot change while the program runs, which has " + was +
                     ": write that again, or restart the program");
  };
  fixed("listen",
        running.listen_address == next.listen_address && running.listen_port == next.listen_port,
        running.listen_address + ":" + std::to_string(running.listen_port));
  fixed("journal",
        running.journal == next.journal && running.journal_max_age == next.journal_max_age &&
            running.journal_max_bytes == next.journal_max_bytes,
        running.journal + " with its limits");
  fixed("stateDirectory", running.state_directory == next.state_directory,
        running.state_directory.empty() ? "none" : running.state_directory);
  // Replicas take a config up each at its own time: meanwhile two leases would count.
  fixed("kubernetes.lease", leases_of(running) == leases_of(next), leases_of(running));
  return problems.take();
}

}  // namespace

PackedText::PackedText(std::string_view text) : bytes_(deflated(text)), size_(text.size()) {}

std::string PackedText::unpacked() const {
  std::optional<std::string> text = inflated(bytes_, size_);
  CHECK(text);
  return *std::move(text);
}

ConfigFile::ConfigFile(std::string path) : file_(std::move(path), kMaxConfigBytes) {
  status_.file = file_.path();
}

std::vector<ConfigProblem> ConfigFile::load(Instant now) {
  const auto text = file_.changed();
  is_watched_ = text.ok();
  ConfigResult result =
      is_watched_ ? load_config_text(**text, file_.path()) : load_config(file_.path());
  if (!result.config) return std::move(result.problems);
  if (is_watched_) running_text_ = text_ = std::make_shared<const PackedText>(**text);
  running_ = std::make_shared<const Config>(*std::move(result.config));
  status_.taken_up = status_.read = now;
  return {};
}

NodePtr ConfigFile::running_tree() const {
  return config_tree(running_text_->unpacked());
}

std::optional<ConfigFile::Next> ConfigFile::look(Instant now) {
  if (!is_watched_) return std::nullopt;
  Result<std::optional<std::string>> text = file_.changed();
  if (!text) {
    text_.reset();
    cannot({text.error().message + ": what ran before goes on"}, now);
  } else if (*text) {
    auto packed = std::make_shared<const PackedText>(**text);
    if (!text_ || *packed != *text_) read(**text, std::move(packed), now);
  }
  if (!next_ || now < offer_) return std::nullopt;
  return Next{next_->config, next_->tree};
}

void ConfigFile::read(std::string_view text, Text packed, Instant now) {
  text_ = std::move(packed);
  status_.read = now;
  status_.problems.clear();
  next_.reset();
  ConfigResult result = load_config_text(text, file_.path());
  if (!result.config) return cannot(texts(result.problems), now);
  NodePtr tree = config_tree(text);
  if (compare_configs(*running_tree(), *tree).changes.empty()) return;  // comments, or as before
  const std::vector<ConfigProblem> refused =
      fixed_keys(running_->controller, result.config->controller, *tree, file_.path());
  if (!refused.empty()) return cannot(texts(refused), now);
  next_ = Next{std::make_shared<const Config>(std::move(*result.config)), std::move(tree)};
  offer_ = now;
}

void ConfigFile::cannot(std::vector<std::string> why, Instant now) {
  next_.reset();
  if (why == status_.problems) return;
  status_.problems = std::move(why);
  status_.read = now;
}

void ConfigFile::taken_up(Instant now) {
  running_ = std::move(next_->config);
  running_text_ = text_;  // in which it was read
  next_.reset();
  status_.problems.clear();
  status_.taken_up = now;
}

void ConfigFile::refused(std::vector<std::string> why, Instant now) {
  if (why != status_.problems) status_.read = now;
  status_.problems = std::move(why);
  offer_ = now + kOfferedAgain;
}

}  // namespace autoscaler
