#include "controller/config/scalars.h"
#include "controller/config/sections.h"

#include <arpa/inet.h>

namespace autoscaler {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;

constexpr Grammar kHaproxyName = {"a name of letters, digits, - _ . and :",
                                  "^[-A-Za-z0-9_.:]{1,128}$"};
constexpr size_t kLongestSocketPath = 107;  // sockaddr_un

bool is_ip_address(std::string host) {
  if (host == "localhost") return true;
  in6_addr address{};  // large enough for either
  if (inet_pton(AF_INET, host.c_str(), &address) == 1) return true;
  if (host.size() < 3 || host.front() != '[' || host.back() != ']') return false;
  return inet_pton(AF_INET6, host.substr(1, host.size() - 2).c_str(), &address) == 1;
}

ScalarRule<std::string> runtime_socket() {
  ScalarRule<std::string> rule =
      path_text("an absolute path such as /run/haproxy/admin.sock, or IP:port");
  const auto parse = rule.parse;
  rule.parse = [parse](const Node& node) -> Result<std::string> {
    auto text = parse(node);
    if (!text.ok()) return text;
    if (text->front() == '/') {
      if (text->size() <= kLongestSocketPath) return text;
      return Error{Code::kInvalid, "it is longer than 107 bytes, the limit of a socket's path"};
    }
    const size_t colon = text->rfind(':');
    const bool relative = colon == std::string::npos || text->find('/') != std::string::npos;
    if (relative) return Error{Code::kInvalid, "it is a relative path"};
    const auto port = parse_integer(std::string_view(*text).substr(colon + 1));
    if (colon == 0 || !port.ok() || *port < 1 || *port > 65535) {
      return Error{Code::kInvalid, "it is not IP:port"};
    }
    if (!is_ip_address(text->substr(0, colon))) {
      return Error{Code::kInvalid,
                   "it names a host: a look-up of names cannot be held to a deadline, so write "
                   "its IP address (IPv6 in [ ])"};
    }
    return text;
  };
  return rule;
}

// A ; or a second line would be a second command to the Runtime API.
ScalarRule<std::string> server_options() {
  ScalarRule<std::string> rule = any_text("options of `add server`, such as maxconn 50");
  const auto parse = rule.parse;
  rule.parse = [parse](const Node& node) -> Result<std::string> {
    auto text = parse(node);
    if (text.ok() && text->find(';') != std::string::npos) {
      return Error{Code::kInvalid, "it holds a ;, which would end the command"};
    }
    return text;
  };
  return rule;
}

void describe_haproxy(HaproxyBalancer& to, Fields& fields) {
  fields.required("socket", scalar(to.socket, runtime_socket()),
                  "the Runtime API (`stats socket ... level admin`): an absolute path or IP:port");
  fields.required("backend", scalar(to.backend, name(kHaproxyName)),
                  "backend whose servers are added and removed");
  fields.optional("serverPrefix", scalar(to.server_prefix, name(kHaproxyName)),
                  "servers whose names do not start so are never touched");
  fields.optional("checkInterval",
                  scalar(to.check_interval, duration(milliseconds(100), minutes(5))),
                  "time between the balancer's own health checks");
  fields.optional("serverOptions", scalar(to.server_options, server_options()),
                  "appended to `add server`, such as maxconn 50");
  fields.optional("timeout", scalar(to.timeout, duration(milliseconds(10), minutes(1))),
                  "time within which one command must be answered");
}

}  // namespace

Shape load_balancer_section(std::optional<HaproxyBalancer>& to) {
  return mapping([&to](Fields& fields) {
    auto haproxy = std::make_shared<HaproxyBalancer>();
    fields.required("haproxy",
                    mapping([haproxy](Fields& inner) { describe_haproxy(*haproxy, inner); }),
                    "an HAProxy of version 2.6 or later");
    fields.check([&to, haproxy](const Cursor&) { to = *haproxy; });
  });
}

}  // namespace autoscaler
