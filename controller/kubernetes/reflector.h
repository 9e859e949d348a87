#pragma once

#include "controller/kubernetes/api_client.h"
#include "controller/kubernetes/collection.h"

#include <chrono>
#include <cstdint>
#include <optional>
#include <random>
#include <stop_token>
#include <string>
#include <thread>

namespace autoscaler {

struct ReflectorSettings {
  std::string path;  // of the collection: /api/v1/pods
  // A watch ends by itself after this long, and half as much again at most: a server that has gone
  // silent is noticed no later. Each end costs one request.
  std::chrono::milliseconds watch{40'000};
  std::chrono::milliseconds deadline{60'000};  // of a list
  int page = 500;                              // objects asked for at once in a consistent list
  std::chrono::milliseconds first_wait{500};   // after a failure; twice as long after each further
  std::chrono::milliseconds longest_wait{10'000};
  uint64_t seed = 0;  // controllers that start together must not list together
  // Of a kind that not every API server has: /apis/keda.sh/v1alpha1. Where that is not found there
  // are no objects, and it is asked for again after `absent`. It is asked for before each list,
  // which would be forbidden to who has no right to a kind that nobody serves.
  std::string served_at = {};
  std::chrono::milliseconds absent{300'000};
  // Of objects whose kind only their user knows: nothing is read of them but their metadata, and
  // where they may not be listed, or cannot, they are at last asked for again after `absent`.
  bool metadata_only = false;
};

// Follows one collection: one list from the server's memory (resourceVersion=0), then what changes,
// with bookmarks. A watch that ends or breaks is taken up where it was; where that version is too
// old by now (410), there is a new list, paged and consistent. Waits grow with failures in a row,
// and are scattered over their second half.
class Reflector {
 public:
  // Begins at once, on a thread of its own. The others outlive it.
  Reflector(ApiClient& client, Collection& into, ReflectorSettings settings);
  ~Reflector();  // waits for the thread, which ends soon
  Reflector(const Reflector&) = delete;
  Reflector& operator=(const Reflector&) = delete;

 private:
  void run(const std::stop_token& stop);
  std::optional<ApiError> follow(const std::stop_token& stop);
  bool is_absent(const std::stop_token& stop);
  std::optional<ApiError> list(const std::stop_token& stop);
  std::optional<ApiError> watch(const std::stop_token& stop);
  std::optional<ApiError> take_event(std::string_view line);
  static void wait(std::chrono::milliseconds length, const std::stop_token& stop);
  std::chrono::milliseconds next_wait();

  ApiClient& client_;
  Collection& into_;
  const ReflectorSettings settings_;
  std::mt19937_64 random_;
  std::string version_;         // up to which everything is known; empty: a list is due
  bool consistent_ = false;     // the next list must not come from a server's memory
  int failures_ = 0;            // in a row, without an event between
  bool ended_at_once_ = false;  // the last watch, and told nothing: to be let in means little then
  std::stop_source stop_;
  std::thread thread_;
};

}  // namespace autoscaler
