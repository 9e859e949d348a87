#pragma once

#include <boost/smart_ptr/intrusive_ptr.hpp>
#include <boost/smart_ptr/intrusive_ref_counter.hpp>

#include <initializer_list>
#include <optional>
#include <span>
#include <utility>
#include <vector>

namespace autoscaler {

// A value, or none, that copies share: what stands from tick to tick, for thousands of workloads,
// is handed on for the price of a pointer. Who changes it changes their own: `edit` copies it first
// where others have it too. Copies may be used by several threads, each by one at a time.
template <typename T>
class Shared {
 public:
  Shared() = default;
  Shared(std::nullopt_t) {}
  Shared(T value) : box_(new Box(std::move(value))) {}

  bool has_value() const { return box_ != nullptr; }
  explicit operator bool() const { return has_value(); }
  const T& operator*() const { return box_->value; }
  const T* operator->() const { return &box_->value; }
  const T* get() const { return box_ ? &box_->value : nullptr; }

  T& emplace() {
    box_ = new Box(T());
    return box_->value;
  }
  T& edit() {
    if (box_ == nullptr) return emplace();
    // Who was the last to share it has read it before the count says so (that of a std::shared_ptr
    // promises no such order).
    if (box_->use_count() > 1) box_ = new Box(box_->value);
    return box_->value;
  }

 private:
  struct Box : boost::intrusive_ref_counter<Box, boost::thread_safe_counter> {
    explicit Box(T v) : value(std::move(v)) {}
    T value;
  };
  boost::intrusive_ptr<Box> box_;
};

// A list that copies share.
template <typename T>
class SharedList {
 public:
  using value_type = T;
  using const_iterator = const T*;

  SharedList() = default;
  SharedList(std::vector<T> items) : items_(std::move(items)) {}
  SharedList(std::initializer_list<T> items) : items_(std::vector<T>(items)) {}

  size_t size() const { return items_ ? items_->size() : 0; }
  bool empty() const { return size() == 0; }
  const T* data() const { return items_ ? items_->data() : nullptr; }
  const T* begin() const { return data(); }
  const T* end() const { return data() + size(); }
  const T& operator[](size_t index) const { return (*items_)[index]; }
  const T& at(size_t index) const { return items_->at(index); }
  const T& front() const { return items_->front(); }
  const T& back() const { return items_->back(); }

  // Whether both are one and the same list, so that what was made of one is that of the other.
  bool is_same(const SharedList& other) const { return items_.get() == other.items_.get(); }

  std::vector<T>& edit() { return items_.edit(); }
  void push_back(T item) { edit().push_back(std::move(item)); }

 private:
  Shared<std::vector<T>> items_;
};

}  // namespace autoscaler
