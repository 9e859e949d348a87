#pragma once

#include "base/deadline.h"
#include "base/mailbox.h"
#include "metrics/breaker.h"
#include "policies/time.h"

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <utility>
#include <vector>

namespace autoscaler {

// How long a read may hold up its tick for what it has just asked.
struct Patience {
  Duration first{std::chrono::seconds(1)};  // for what was never answered: the first tick is not
                                            // blind
  Duration later{std::chrono::milliseconds(100)};
};

// What an answer says of who gave it.
enum class Verdict { kWell, kSick, kNotAsked };

inline void report(Breaker& breaker, Verdict verdict, Instant now) {
  switch (verdict) {
    case Verdict::kWell: breaker.succeeded(); return;
    case Verdict::kSick: breaker.failed(now); return;
    case Verdict::kNotAsked: breaker.abandoned(); return;
  }
}

// Questions that are asked again and again on other threads, and the newest answer to each. One
// question is out at most once. All but `answer` are for the thread of the tick.
template <typename Key, typename Answer>
class Asks {
 public:
  // From any thread: the end of a question that is out.
  void answer(Key key, Answer answer, Verdict verdict) {
    mailbox_.put({std::move(key), std::move(answer), verdict});
  }

  // A tick begins. `settle(key, verdict)` is told of each answer that has come since the last.
  template <typename Settle>
  void begin(Settle settle) {
    ++round_;
    awaited_ = 0;
    first_ = false;
    for (Item& item : mailbox_.take()) take(std::move(item), settle);
  }

  // Who of `count` is asked first in this tick: another one in each, so that no question always
  // comes before the others.
  size_t first_of(size_t count) const { return count == 0 ? 0 : round_ % count; }

  // Keeps the question for this tick. True: it is not out, and was not asked in this tick.
  bool is_due(const Key& key) {
    State& state = states_[key];
    state.needed = round_;
    return !state.out && state.asked != round_;
  }

  void asked(const Key& key) {
    State& state = states_[key];
    state.out = true;
    state.asked = round_;
    ++awaited_;
    first_ = first_ || !state.newest;
  }

  // Waits for the answers to what was asked in this tick, then forgets what was not needed in it.
  template <typename Settle>
  void wait(const Patience& patience, Settle settle) {
    const Deadline deadline(first_ ? patience.first : patience.later);
    while (awaited_ > 0) {
      std::vector<Item> items = mailbox_.wait(deadline);
      if (items.empty()) break;
      for (Item& item : items) take(std::move(item), settle);
    }
    std::erase_if(states_, [this](const auto& entry) {
      return entry.second.needed != round_ && !entry.second.out;
    });
  }

  const std::optional<Answer>& newest(const Key& key) const { return states_.at(key).newest; }

 private:
  struct Item {
    Key key;
    Answer answer;
    Verdict verdict;
  };
  struct State {
    bool out = false;
    uint64_t needed = 0;  // the last tick that needed it
    uint64_t asked = 0;   // the last tick that asked it
    std::optional<Answer> newest;
  };

  template <typename Settle>
  void take(Item item, Settle& settle) {
    State& state = states_.at(item.key);
    state.out = false;
    if (state.asked == round_) --awaited_;
    settle(item.key, item.verdict);
    state.newest = std::move(item.answer);
  }

  std::map<Key, State> states_;
  Mailbox<Item> mailbox_;
  uint64_t round_ = 0;
  int64_t awaited_ = 0;
  bool first_ = false;
};

}  // namespace autoscaler
