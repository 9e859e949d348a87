#include "base/fetch.h"

#include "base/check.h"
#include "base/fetch_error.h"
#include "base/transfer_loop.h"

#include <algorithm>

namespace autoscaler {
namespace {

using SteadyTime = std::chrono::steady_clock::time_point;
using std::chrono::milliseconds;

void configure(Transfer& transfer, const FetchRequest& request, const Identity* identity) {
  transfer.reset(identity == nullptr ? "http" : "http,https");
  for (const std::string& header : request.headers) {
    transfer.headers = curl_slist_append(transfer.headers, header.c_str());
  }
  curl_easy_setopt(transfer.easy, CURLOPT_URL, request.url.c_str());
  curl_easy_setopt(transfer.easy, CURLOPT_HTTPHEADER, transfer.headers);
  if (identity == nullptr) return;
  identity->configure(transfer);
  if (identity->renames_server()) {
    identity->rename_server(transfer, request.url, transfer.target);
  }
}

}  // namespace

struct Fetcher::Impl {
  Impl(FetchLimits given, std::optional<IdentitySettings> identity);

  std::vector<Result<FetchResponse>> fetch(std::span<const FetchRequest> requests);

 private:
  void start(const FetchRequest& request, std::string target, size_t index, milliseconds slice);
  void take(std::unique_ptr<Transfer> transfer, CURLcode code);
  Result<std::string> target_of(const FetchRequest& request) const;
  milliseconds left() const;

  const FetchLimits limits_;
  std::optional<Identity> identity_;
  TransferLoop loop_;
  SteadyTime batch_end_;
  std::vector<std::optional<Result<FetchResponse>>> results_;
};

Fetcher::Impl::Impl(FetchLimits given, std::optional<IdentitySettings> identity)
    : limits_(given), loop_([this](std::unique_ptr<Transfer> transfer, CURLcode code) {
        take(std::move(transfer), code);
      }) {
  CHECK(limits_.parallel > 0 && limits_.deadline > milliseconds(0));
  if (identity) identity_.emplace(*std::move(identity));
}

// Its host:port.
Result<std::string> Fetcher::Impl::target_of(const FetchRequest& request) const {
  if (identity_ && identity_->problem()) return *identity_->problem();
  return parse_target(request.url, identity_.has_value());
}

milliseconds Fetcher::Impl::left() const {
  return std::chrono::ceil<milliseconds>(batch_end_ - std::chrono::steady_clock::now());
}

void Fetcher::Impl::start(const FetchRequest& request, std::string target, size_t index,
                          milliseconds slice) {
  std::unique_ptr<Transfer> transfer = loop_.take_idle();
  transfer->owner = std::shared_ptr<void>(std::shared_ptr<void>(), &results_[index]);
  transfer->limits = limits_;
  transfer->target = std::move(target);
  transfer->renew();
  configure(*transfer, request, identity_ ? &*identity_ : nullptr);
  transfer->set_deadline(
      std::clamp(left(), milliseconds(1), std::min(slice, request.timeout.value_or(slice))));
  loop_.start(std::move(transfer));
}

void Fetcher::Impl::take(std::unique_ptr<Transfer> transfer, CURLcode code) {
  auto& result = *static_cast<std::optional<Result<FetchResponse>>*>(transfer->owner.get());
  if (std::optional<Error> error = transfer->failure(code)) {
    result.emplace(*std::move(error));
  } else {
    result.emplace(std::move(transfer->response));
  }
  transfer->response = FetchResponse{};  // a kept handle keeps no 16 MiB body
  loop_.put_idle(std::move(transfer));
}

std::vector<Result<FetchResponse>> Fetcher::Impl::fetch(std::span<const FetchRequest> requests) {
  batch_end_ = std::chrono::steady_clock::now() + limits_.deadline;
  const auto parallel = static_cast<size_t>(limits_.parallel);
  loop_.keep_connections(requests.size());
  if (identity_) identity_->refresh();
  // More requests than slots: each gets a fair part of the deadline, so that 256 dead targets
  // cannot eat the time of the 257th. 600 requests over 256 slots in 900 ms: 300 ms each.
  const size_t waves = std::max<size_t>(1, (requests.size() + parallel - 1) / parallel);
  const milliseconds slice =
      std::max(milliseconds(1), limits_.deadline / static_cast<int64_t>(waves));

  results_.assign(requests.size(), std::nullopt);
  size_t next = 0;
  while (next < requests.size() || loop_.active() > 0) {
    while (next < requests.size() && loop_.active() < parallel) {
      Result<std::string> target = target_of(requests[next]);
      if (target) {
        start(requests[next], std::move(target).value(), next, slice);
      } else {
        results_[next].emplace(target.error());
      }
      ++next;
    }
    if (loop_.active() == 0) break;
    loop_.run_once(left());
    if (left() > milliseconds(0)) continue;
    loop_.abort_all(CURLE_OPERATION_TIMEDOUT);
    break;
  }

  std::vector<Result<FetchResponse>> answers;
  answers.reserve(results_.size());
  for (size_t i = 0; i < results_.size(); ++i) {
    answers.push_back(
        results_[i]
            ? std::move(*results_[i])
            : Error{Code::kTimeout, "no time was left to ask " + requests[i].url + " within " +
                                        std::to_string(limits_.deadline.count()) + " ms"});
  }
  return answers;
}

Fetcher::Fetcher(FetchLimits limits, std::optional<IdentitySettings> identity)
    : impl_(std::make_unique<Impl>(limits, std::move(identity))) {}
Fetcher::~Fetcher() = default;

std::vector<Result<FetchResponse>> Fetcher::fetch(std::span<const FetchRequest> requests) {
  return impl_->fetch(requests);
}

}  // namespace autoscaler
