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
  if (!last->leadership) return text_response(200, "ok");
  const Leadership& leadership = *last->leadership;
  if (leadership.leads) return text_response(200, "ok: leads");
  return text_response(200, "ok: stands by; " +
                                (leadership.holder.empty() ? "nobody" : leadership.holder) +
                                " holds the lease " + leadership.lease);
}

}  // namespace autoscaler
