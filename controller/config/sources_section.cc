#include "controller/config/scalars.h"
#include "controller/config/sections.h"

#include <algorithm>
#include <cctype>
#include <string_view>

namespace autoscaler {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;

constexpr Grammar kHeaderName = {"the name of an HTTP header (letters, digits and -)",
                                 "^[A-Za-z0-9][-A-Za-z0-9]{0,63}$"};
constexpr Grammar kVariableName = {"the name of an environment variable (letters, digits and _)",
                                   "^[A-Za-z_][A-Za-z0-9_]{0,127}$"};
constexpr const char* kOnlyServer = "prometheus";
constexpr std::string_view kServerKeys[] = {"url", "headers", "bearer", "basic", "tls"};

// A password in a URL would be in every log line about it.
ScalarRule<std::string> server_url() {
  ScalarRule<std::string> rule = path_text("a URL such as http://prometheus:9090");
  const auto parse = rule.parse;
  rule.parse = [parse](const Node& node) -> Result<std::string> {
    auto text = parse(node);
    if (!text.ok()) return text;
    const Status sound = check_url(*text, {"http://", "https://"});
    if (!sound.ok()) return sound.error();
    if (text->find_first_of("?#") != std::string::npos) {
      return Error{Code::kInvalid, "it ends with a ? or #: write it up to its path"};
    }
    while (text->ends_with('/')) text->pop_back();
    return text;
  };
  return rule;
}

ScalarRule<std::string> header_text() {
  ScalarRule<std::string> rule = path_text("the value of a header");
  const auto parse = rule.parse;
  rule.parse = [parse](const Node& node) -> Result<std::string> {
    auto text = parse(node);
    const bool plain = !text.ok() || std::all_of(text->begin(), text->end(), [](unsigned char c) {
      return c >= ' ' && c != 0x7f;
    });
    if (!plain) return Error{Code::kInvalid, "it holds a control character"};
    return text;
  };
  return rule;
}

// {file: PATH} or {env: NAME}.
Shape secret(const std::function<void(Secret)>& take) {
  return mapping([take](Fields& fields) {
    auto file = std::make_shared<std::optional<std::string>>();
    auto variable = std::make_shared<std::optional<std::string>>();
    fields.optional("file", scalar(*file, path_text("the path of a file")),
                    "the file that holds it, read anew each time: it may be replaced");
    fields.optional("env", scalar(*variable, name(kVariableName)),
                    "the environment variable that holds it");
    fields.exactly_one({"file", "env"});
    fields.check([take, file, variable](const Cursor&) {
      if (*file) take(SecretFile{**file});
      if (*variable) take(SecretVariable{**variable});
    });
  });
}

bool is_secret_header(std::string name) {
  std::transform(name.begin(), name.end(), name.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  for (const char* word : {"authorization", "token", "key", "secret", "password", "cookie"}) {
    if (name.find(word) != std::string::npos) return true;
  }
  return false;
}

Shape header_value(PrometheusServer& to, const std::string& name) {
  auto text = std::make_shared<std::string>();
  Shape plain = scalar(*text, header_text());
  plain.initial = {};
  plain.read = [&to, name, text, read = plain.read](const Cursor& cursor) {
    if (is_secret_header(name)) {
      cursor.problem("a header of this name holds a secret: write {file: PATH} or {env: NAME}");
      return;
    }
    read(cursor);
    to.headers.emplace_back(name, *text);
  };
  return either(std::move(plain),
                secret([&to, name](Secret value) { to.headers.emplace_back(name, value); }));
}

void describe_access(PrometheusServer& to, Fields& fields) {
  fields.optional(
      "headers",
      map_of(kHeaderName, [&to](const std::string& name) { return header_value(to, name); }),
      "sent with each query: X-Scope-OrgID for a tenant");
  fields.optional("bearer", secret([&to](Secret value) { to.bearer = std::move(value); }),
                  "a token sent as Authorization: Bearer");
  fields.optional("basic", mapping([&to](Fields& basic) {
                    auto made = std::make_shared<PrometheusServer::Basic>();
                    basic.required("user", scalar(made->user, header_text()), "name of the user");
                    basic.required("password", secret([made](Secret value) {
                                     made->password = std::move(value);
                                   }),
                                   "where the password stands");
                    basic.check([&to, made](const Cursor&) { to.basic = *made; });
                  }),
                  "a user and password sent as Authorization: Basic");
  fields.optional("tls", mapping([&to](Fields& tls) {
                    const auto file = [](std::optional<std::string>& path) {
                      return scalar(path, path_text("the path of a PEM file"));
                    };
                    tls.optional("ca", file(to.tls.ca),
                                 "authorities to trust instead of the system's");
                    tls.optional("cert", file(to.tls.certificate), "our own certificate, for mTLS");
                    tls.optional("key", file(to.tls.key), "its private key");
                    tls.optional("serverName", scalar(to.tls.server_name, header_text()),
                                 "the name in the server's certificate, if it is not the URL's");
                    tls.check([&to](const Cursor& cursor) {
                      if (to.tls.certificate.has_value() == to.tls.key.has_value()) return;
                      cursor.problem("cert and key go together: give both, or neither");
                    });
                  }),
                  "for an https URL");
}

Shape server(PrometheusServer& to) {
  return mapping([&to](Fields& fields) {
    fields.required("url", scalar(to.url, server_url()),
                    "http(s)://host:port, with the path before /api/v1 if there is one");
    describe_access(to, fields);
    fields.optional("timeout", scalar(to.timeout, duration(milliseconds(100), minutes(1))),
                    "time within which a query must be answered, retries included");
    fields.optional("concurrency", scalar(to.concurrency, integer(1, 64)),
                    "queries under way at once");
    fields.optional("maxSize", scalar(to.max_bytes, bytes(1 << 10, 64 << 20)),
                    "a longer answer is refused");
    fields.optional("acceptPartial", scalar(to.accept_partial, truth()),
                    "take answers that the server says may be incomplete");
    fields.check([&to](const Cursor& cursor) {
      if (to.bearer && to.basic) {
        cursor.problem_at_key("basic", "contradicts bearer: give one of the two");
      }
      if (cursor.has("tls") && to.url.starts_with("http://")) {
        cursor.problem_at_key("tls", "has no meaning with an http URL: write https");
      }
    });
  });
}

// One server, or a mapping of several by their names.
Shape servers(std::vector<PrometheusServer>& to) {
  const auto one = [&to](const std::string& name) {
    auto made = std::make_shared<PrometheusServer>();
    made->name = name;
    Shape shape = server(*made);
    shape.read = [&to, made, read = shape.read](const Cursor& cursor) {
      read(cursor);
      to.push_back(*made);
    };
    return shape;
  };
  const Shape plain = one(kOnlyServer);
  const Shape several = map_of(kLocalName, one);
  return Shape{
      [plain, several](const Cursor& cursor) {
        const auto is_mapping = [](const Entry& entry) {
          return entry.value->kind == Node::Kind::kMapping;
        };
        const auto& entries = cursor.node().entries;
        // The keys of a server whose url was forgotten are no names of servers.
        const auto is_key = [](const Entry& entry) {
          return std::ranges::find(kServerKeys, entry.key) != std::end(kServerKeys);
        };
        const bool named = !entries.empty() &&
                           std::all_of(entries.begin(), entries.end(), is_mapping) &&
                           std::none_of(entries.begin(), entries.end(), is_key);
        (named ? several : plain).read(cursor);
      },
      [plain, several] { return "{\"anyOf\":[" + plain.schema() + "," + several.schema() + "]}"; }};
}

}  // namespace

Status check_url(const std::string& url, const std::vector<std::string>& schemes) {
  for (const std::string& scheme : schemes) {
    if (!url.starts_with(scheme)) continue;
    const size_t end = url.find_first_of("/?#", scheme.size());
    const std::string host = url.substr(scheme.size(), end - scheme.size());
    if (host.find('@') != std::string::npos) {
      return Error{Code::kInvalid, "it holds a user or password, which logs would show"};
    }
    const bool odd = std::any_of(url.begin(), url.end(), [](unsigned char c) {
      return c <= ' ' || c >= 0x7f || c == '"' || c == '<' || c == '>' || c == '\\' || c == '{' ||
             c == '}';
    });
    if (host.empty() || host.starts_with(':') || odd) break;
    return Done{};
  }
  return Error{Code::kInvalid, "it is not " + schemes.front() + "host:port/path"};
}

Shape sources_section(SourcesDraft& to) {
  return mapping([&to](Fields& fields) {
    fields.optional("scrape", scrape_section(to.scrape), "how metrics pages are read");
    fields.optional("prometheus", servers(to.prometheus),
                    "a server of Prometheus' HTTP API, or several by their names");
    fields.optional("json", mapping([&to](Fields& json) { describe_identity(to.json, json); }),
                    "who asks for JSON documents, and whom to trust");
  });
}

}  // namespace autoscaler
