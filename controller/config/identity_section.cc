#include "controller/config/scalars.h"
#include "controller/config/sections.h"

#include <algorithm>
#include <cctype>

namespace autoscaler {
namespace {

constexpr Grammar kHeader = {"the name of an HTTP header (letters, digits and -)",
                             "^[A-Za-z0-9][-A-Za-z0-9]{0,63}$"};
constexpr Grammar kVariable = {"the name of an environment variable (letters, digits and _)",
                               "^[A-Za-z_][A-Za-z0-9_]{0,127}$"};
constexpr Grammar kServerName = {"the name in a certificate", "^[A-Za-z0-9]([-A-Za-z0-9.:]*)$"};

// {file: PATH} or {env: NAME}: a secret never stands in the config.
Shape secret(const std::function<void(Secret)>& take) {
  return mapping([take](Fields& fields) {
    auto file = std::make_shared<std::optional<std::string>>();
    auto variable = std::make_shared<std::optional<std::string>>();
    fields.optional("file", scalar(*file, path_text("the path of a file")),
                    "the file that holds it; read again when it is replaced");
    fields.optional("env", scalar(*variable, name(kVariable)),
                    "the environment variable that holds it");
    fields.exactly_one({"file", "env"});
    fields.check([take, file, variable](const Cursor&) {
      if (*file) take(SecretFile{**file});
      if (*variable) take(SecretVariable{**variable});
    });
  });
}

bool holds_a_secret(std::string name) {
  std::transform(name.begin(), name.end(), name.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  for (const char* word : {"authorization", "token", "key", "secret", "password", "cookie"}) {
    if (name.find(word) != std::string::npos) return true;
  }
  return false;
}

Shape headers(IdentitySettings& to) {
  return map_of(kHeader, [&to](const std::string& name) {
    auto text = std::make_shared<std::string>();
    Shape value = scalar(*text, path_text("the value of a header"));
    value.initial = {};
    value.read = [&to, name, text, read = value.read](const Cursor& cursor) {
      if (holds_a_secret(name)) {
        cursor.problem("a header of this name holds a secret: write bearer or basic instead");
        return;
      }
      read(cursor);
      to.headers.push_back(name + ": " + *text);
    };
    return value;
  });
}

Shape basic(IdentitySettings& to) {
  return mapping([&to](Fields& fields) {
    auto made = std::make_shared<BasicPassword>();
    fields.required("user", scalar(made->user, path_text("the name of a user")),
                    "name of the user");
    fields.required("password", secret([made](Secret value) { made->password = std::move(value); }),
                    "where the password stands");
    fields.check([&to, made](const Cursor&) { to.auth = *made; });
  });
}

Shape tls(TlsSettings& to) {
  return mapping([&to](Fields& fields) {
    const auto file = [](std::string& path) {
      Shape shape = scalar(path, path_text("the path of a PEM file"));
      shape.initial = {};
      return shape;
    };
    fields.optional("ca", file(to.ca_file), "authorities to trust instead of the system's");
    fields.optional("cert", file(to.cert_file), "our own certificate, for mTLS");
    fields.optional("key", file(to.key_file), "its private key");
    Shape server_name = scalar(to.server_name, name(kServerName));
    server_name.initial = {};
    fields.optional("serverName", std::move(server_name),
                    "the name that certificates must have, if it is not the URL's host; also sent "
                    "as Host");
    auto skip = std::make_shared<bool>(false);
    fields.optional("insecureSkipVerify", scalar(*skip, truth()),
                    "true: any certificate will do, and anybody can answer in the target's place");
    fields.check([&to, skip](const Cursor& cursor) {
      to.verify = !*skip;
      if (*skip && !to.ca_file.empty()) {
        cursor.problem_at_key("insecureSkipVerify", "contradicts ca: give one of the two");
      }
      if (to.cert_file.empty() == to.key_file.empty()) return;
      cursor.problem("cert and key go together: give both, or neither");
    });
  });
}

}  // namespace

void describe_identity(IdentitySettings& to, Fields& fields) {
  fields.optional("headers", headers(to), "sent with each request");
  fields.optional("bearer",
                  secret([&to](Secret value) { to.auth = BearerToken{std::move(value)}; }),
                  "a token sent as Authorization: Bearer");
  fields.optional("basic", basic(to), "a user and password sent as Authorization: Basic");
  fields.optional("tls", tls(to.tls), "for https targets");
  fields.check([](const Cursor& cursor) {
    if (cursor.has("bearer") && cursor.has("basic")) {
      cursor.problem_at_key("basic", "contradicts bearer: give one of the two");
    }
  });
}

}  // namespace autoscaler
