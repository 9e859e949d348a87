#include "controller/web/health.h"

#include <algorithm>
#include <cstdio>
#include <numeric>

namespace autoscaler {
namespace {

constexpr Duration kShortestPatience = std::chrono::seconds(10);

std::string seconds_text(Duration duration) {
  char text[32];
  std::snprintf(text, sizeof(text), "%.1f s", std::chrono::duration<double>(duration).count());
  return text;
}

HttpResponse text_response(int status, std::string text) {
  HttpResponse response;
  response.status = status;
  response.body = std::move(text) + "\n";
  return response;
}

// A record carries when its tick began and how long each stage took.
Instant completed_at(const TickRecord& record) {
  const auto took =
      std::accumulate(record.stages.begin(), record.stages.end(), std::chrono::nanoseconds{0});
  return record.now + std::chrono::floor<Duration>(took);
}

std::string holder_text(const Leadership& shard) {
  return (shard.holder.empty() ? "nobody" : shard.holder) + " holds the lease " + shard.lease;
}

// Of one lease in a line, of several a line each.
std::string leadership_text(const std::vector<Leadership>& shards) {
  if (shards.empty()) return "";
  if (shards.size() == 1) {
    return shards[0].leads ? ": leads" : ": stands by; " + holder_text(shards[0]);
  }
  const auto led = std::count_if(shards.begin(), shards.end(),
                                 [](const Leadership& shard) { return shard.leads; });
  std::string text =
      ": leads " + std::to_string(led) + " of " + std::to_string(shards.size()) + " shards";
  for (const Leadership& shard : shards) {
    text += shard.leads ? "\nleads " + shard.lease : "\nstands by; " + holder_text(shard);
  }
  return text;
}

}  // namespace

HttpResponse healthz(const TickRecord* last, Instant started, Duration interval, Instant now) {
  const Instant since = last ? completed_at(*last) : started;
  const Duration age = std::max(Duration{0}, now - since);
  const Duration patience = std::max(3 * interval, kShortestPatience);
  if (age > patience) {
    return text_response(503, "no tick was completed for " + seconds_text(age) +
                                  ", which is longer than " + seconds_text(patience));
  }
  if (!last) return text_response(200, "ok: the first tick is under way");
  return text_response(200, "ok: tick " + std::to_string(last->number) + " was completed " +
                                seconds_text(age) + " ago");
}

HttpResponse readyz(const TickRecord* last) {
  if (!last) return text_response(503, "the first tick is not completed yet");
  if (last->journal_error) {
    return text_response(503, "the journal cannot be written, so that no scale-in is started: " +
                                  last->journal_error->message);
  }
  return text_response(200, "ok" + leadership_text(last->shards));
}

}  // namespace autoscaler
