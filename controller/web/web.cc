#include "controller/web/web.h"

#include "controller/web/api.h"
#include "controller/web/orders.h"

#include <mutex>
#include <utility>

namespace autoscaler {
namespace {

// How long a page under way may still take when the program stops.
constexpr std::chrono::milliseconds kGrace{1000};

}  // namespace

struct Web::Impl {
  Impl(Deps given, const ControllerSpec& controller)
      : deps(std::move(given)),
        started(deps.now()),
        interval(controller.interval),
        token(controller.api_token) {}

  WebState state() {
    WebState state;
    {
      const std::lock_guard lock(mutex);
      state.last = last;
      state.config = config;
      state.interval = interval;
      state.token = token;
    }
    state.newest = [this](const std::optional<WorkloadId>& workload, size_t limit) {
      const std::lock_guard lock(mutex);
      return history.newest(workload, limit);
    };
    state.metrics = [this] { return deps.telemetry.serialize(); };
    state.started = started;
    state.now = deps.now();
    state.order = deps.order;
    return state;
  }

  const Deps deps;
  const Instant started;
  std::mutex mutex;  // guards what follows; held for pointers, never while writing a page
  Duration interval;
  std::optional<Secret> token;  // of those who may write
  ConfigStatus config;
  std::shared_ptr<const TickRecord> last;
  DecisionHistory history;
  std::unique_ptr<HttpServer> server;  // last: its thread uses the others
};

Web::Web() = default;

Result<std::unique_ptr<Web>> Web::start(const ControllerSpec& controller, Deps deps) {
  std::unique_ptr<Web> web(new Web);
  web->impl_ = std::make_unique<Impl>(std::move(deps), controller);
  HttpServerOptions options;
  options.address = controller.listen_address;
  options.port = controller.listen_port;
  auto handler = [impl = web->impl_.get()](const HttpRequest& request,
                                           const HttpServer::Reply& reply) {
    const WebState state = impl->state();
    if (is_order(request)) return take_order(request, state, reply);
    reply(answer(request, state));
  };
  Result<std::unique_ptr<HttpServer>> server = HttpServer::start(options, std::move(handler));
  if (!server) {
    return Error{server.error().code, "controller.listen: " + server.error().message};
  }
  web->impl_->server = std::move(*server);
  return web;
}

Web::~Web() {
  if (impl_->server) impl_->server->stop(kGrace);
}

uint16_t Web::port() const {
  return impl_->server->port();
}

void Web::publish(std::shared_ptr<const TickRecord> record) {
  const std::lock_guard lock(impl_->mutex);
  impl_->history.add(*record);
  impl_->last.swap(record);
}

void Web::publish(const ControllerSpec& running, ConfigStatus status) {
  const std::lock_guard lock(impl_->mutex);
  impl_->interval = running.interval;
  impl_->token = running.api_token;
  impl_->config = std::move(status);
}

}  // namespace autoscaler
