#pragma once

#include "controller/cluster.h"

#include <memory>
#include <vector>

namespace autoscaler {

// Several clusters as one, each with workloads of its own, ordered by name: the host and a
// Kubernetes, for example.
// One that does not answer hides its own workloads alone.
class ClusterReaders final : public ClusterReader {
 public:
  void add(std::shared_ptr<ClusterReader> reader, SharedList<WorkloadId> workloads);
  Result<ClusterObservation> observe(Instant now) override;

 private:
  struct Part {
    std::shared_ptr<ClusterReader> reader;
    SharedList<WorkloadId> workloads;
  };
  std::vector<Part> parts_;
};

class ClusterWriters final : public ClusterWriter {
 public:
  void add(std::unique_ptr<ClusterWriter> writer, SharedList<WorkloadId> workloads);
  std::vector<ChangeResult> apply(std::span<const Change> changes, Instant now) override;

 private:
  struct Part {
    std::unique_ptr<ClusterWriter> writer;
    SharedList<WorkloadId> workloads;
  };
  std::vector<Part> parts_;
};

}  // namespace autoscaler
