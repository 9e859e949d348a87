#pragma once

#include "policies/workload.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace autoscaler {

// Rendezvous hashing (Thaler and Ravishankar, 1998): each candidate has a score for each key, and
// the highest wins. Whoever knows the same candidates finds the same winner, and one candidate more
// or less moves nothing but its own share. The same in every process, build and version: replicas
// of two versions run side by side during a rollout.
//
// score = mix(fnv1a("<candidate>/<key>")): FNV-1a of 64 bit, and one step of SplitMix64, without
// which names that differ in their last letters would have scores that lie beside each other.
uint64_t fnv1a(const std::string& text);
uint64_t mix(uint64_t number);
uint64_t rendezvous_score(const std::string& candidate, const std::string& key);

// Which of `shards` the workload belongs to: 0 to shards - 1. `shards` is at least 1.
size_t shard_of(const WorkloadId& workload, size_t shards);

// Who should hold each of `shards`: the pairs of a replica and a shard by their score, highest
// first, each taken while the shard has nobody and the replica has not its fair share (shards over
// replicas, some of them one more). Empty where there are no replicas. Their order says nothing.
std::vector<std::string> owners_of(size_t shards, const std::vector<std::string>& replicas);

}  // namespace autoscaler
