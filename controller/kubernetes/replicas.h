#pragma once

#include "controller/config/config.h"
#include "controller/kubernetes/api_client.h"
#include "controller/kubernetes/lease.h"

#include <chrono>
#include <functional>
#include <map>
#include <mutex>
#include <stop_token>
#include <string>
#include <vector>

namespace autoscaler {

// The replicas that divide several shards among themselves. Who they are is in one more Lease,
// NAME-replicas, which nobody holds: each has an annotation there that it writes anew every
// `renew`. The answer to that write shows all of them, so that nothing else is asked.
//
//   2 durations  so long one counts whose annotation does not change; and a shard is handed over
//                when its replicas have been the same for so long
//
// Nothing that must be right rests on it: a wrong idea of who is there costs a wait.
class Replicas {
 public:
  using Nanoseconds = std::chrono::nanoseconds;

  // As for Lease; `identity` is ours.
  Replicas(ApiClient& client, const LeaseSpec& spec, std::string identity,
           std::function<Nanoseconds()> elapsed, std::function<Instant()> wall);

  // Says that we are there and takes in who else is. Returns how long to wait before the next time.
  Nanoseconds announce(const std::stop_token& stop);
  // Of any thread: why the last announcement could not be written.
  std::optional<Error> error() const;
  // We are there no longer. No announcement may follow.
  void withdraw();

  // Of any thread. Before the first announcement we are nobody's heir. `led_since`: by `elapsed`,
  // where we lead. Who died then is there still for a while, and gets nothing: a shard goes to one
  // who was heard of since, and of whom it was not the last word.
  Lease::Preference preference(size_t shard, const std::string& holder,
                               Nanoseconds led_since) const;
  // Who should have the shard where `without` has not; empty: nobody is there.
  std::string heir_of(size_t shard, const std::string& without) const;

 private:
  struct Replica {
    std::string text;  // of its annotation: the identity and a date
    Nanoseconds seen;  // when that was first seen
  };
  std::optional<ApiError> write(const std::string& text, const std::stop_token& stop);
  void take_in(const std::string& body);

  ApiClient& client_;
  const LeaseSpec spec_;
  const std::string collection_;
  const std::string name_;
  const std::string identity_;
  const std::string key_;  // of our annotation
  const std::function<Nanoseconds()> elapsed_;
  const std::function<Instant()> wall_;
  std::map<std::string, Replica> known_;  // by annotation; of the thread that announces

  mutable std::mutex mutex_;  // guards what follows
  std::vector<std::string> there_;
  std::map<std::string, Nanoseconds> heard_;  // of each, the last time
  std::vector<std::string> owners_;           // of each shard
  Nanoseconds since_{0};                      // they have been the same
  std::optional<Error> error_;
};

}  // namespace autoscaler
