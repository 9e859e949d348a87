#pragma once

#include "base/result.h"
#include "policies/time.h"

#include <nlohmann/json_fwd.hpp>

namespace autoscaler {

// What is told of the objects of one kind, in order, by the one thread that follows them.
class Collection {
 public:
  virtual ~Collection() = default;

  // A list: what is not in it does not exist. Nothing of it counts before it has ended.
  virtual void begin_list() = 0;
  virtual Status list(const nlohmann::json& object) = 0;
  virtual void end_list() = 0;

  virtual void put(const nlohmann::json& object) = 0;
  virtual void erase(const nlohmann::json& object) = 0;

  // The server has answered; or has not, and why.
  virtual void heard() = 0;
  virtual void failed(const Error& error) = 0;
};

}  // namespace autoscaler
