#include "controller/shard.h"

#include <algorithm>
#include <map>
#include <tuple>

namespace autoscaler {

uint64_t fnv1a(const std::string& text) {
  uint64_t hash = 0xcbf29ce484222325u;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3u;
  return hash;
}

uint64_t mix(uint64_t number) {
  number += 0x9e3779b97f4a7c15u;
  number = (number ^ (number >> 30)) * 0xbf58476d1ce4e5b9u;
  number = (number ^ (number >> 27)) * 0x94d049bb133111ebu;
  return number ^ (number >> 31);
}

uint64_t rendezvous_score(const std::string& candidate, const std::string& key) {
  return mix(fnv1a(candidate + "/" + key));
}

size_t shard_of(const WorkloadId& workload, size_t shards) {
  size_t best = 0;
  uint64_t highest = 0;
  for (size_t shard = 0; shard < shards; ++shard) {
    const uint64_t score = rendezvous_score(std::to_string(shard), workload);
    if (score <= highest) continue;
    best = shard;
    highest = score;
  }
  return best;
}

std::vector<std::string> owners_of(size_t shards, const std::vector<std::string>& replicas) {
  std::vector<std::string> owners(shards);
  if (replicas.empty()) return owners;
  std::vector<std::tuple<uint64_t, std::string, size_t>> pairs;
  for (const std::string& replica : replicas) {
    for (size_t shard = 0; shard < shards; ++shard) {
      pairs.emplace_back(rendezvous_score(replica, std::to_string(shard)), replica, shard);
    }
  }
  std::sort(pairs.rbegin(), pairs.rend());
  const size_t share = shards / replicas.size();
  size_t larger = shards % replicas.size();  // so many have one more
  std::map<std::string, size_t> held;
  for (const auto& [score, replica, shard] : pairs) {
    size_t& count = held[replica];
    const bool has_room = count < share || (count == share && larger > 0);
    if (!owners[shard].empty() || !has_room) continue;
    larger -= count == share ? 1 : 0;
    ++count;
    owners[shard] = replica;
  }
  return owners;
}

}  // namespace autoscaler
