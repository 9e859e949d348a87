#pragma once

#include "controller/kubernetes/collection.h"
#include "controller/kubernetes/objects.h"

#include <algorithm>
#include <condition_variable>
#include <functional>
#include <iterator>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace autoscaler {

// The objects of one kind as they were told: written by the thread that follows them, read by the
// tick as one consistent list, which costs a copy of pointers where something has changed and
// nothing where not.
template <typename Record>
class ObjectCache final : public Collection {
 public:
  using Read = Result<Record> (*)(const nlohmann::json&);
  using Objects = std::vector<std::shared_ptr<const Record>>;  // by namespace and name

  // `now`: when it was heard of the server, and when not.
  ObjectCache(Read read, std::function<Instant()> now) : read_(read), now_(std::move(now)) {}

  // What is there now. An error where it never was listed, or where the server has not answered for
  // longer than `patience`: the reason of its first failure in a row.
  Result<std::shared_ptr<const Objects>> objects(Duration patience) {
    const std::lock_guard lock(mutex_);
    if (!listed_) {
      return problem_.value_or(Error{Code::kUnavailable, "the API server has not answered yet"});
    }
    if (problem_ && now_() - failing_since_ > patience) return *problem_;
    is_read_ = true;
    return std::shared_ptr<const Objects>(records_);
  }
  // Whether it was listed once, or could not be; after `patience` at most.
  bool wait_until_told(std::chrono::milliseconds patience) {
    std::unique_lock lock(mutex_);
    return told_.wait_for(lock, patience, [this] { return listed_ || problem_.has_value(); });
  }

  void begin_list() override { next_ = std::make_shared<Objects>(); }
  Status list(const nlohmann::json& object) override {
    Result<Record> record = read_(object);
    if (!record) return record.error();
    keep(*next_, std::move(*record));
    return Done{};
  }
  void end_list() override {
    const std::lock_guard lock(mutex_);
    records_ = std::move(next_);
    is_read_ = false;
    listed_ = true;
    told_.notify_all();
  }

  void put(const nlohmann::json& object) override {
    Result<Record> record = read_(object);
    if (!record) return;
    const std::lock_guard lock(mutex_);
    keep(writable(), std::move(*record));
  }
  void erase(const nlohmann::json& object) override {
    Result<Record> record = read_(object);
    if (!record) return;
    const std::lock_guard lock(mutex_);
    Objects& records = writable();
    const auto at = place_of(records, *record);
    if (at != records.end() && is_named_as(**at, *record)) records.erase(at);
  }

  void heard() override {
    const std::lock_guard lock(mutex_);
    problem_.reset();
  }
  void failed(const Error& error) override {
    const std::lock_guard lock(mutex_);
    if (!problem_) failing_since_ = now_();
    problem_ = error;
    told_.notify_all();
  }

 private:
  using Place = typename Objects::iterator;

  static bool is_named_as(const Record& a, const Record& b) {
    return namespaced_name(a) == namespaced_name(b);
  }
  static Place place_of(Objects& records, const Record& record) {
    // A list comes in order.
    if (records.empty() || namespaced_name(*records.back()) < namespaced_name(record))
      return records.end();
    return std::lower_bound(records.begin(), records.end(), record,
                            [](const auto& kept, const Record& other) {
                              return namespaced_name(*kept) < namespaced_name(other);
                            });
  }
  // What is equal in neighbours is there once: by their names, pods of one template are some.
  static void keep(Objects& records, Record record) {
    const Place at = place_of(records, record);
    const bool is_there = at != records.end() && is_named_as(**at, record);
    if (at != records.end()) share(record, **at);
    if (at != records.begin() && !is_there) share(record, **std::prev(at));
    auto kept = std::make_shared<const Record>(std::move(record));
    if (is_there) {
      *at = std::move(kept);
    } else {
      records.insert(at, std::move(kept));
    }
  }
  // Who has read the list keeps it as it was.
  Objects& writable() {
    if (std::exchange(is_read_, false)) records_ = std::make_shared<Objects>(*records_);
    return *records_;
  }

  const Read read_;
  const std::function<Instant()> now_;
  std::shared_ptr<Objects> next_;  // of the list under way, by its thread alone
  std::mutex mutex_;               // guards what follows
  std::condition_variable told_;
  std::shared_ptr<Objects> records_ = std::make_shared<Objects>();
  bool is_read_ = false;  // somebody may still hold records_
  bool listed_ = false;
  std::optional<Error> problem_;  // the last failure, where nothing has been heard since
  Instant failing_since_{};
};

}  // namespace autoscaler
