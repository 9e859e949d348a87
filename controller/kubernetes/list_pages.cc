#include "controller/kubernetes/list_pages.h"

#include "controller/kubernetes/list_stream.h"

#include <nlohmann/json.hpp>

namespace autoscaler {
namespace {

using nlohmann::json;

ApiError unreadable(const std::string& path, const Error& error) {
  return {ApiReason::kTransport, {error.code, "GET " + path + ": " + error.message}};
}

std::string text_at(const json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : "";
}

// One request; `metadata` becomes that of its list.
std::optional<ApiError> list_page(ApiClient& client, const ListRequest& request,
                                  const std::string& query,
                                  const std::function<Status(const json&)>& item, json& metadata,
                                  const std::stop_token& stop) {
  Status read = Done{};
  ListStream stream([&](std::string_view text) -> Status {
    const json object = json::parse(text, nullptr, false);
    if (object.is_discarded()) return Error{Code::kInvalid, "an item of the list is not JSON"};
    return item(object);
  });
  const auto sink = [&](std::string_view bytes) {
    read = stream.feed(bytes);
    return read.ok();
  };
  const char* accept = request.metadata_only ? kAcceptMetadataList : kAcceptJson;
  if (auto error =
          client.stream(request.path + "?" + query, request.deadline, sink, stop, accept)) {
    return error;
  }
  if (read.ok()) read = stream.end();
  if (!read.ok()) return unreadable(request.path, read.error());
  metadata = json::parse(stream.metadata(), nullptr, false);
  if (!metadata.is_object() || text_at(metadata, "resourceVersion").empty()) {
    return unreadable(request.path, {Code::kInvalid, "the list has no resourceVersion"});
  }
  return std::nullopt;
}

}  // namespace

Listed list_pages(ApiClient& client, const ListRequest& request,
                  const std::function<Status(const json&)>& item, const std::stop_token& stop) {
  const std::string page = "limit=" + std::to_string(request.page);
  std::string query = request.from_memory ? "resourceVersion=0" : page;
  std::string next;
  json metadata;
  do {
    if (auto error = list_page(client, request, query, item, metadata, stop)) return {"", error};
    next = text_at(metadata, "continue");
    query = page + "&continue=" + query_value(next);
  } while (!next.empty());
  return {text_at(metadata, "resourceVersion"), std::nullopt};
}

}  // namespace autoscaler
