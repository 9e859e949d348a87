#pragma once

#include "base/http_server.h"
#include "tests/e2e/service/flags.h"
#include "tests/e2e/service/page.h"
#include "tests/e2e/service/timeline.h"
#include "tests/e2e/service/worker_pool.h"

#include <mutex>

namespace autoscaler::e2e {

// /work, /healthz and /metrics over a WorkerPool. `handle` is for the server's thread, and answers
// to /work leave on the timeline's thread when the model says that they are done.
class Service {
 public:
  Service(const ServiceFlags& flags, Timeline& timeline);

  void handle(const HttpRequest& request, const HttpServer::Reply& reply);

  // From now on /healthz says 503, so that balancers look elsewhere, and every answer closes its
  // connection. Work is done as before: what is accepted is never refused for this.
  void terminate();

  // From now on /metrics says 500; all else goes on.
  void break_metrics();

 private:
  HttpResponse answer(int status, std::string body) const;  // needs mutex_
  void work(const HttpServer::Reply& reply);
  HttpResponse health() const;
  HttpResponse metrics();
  Duration age() const { return std::chrono::steady_clock::now() - started_; }

  const ServiceFlags flags_;
  Timeline& timeline_;
  const Timeline::Instant started_ = std::chrono::steady_clock::now();
  std::mutex mutex_;  // guards what follows
  WorkerPool pool_;
  Counts counts_;
  bool terminating_ = false;
  bool metrics_broken_ = false;
};

}  // namespace autoscaler::e2e
