#include "controller/process/process_writer.h"

#include "base/descriptor.h"
#include "controller/crash_point.h"
#include "controller/process/command_template.h"
#include "controller/process/durable_file.h"
#include "controller/process/free_port.h"
#include "controller/process/held_child.h"
#include "controller/process/process_table.h"
#include "controller/process/system_error.h"

#include <sys/wait.h>

#include <algorithm>
#include <fcntl.h>
#include <filesystem>
#include <signal.h>
#include <unistd.h>

extern "C" {  // glibc 2.36 does not say so itself
#include <sys/pidfd.h>
}

namespace autoscaler {
namespace {

std::vector<std::string> own_environment() {
  std::vector<std::string> variables;
  for (char** variable = environ; *variable != nullptr; ++variable) variables.push_back(*variable);
  return variables;
}

// An instance id becomes a file name, twice.
bool usable_as_file_name(std::string_view instance) {
  return !instance.empty() && instance.size() <= 200 && instance[0] != '.' &&
         instance.find('/') == std::string_view::npos &&
         instance.find('\0') == std::string_view::npos;
}

Result<Descriptor> open_log(const ProcessTarget& target, const InstanceId& instance) {
  const std::string directory = target.log_directory.empty() ? "." : target.log_directory;
  const Status made = make_directories(directory);
  const std::string path = directory + "/" + instance + ".log";
  Descriptor log(made ? open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644) : -1);
  if (log.get() >= 0) return log;
  const Error why = made ? system_error("open " + path, errno) : made.error();
  return Error{why.code, "target.process.logDirectory '" + directory + "': " + why.message};
}

// Written before the command runs: from here on the instance is found again after any crash.
Status write_instance_file(const std::string& state, const InstanceFile& file) {
  return write_durably(instance_path(state, file.instance), instance_json(file));
}

Status remove_instance_file(const std::string& state, const InstanceId& instance) {
  return remove_durably(instance_path(state, instance));
}

Status send_signal(const Descriptor& pidfd, int signal) {
  if (pidfd_send_signal(pidfd.get(), signal, nullptr, 0) == 0 || errno == ESRCH) return Done{};
  return system_error("signal " + std::to_string(signal), errno);
}

Error in_workload(const WorkloadId& workload, const Error& error) {
  return {error.code, "workload " + workload + ": " + error.message};
}

}  // namespace

ProcessWriter::ProcessWriter(const Config& config, const std::string& state_directory)
    : state_(absolute_state(state_directory)) {
  for (const WorkloadConfig& workload : config.workloads) {
    if (const auto* target = workload.process()) targets_.emplace(workload.spec.name, *target);
  }
}

std::vector<ChangeResult> ProcessWriter::apply(std::span<const Change> changes, Instant now) {
  ports_.reset();
  marked_.reset();
  if (!changes.empty() && make_directories(instances_directory(state_))) {
    keep_spare_files(instances_directory(state_));
  }
  std::vector<ChangeResult> results;
  for (const Change& change : changes) {
    ChangeResult result{change};
    Status status = Done{};
    if (const auto* starting = std::get_if<Launch>(&change)) {
      status = launch(*starting, now);
    } else if (const auto* stopping = std::get_if<Terminate>(&change)) {
      status = terminate(*stopping, now);
    } else {
      CHECK(false);  // the rest is the balancer's
    }
    if (!status) result.error = in_workload(change_workload(change), status.error());
    results.push_back(std::move(result));
  }
  return results;
}

Result<uint16_t> ProcessWriter::choose_port(const WorkloadId& workload,
                                            const ProcessTarget& target) {
  if (!ports_) {
    const auto files = read_instance_files(state_);
    if (!files) return files.error();
    ports_.emplace();  // those of dead instances too: the balancer may still point there
    for (const InstanceFile& file : files->good) ports_->insert(file.port);
  }
  auto port = choose_free_port(target.host, target.first_port, target.last_port,
                               last_port_[workload], *ports_);
  if (!port) return port.error();
  last_port_[workload] = *port;
  ports_->insert(*port);
  return port;
}

Status ProcessWriter::launch(const Launch& change, Instant now) {
  const auto target = targets_.find(change.workload);
  if (target == targets_.end()) return Error{Code::kNotFound, "is not in the config"};
  if (!usable_as_file_name(change.instance)) {
    return Error{Code::kInvalid, "'" + change.instance + "' cannot name an instance"};
  }
  const auto known = read_instance_file(instance_path(state_, change.instance));
  if (known) return Done{};
  if (known.error().code != Code::kNotFound) return known.error();

  if (Status made = make_directories(instances_directory(state_)); !made) return made;
  const auto port = choose_port(change.workload, target->second);
  if (!port) return port.error();
  return start_command(target->second, {change.workload, change.instance, state_, *port}, now);
}

