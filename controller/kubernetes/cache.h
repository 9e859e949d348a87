#pragma once

#include "controller/kubernetes/collection.h"
#include "controller/kubernetes/objects.h"

#include <algorithm>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <tuple>
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
    if (view_ == nullptr) {
      view_ = std::make_shared<const Objects>(records_.begin(), records_.end());
    }
    return view_;
  }
  // Whether it was listed once, or could not be; after `patience` at most.
  bool wait_until_told(std::chrono::milliseconds patience) {
    std::unique_lock lock(mutex_);
    return told_.wait_for(lock, patience, [this] { return listed_ || problem_.has_value(); });
  }

  void begin_list() override { next_.clear(); }
  Status list(const nlohmann::json& object) override {
    Result<Record> record = read_(object);
    if (!record) return record.error();
    keep(next_, *std::move(record));
    return Done{};
  }
  void end_list() override {
    const std::lock_guard lock(mutex_);
    records_ = std::exchange(next_, {});
    view_ = nullptr;
    listed_ = true;
    told_.notify_all();
  }

  void put(const nlohmann::json& object) override {
    Result<Record> record = read_(object);
    if (!record) return;
    const std::lock_guard lock(mutex_);
    keep(records_, *std::move(record));
    view_ = nullptr;
  }
  void erase(const nlohmann::json& object) override {
    Result<Record> record = read_(object);
    if (!record) return;
    const std::lock_guard lock(mutex_);
    records_.erase(std::make_shared<const Record>(*std::move(record)));
    view_ = nullptr;
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
  using RecordPtr = std::shared_ptr<const Record>;
  struct ByName {
    bool operator()(const RecordPtr& a, const RecordPtr& b) const {
      return std::tie(a->name_space, a->name) < std::tie(b->name_space, b->name);
    }
  };
  using Records = std::set<RecordPtr, ByName>;

  static void keep(Records& records, Record record) {
    auto kept = std::make_shared<const Record>(std::move(record));
    auto at = records.lower_bound(kept);
    if (at != records.end() && !ByName()(kept, *at)) at = records.erase(at);
    records.insert(at, std::move(kept));
  }

  const Read read_;
  const std::function<Instant()> now_;
  Records next_;      // of the list under way, by its thread alone
  std::mutex mutex_;  // guards what follows
  std::condition_variable told_;
  Records records_;
  std::shared_ptr<const Objects> view_;  // nullptr: made by the next reader
  bool listed_ = false;
  std::optional<Error> problem_;  // the last failure, where nothing has been heard since
  Instant failing_since_{};
};

}  // namespace autoscaler
