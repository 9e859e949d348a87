#pragma once

#include "base/watched_file.h"
#include "controller/config/config.h"
#include "controller/config/config_diff.h"
#include "controller/config/config_status.h"

#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace autoscaler {

inline constexpr Duration kOfferedAgain = std::chrono::seconds(30);

// What load_config says of a `file` with this text.
ConfigResult load_config_text(std::string_view text, const std::string& file);

// A text that is kept, deflated: that of 2,000 workloads is half a megabyte, and says nearly the
// same of each.
class PackedText {
 public:
  explicit PackedText(std::string_view text);
  std::string unpacked() const;
  bool operator==(const PackedText&) const = default;

 private:
  std::string bytes_;
  size_t size_;
};

// The config file of a running program: what it says at the start, and whether it says anything
// else since. The link of a mounted ConfigMap that is swapped, a file that an editor puts in its
// place and one that is written to are all seen. Half a file, or one that is wrong, changes
// nothing.
class ConfigFile {
 public:
  // A config that is good, and another than the one that runs.
  struct Next {
    std::shared_ptr<const Config> config;
    NodePtr tree;
  };

  explicit ConfigFile(std::string path);

  // At the start: what is wrong with it, or nothing, and it is what runs. What is no regular file
  // (a pipe) is read once and not looked at again.
  std::vector<ConfigProblem> load(Instant now);
  const std::shared_ptr<const Config>& running() const { return running_; }
  // Made anew, for a change of the file or of a burst of objects: of thousands of workloads a tree
  // takes megabytes.
  NodePtr running_tree() const;

  // Between two ticks, cheap when nothing has changed. To be answered by taken_up or refused.
  // Keys that cannot change while the program runs are refused here: the address, the journal, the
  // state directory.
  std::optional<Next> look(Instant now);
  void taken_up(Instant now);
  // What stands in the way of running with it may go away: it is offered again after kOfferedAgain.
  void refused(std::vector<std::string> why, Instant now);

  const ConfigStatus& status() const { return status_; }

 private:
  using Text = std::shared_ptr<const PackedText>;

  void read(std::string_view text, Text packed, Instant now);
  void cannot(std::vector<std::string> why, Instant now);

  WatchedFile file_;
  bool is_watched_ = true;
  Text text_;  // as last seen; nullptr: it could not be read
  std::shared_ptr<const Config> running_;
  Text running_text_ = std::make_shared<const PackedText>("");
  std::optional<Next> next_;  // good, and not running
  Instant offer_;             // next_, from then on
  ConfigStatus status_;
};

}  // namespace autoscaler