Status ProcessWriter::start_command(const ProcessTarget& target, const InstanceIdentity& identity,
                                    Instant now) {
  const auto log = open_log(target, identity.instance);
  if (!log) return log.error();
  auto child = HeldChild::fork_held({instance_command(target, identity),
                                     instance_environment(target, identity, own_environment()),
                                     target.working_directory, log->get()});
  if (!child) return child.error();
  const auto stat = read_process_stat(child->pid());
  if (!stat) return Error{Code::kUnavailable, "a new process died before its command ran"};

  InstanceFile file;
  file.workload = identity.workload;
  file.instance = identity.instance;
  file.pid = child->pid();
  file.start_ticks = stat->start_ticks;
  file.port = identity.port;
  file.command_hash = command_hash(target);
  file.launched = now;
  Status status = write_instance_file(state_, file);
  crash_point("launch", "written");
  if (status) status = child->release();
  crash_point("launch", "released");
  // A command that is still loading is one we have; any other failure leaves no process behind.
  if (status || status.error().code == Code::kTimeout) return status;
  if (const Status removed = remove_instance_file(state_, file.instance); !removed) {
    return Error{status.error().code, status.error().message + "; " + removed.error().message};
  }
  return status;
}

Status ProcessWriter::terminate(const Terminate& change, Instant now) {
  if (!usable_as_file_name(change.instance)) return Done{};
  auto file = read_instance_file(instance_path(state_, change.instance));
  if (!file && file.error().code == Code::kNotFound) {
    asked_.erase(change.instance);
    return Done{};
  }
  if (!file) return file.error();
  const auto ownership = examine(*file, state_);
  if (!ownership) return ownership.error();
  if (ownership->state == Ownership::State::kUnproven) {
    return Error{Code::kConflict, "pid " + std::to_string(file->pid) +
                                      " cannot be proven to be instance " + change.instance + " (" +
                                      *ownership->exit +
                                      ") and is never signalled: stop it by hand"};
  }
  if (ownership->state != Ownership::State::kRunning) return bury(*file);

  const auto remembered = asked_.find(change.instance);
  if (!file->asked_to_stop && remembered != asked_.end()) file->asked_to_stop = remembered->second;
  if (!file->asked_to_stop) return ask_to_stop(*file, now);
  if (*file->asked_to_stop > now) {  // the clock was set back over a restart: count from now
    file->asked_to_stop = now;
    return write_instance_file(state_, *file);
  }
  const auto target = targets_.find(change.workload);
  const Duration grace = target == targets_.end() ? Duration(0) : target->second.stop_grace;
  if (now - *file->asked_to_stop >= grace) return stop_by_force(*file);
  return Done{};
}

Status ProcessWriter::ask_to_stop(InstanceFile& file, Instant now) {
  const auto sent = signal_command(file, SIGTERM);
  if (!sent) return sent.error();
  if (!*sent) return Done{};  // it ended by itself: the next tick buries it
  crash_point("terminate", "signalled");
  asked_[file.instance] = now;
  file.asked_to_stop = now;
  return write_instance_file(state_, file);
}

// Whether all of them died is for the next tick to see.
Status ProcessWriter::stop_by_force(const InstanceFile& file) {
  if (const auto sent = signal_command(file, SIGKILL); !sent) return sent.error();
  if (const auto killed = kill_marked(file.instance); !killed) return killed.error();
  return Done{};
}

// False: there is no process of ours to signal any more.
Result<bool> ProcessWriter::signal_command(const InstanceFile& file, int signal) {
  const Descriptor pidfd(pidfd_open(file.pid, 0));
  if (pidfd.get() < 0 && errno == ESRCH) return false;
  if (pidfd.get() < 0) return system_error("open pid " + std::to_string(file.pid), errno);
  const auto ownership = examine(file, state_);
  if (!ownership) return ownership.error();
  if (ownership->state != Ownership::State::kRunning) return false;
  if (const Status sent = send_signal(pidfd, signal); !sent) return sent.error();
  return true;
}

// The command has exited. Its zombie, if it is our child, kept the pid and the exit status until
// now; it is taken last, so that a pid in a file is never free while the file is there.
Status ProcessWriter::bury(const InstanceFile& file) {
  const auto left_behind = kill_marked(file.instance);
  if (!left_behind) return left_behind.error();
  if (*left_behind > 0) return Done{};  // the next tick looks again
  if (Status removed = remove_instance_file(state_, file.instance); !removed) return removed;
  const auto stat = read_process_stat(file.pid);
  if (stat && stat->start_ticks == file.start_ticks) waitpid(file.pid, nullptr, WNOHANG);
  asked_.erase(file.instance);
  return Done{};
}

// SIGKILL to every process with the markers of this instance; how many there were.
Result<size_t> ProcessWriter::kill_marked(const InstanceId& instance) {
  if (!marked_) marked_ = find_marked_processes(state_);
  size_t found = 0;
  for (const MarkedProcess& process : *marked_) {
    if (process.instance != instance) continue;
    const Descriptor pidfd(pidfd_open(process.pid, 0));
    const auto stat = read_process_stat(process.pid);
    if (pidfd.get() < 0 || !stat || stat->start_ticks != process.start_ticks) continue;
    ++found;
    if (const Status sent = send_signal(pidfd, SIGKILL); !sent) return sent.error();
  }
  return found;
}

}  // namespace autoscaler
