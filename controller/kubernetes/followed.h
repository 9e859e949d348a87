#pragma once

#include "controller/kubernetes/cache.h"
#include "controller/kubernetes/reflector.h"

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>

namespace autoscaler {

// The objects of one collection, and the thread that follows them.
template <typename Record>
struct Followed {
  Followed(ApiClient& client, typename ObjectCache<Record>::Read read, std::function<Instant()> now,
           ReflectorSettings settings)
      : cache(read, std::move(now)), reflector(client, cache, std::move(settings)) {}
  ObjectCache<Record> cache;
  Reflector reflector;  // last: its thread writes to the cache
};

// The collections of one API server that are followed now, by their paths. A reader for the next
// config goes on with those that the one before has, so that a reload lists nothing again; what
// nobody has any more is given up.
class FollowedCollections {
 public:
  FollowedCollections(ApiClient& client, std::function<Instant()> now)
      : client_(client), now_(std::move(now)) {}

  // A path has records of one kind alone. The settings are those of who was first.
  template <typename Record>
  std::shared_ptr<Followed<Record>> follow(typename ObjectCache<Record>::Read read,
                                           ReflectorSettings settings) {
    std::weak_ptr<void>& known = by_path_[settings.path];
    if (auto stands = known.lock()) return std::static_pointer_cast<Followed<Record>>(stands);
    auto made = std::make_shared<Followed<Record>>(client_, read, now_, std::move(settings));
    known = made;
    return made;
  }

 private:
  ApiClient& client_;
  const std::function<Instant()> now_;
  std::map<std::string, std::weak_ptr<void>> by_path_;  // as many as there are kinds and namespaces
};

}  // namespace autoscaler
