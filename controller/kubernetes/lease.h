#pragma once

#include "controller/config/config.h"
#include "controller/kubernetes/api_client.h"
#include "controller/leadership.h"

#include <atomic>
#include <chrono>
#include <functional>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>

namespace autoscaler {

// One Lease of coordination.k8s.io/v1: who holds it leads. All waiting is by monotonic time; the
// wall clock only fills in the dates that people read. Of a duration D (15 s):
//
//   4/5 (12 s)       we lead so long after the moment before the request was sent that renewed it
//   17/20 (12.75 s)  a successor waits so long after it saw the last renewal
//   9/10 (13.5 s)    where it is not the heir, so long
//   1/10 (1.5 s)     how often those who stand by look, and how soon a failed renewal is tried
//                    again
//
// What a successor sees was written after it was sent, so that between the two leaders lie D/20 at
// the least: clocks may differ by that. And what it sees is D/10 old at the most, so that a dead
// leader is followed within D and the time of the requests, also where its heir is dead too. One
// that saw the renewal a look earlier may come before the heir.
//
// Among the replicas of several shards some are preferred. One that is not waits three looks longer
// for a lease that nobody holds, and half a look for that of a dead holder. A holder gives way
// to a better one by writing its name as the holder's: that one leads from its next look on. It
// does so every ten durations at most: one who cannot keep what it is given must not get it for
// ever.
class Lease {
 public:
  // Of one lease, as one replica sees the others. By default there is no difference between them.
  struct Preference {
    bool is_first = true;  // it is for us to take it where nobody holds it
    bool is_heir = true;   // it is for us to take it when its holder is dead
    bool awaits = false;   // its holder is about to hand it to us
    std::string hand_to;   // who should hold it instead of us; empty: nobody
  };
  using Nanoseconds = std::chrono::nanoseconds;

  // `client` is the lease's own: renewals must not wait behind sizes. `elapsed`: monotonic time
  // that counts suspension. `wall`: the wall clock. `identity`: of this run, never used before.
  Lease(ApiClient& client, const LeaseSpec& spec, std::string identity,
        std::function<Nanoseconds()> elapsed, std::function<Instant()> wall);

  // For how long from now on we lead, unless it is renewed; 0: another may. To be asked just before
  // each write is sent, and what is not sent by then never is. Of any thread.
  Nanoseconds left() const;
  bool holds() const { return left() > Nanoseconds{0}; }
  Leadership state() const;

  // Looks, renews or takes over, as is due. Returns how long to wait before the next time.
  Nanoseconds attempt(const std::stop_token& stop, const Preference& preference);
  // Gives the lease up, to `heir` or to whoever comes first, so that a successor need not wait. No
  // attempt may follow. False where that could not be written.
  bool release(const std::string& heir);

  const std::string& identity() const { return identity_; }
  // By `elapsed`, where we lead. Of the thread that makes attempts.
  Nanoseconds led_since() const { return led_since_; }

 private:
  std::optional<ApiError> read(const std::stop_token& stop);
  std::optional<ApiError> write(const std::stop_token& stop);
  void take_in(const std::string& body);
  Nanoseconds due_in(const Preference& preference) const;
  bool gives_way(const Preference& preference) const;
  std::optional<ApiError> hand_over(const std::string& to, const std::stop_token& stop);
  void step_down() { until_ = Nanoseconds{0}; }
  std::string body(const std::string& holder) const;

  ApiClient& client_;
  const LeaseSpec spec_;
  const std::string collection_;
  const std::string path_;
  const std::string identity_;
  const std::function<Nanoseconds()> elapsed_;
  const std::function<Instant()> wall_;
  std::atomic<Nanoseconds> until_{Nanoseconds{0}};  // we lead, by elapsed_
  // Of the thread that makes attempts. The lease as it was last seen:
  std::string version_;  // empty: there is none
  std::string holder_;
  Nanoseconds duration_{0};
  int64_t times_taken_ = 0;
  Nanoseconds seen_{0};   // when this version, or that there is none, was first seen
  bool is_stale_ = true;  // somebody may have written since, ourselves included
  bool led_ = false;
  Nanoseconds led_since_{0};
  std::optional<Nanoseconds> handed_over_;  // the last time

  mutable std::mutex mutex_;  // guards state_
  Leadership state_;
};

// The host's name and something of this run alone.
std::string new_identity();

}  // namespace autoscaler
