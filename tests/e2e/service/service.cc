#include "tests/e2e/service/service.h"

namespace autoscaler::e2e {

Service::Service(const ServiceFlags& flags, Timeline& timeline)
    : flags_(flags), timeline_(timeline), pool_(flags.pool) {}

void Service::handle(const HttpRequest& request, const HttpServer::Reply& reply) {
  if (request.path == "/work") return work(reply);
  std::lock_guard lock(mutex_);
  if (request.path == "/healthz") return reply(health());
  if (request.path == "/metrics") return reply(metrics());
  reply(answer(404, "there are /work, /healthz and /metrics\n"));
}

void Service::terminate() {
  std::lock_guard lock(mutex_);
  terminating_ = true;
}

void Service::break_metrics() {
  std::lock_guard lock(mutex_);
  metrics_broken_ = true;
}

void Service::work(const HttpServer::Reply& reply) {
  std::lock_guard lock(mutex_);
  Duration came = age();
  std::optional<Duration> done;
  if (came >= flags_.startup_delay) done = pool_.admit(came);
  if (!done) {
    ++counts_.rejected;
    HttpResponse full = answer(503, "no room\n");
    full.headers.emplace_back("X-Reason", came < flags_.startup_delay ? "starting" : "queue-full");
    return reply(std::move(full));
  }
  timeline_.at(started_ + *done, [this, came, reply] {
    std::lock_guard again(mutex_);
    ++counts_.served;
    counts_.observe(age() - came);
    reply(answer(200, "done\n"));
  });
}

HttpResponse Service::health() const {
  if (terminating_) return answer(503, "terminating\n");
  if (flags_.fail_health) return answer(503, "never healthy\n");
  if (age() < flags_.startup_delay) return answer(503, "starting\n");
  return answer(200, "healthy\n");
}

HttpResponse Service::metrics() {
  if (metrics_broken_) return answer(500, "broken on request\n");
  Duration now = age();
  HttpResponse page = answer(200, metrics_page(counts_, {.busy = pool_.busy(now),
                                                         .in_flight = pool_.in_flight(now),
                                                         .waiting = pool_.waiting(now),
                                                         .workers = flags_.pool.workers}));
  page.content_type = "text/plain; version=0.0.4; charset=utf-8";
  return page;
}

HttpResponse Service::answer(int status, std::string body) const {
  HttpResponse response;
  response.status = status;
  response.body = std::move(body);
  if (terminating_) response.headers.emplace_back("Connection", "close");
  return response;
}

}  // namespace autoscaler::e2e
