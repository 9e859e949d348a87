#pragma once

#include "controller/tick_record.h"

#include <memory>
#include <mutex>
#include <utility>
#include <vector>

namespace autoscaler {

// Records whose memory goes from tick to tick: of 2,000 workloads one takes 2 MB, which would come
// from the kernel page by page each time. One record is kept, empty, whoever lets go of it last.
class RecordPool {
 public:
  // An empty one.
  std::shared_ptr<TickRecord> take() {
    std::unique_ptr<TickRecord> record;
    {
      const std::lock_guard lock(spare_->mutex);
      record = std::move(spare_->record);
    }
    if (record == nullptr) record = std::make_unique<TickRecord>();
    return {record.release(), [spare = spare_](TickRecord* left) {
              std::unique_ptr<TickRecord> over(left);  // of two spare ones the older goes
              std::vector<WorkloadTick> room = std::move(left->workloads);
              room.clear();
              *left = {};
              left->workloads = std::move(room);
              const std::lock_guard lock(spare->mutex);
              spare->record.swap(over);
            }};
  }

 private:
  struct Spare {
    std::mutex mutex;
    std::unique_ptr<TickRecord> record;
  };
  const std::shared_ptr<Spare> spare_ = std::make_shared<Spare>();  // outlives the loop
};

}  // namespace autoscaler
