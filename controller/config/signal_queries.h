#pragma once

#include "controller/config/sections.h"

namespace autoscaler {

// The keys of signals with source: prometheus or json, as written.
struct WrittenQuery {
  std::optional<std::string> query, server;
  std::optional<Duration> offset;
  std::optional<double> when_empty;
  std::optional<std::string> url, path, pointer;
  std::optional<double> scale;
  std::optional<size_t> unit;
  std::optional<Duration> timeout;
  // source: kubernetes
  std::optional<std::string> resource, container, pods, external, selector;
  std::optional<KubernetesRead::Object> object;
  bool of_request = true;
};

void describe_queries(WrittenQuery& to, const PolicyReading* policy, Fields& fields);

// A window that ends in the past makes readings older by as much.
void allow_for_offset(const Cursor& cursor, Duration offset, Duration interval,
                      const ReadContext& context, SignalDraft& to);

// After all keys were read. `to.spec.max_age` holds what is right without an offset.
void build_prometheus(const Cursor& cursor, const WrittenQuery& written, const ReadContext& context,
                      SignalDraft& to);
void build_json(const Cursor& cursor, const WrittenQuery& written, SignalDraft& to);

// source: kubernetes, in a file of its own.
void describe_kubernetes_metrics(WrittenQuery& to, Fields& fields);
void build_kubernetes(const Cursor& cursor, const WrittenQuery& written, SignalDraft& to);

}  // namespace autoscaler
