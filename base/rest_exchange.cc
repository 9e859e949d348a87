#include "base/rest_exchange.h"

#include <utility>

namespace autoscaler {
namespace {

// The write half of a stream buffer, by the interface that cpprest asks of one.
class BodyBuffer final : public concurrency::streams::details::streambuf_state_manager<uint8_t> {
 public:
  explicit BodyBuffer(std::shared_ptr<RestExchange> exchange)
      : streambuf_state_manager(std::ios_base::out), exchange_(std::move(exchange)) {}

  bool can_seek() const override { return false; }
  bool has_size() const override { return false; }
  size_t buffer_size(std::ios_base::openmode) const override { return 0; }
  void set_buffer_size(size_t, std::ios_base::openmode) override {}
  size_t in_avail() const override { return 0; }
  pos_type getpos(std::ios_base::openmode) const override { return pos_type(traits::eof()); }
  pos_type seekpos(pos_type, std::ios_base::openmode) override { return pos_type(traits::eof()); }
  pos_type seekoff(off_type, std::ios_base::seekdir, std::ios_base::openmode) override {
    return pos_type(traits::eof());
  }
  // At once: cpprest closes the buffer of a body that has failed on its own thread, and waits there
  // for what the class that this is made of would do by another task.
  using streambuf_state_manager::close;
  pplx::task<void> close(std::ios_base::openmode) override {
    m_stream_can_write = false;
    return pplx::task_from_result();
  }
  bool acquire(uint8_t*&, size_t&) override { return false; }
  void release(uint8_t*, size_t) override {}

 protected:
  pplx::task<int_type> _putc(uint8_t byte) override {
    return exchange_->write(&byte, 1).then([byte](size_t) { return int_type{byte}; });
  }
  pplx::task<size_t> _putn(const uint8_t* bytes, size_t count) override {
    return exchange_->write(bytes, count);
  }
  pplx::task<bool> _sync() override { return pplx::task_from_result(true); }
  uint8_t* _alloc(size_t) override { return nullptr; }
  void _commit(size_t) override {}

  pplx::task<int_type> _bumpc() override { return pplx::task_from_result(traits::eof()); }
  int_type _sbumpc() override { return traits::eof(); }
  pplx::task<int_type> _getc() override { return pplx::task_from_result(traits::eof()); }
  int_type _sgetc() override { return traits::eof(); }
  pplx::task<int_type> _nextc() override { return pplx::task_from_result(traits::eof()); }
  pplx::task<int_type> _ungetc() override { return pplx::task_from_result(traits::eof()); }
  pplx::task<size_t> _getn(uint8_t*, size_t) override { return pplx::task_from_result(size_t{0}); }
  size_t _scopy(uint8_t*, size_t) override { return 0; }

 private:
  const std::shared_ptr<RestExchange> exchange_;
};

}  // namespace

concurrency::streams::streambuf<uint8_t> body_of(const std::shared_ptr<RestExchange>& exchange) {
  struct Buffer : concurrency::streams::streambuf<uint8_t> {
    explicit Buffer(const std::shared_ptr<RestExchange>& of)
        : streambuf(std::make_shared<BodyBuffer>(of)) {}
  };
  return Buffer(exchange);
}

void RestExchange::begin(RestHead head) {
  const std::lock_guard lock(mutex_);
  head_ = std::move(head);
  if (has_news()) news_.notify_all();
}

pplx::task<size_t> RestExchange::write(const uint8_t* bytes, size_t count) {
  const std::lock_guard lock(mutex_);
  if (abandoned_) {
    return pplx::task_from_exception<size_t>(std::runtime_error("nobody waits for the rest"));
  }
  arrived_.append(reinterpret_cast<const char*>(bytes), count);
  if (has_news()) news_.notify_all();
  if (arrived_.size() < kHeldBytes) return pplx::task_from_result(count);
  full_.emplace();
  waiting_count_ = count;
  return pplx::create_task(*full_);
}

void RestExchange::finish(Status status) {
  const std::lock_guard lock(mutex_);
  end_ = std::move(status);
  news_.notify_all();
}

std::string RestExchange::take(std::unique_lock<std::mutex>& lock) {
  std::string bytes = std::exchange(arrived_, {});
  const auto full = std::exchange(full_, std::nullopt);
  lock.unlock();
  if (full) full->set(waiting_count_);
  return bytes;
}

std::optional<Result<RestHead>> RestExchange::drain(std::chrono::steady_clock::time_point until,
                                                    const std::stop_token& stop,
                                                    const BodySink& sink) {
  for (std::unique_lock lock(mutex_);; lock.lock()) {
    if (!news_.wait_until(lock, stop, until, [this] { return has_news(); })) return std::nullopt;
    const bool is_first = head_ && !std::exchange(is_head_given_, true);
    if (!is_first && (!head_ || arrived_.empty())) {
      if (!end_->ok()) return Result<RestHead>(end_->error());
      return Result<RestHead>(*head_);
    }
    const RestHead head = *head_;
    if (!sink(head, take(lock))) return Result<RestHead>(head);
  }
}

void RestExchange::abandon() {
  std::unique_lock lock(mutex_);
  abandoned_ = true;
  take(lock);
}

}  // namespace autoscaler
