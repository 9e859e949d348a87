#include "controller/kubernetes/kubeconfig.h"

#include "base/watched_file.h"
#include "controller/config/yaml.h"
#include "controller/kubernetes/unbase64.h"

#include <cstdlib>
#include <filesystem>
#include <optional>
#include <sstream>

namespace autoscaler {
namespace {

constexpr size_t kLargest = 4u << 20;

// One place in one of the files.
struct Spot {
  const Node* node = nullptr;  // nullptr: not there
  std::string file;

  Spot at(std::string_view key) const {
    const Entry* entry = node == nullptr ? nullptr : node->find(key);
    return {entry == nullptr ? nullptr : entry->value.get(), file};
  }
  std::string text(std::string_view key) const {
    const Spot found = at(key);
    return found.node == nullptr ? "" : found.node->text;
  }
  Error wrong(const std::string& message) const {
    const int line = node == nullptr ? 1 : node->mark.line;
    return {Code::kInvalid, file + ":" + std::to_string(line) + ": " + message};
  }
};

using Files = std::vector<std::pair<std::string, NodePtr>>;

Result<Files> read_files(const std::string& paths) {
  Files files;
  std::istringstream list(paths);
  for (std::string path; std::getline(list, path, ':');) {
    if (path.empty()) continue;
    auto text = WatchedFile(path, kLargest).changed();
    if (!text) {
      // As kubectl does: one of several need not be there.
      if (text.error().code == Code::kNotFound && paths.find(':') != std::string::npos) continue;
      return Error{text.error().code, "kubeconfig " + text.error().message};
    }
    Problems problems(path);
    const std::vector<NodePtr> documents = read_yaml(text->value_or(""), problems);
    if (!problems.empty()) return Error{Code::kInvalid, describe(problems.take().front())};
    if (!documents.empty()) files.emplace_back(path, documents.front());
  }
  if (files.empty()) return Error{Code::kNotFound, "kubeconfig " + paths + " has nothing in it"};
  return files;
}

// The entry of `list` that is called `name`: its `key`. In {clusters: [{name, cluster: {...}}]}
// that is named("clusters", "cluster", name).
Result<Spot> named(const Files& files, const std::string& list, const std::string& key,
                   const std::string& name) {
  for (const auto& [file, root] : files) {
    const Spot all = Spot{root.get(), file}.at(list);
    if (all.node == nullptr) continue;
    for (const NodePtr& item : all.node->items) {
      const Spot entry{item.get(), file};
      if (entry.text("name") != name) continue;
      const Spot found = entry.at(key);
      return found.node == nullptr ? Spot{item.get(), file} : found;
    }
  }
  return Error{Code::kNotFound,
               "kubeconfig " + files.front().first + " has no '" + name + "' in " + list};
}

std::string current_context(const Files& files) {
  for (const auto& [file, root] : files) {
    std::string name = Spot{root.get(), file}.text("current-context");
    if (!name.empty()) return name;
  }
  return "";
}

// Paths are relative to the file that has them.
std::string absolute(const Spot& spot, const std::string& path) {
  return (std::filesystem::path(spot.file).parent_path() / path).string();
}

// `key`-data, base64, or the path at `key`.
Result<std::optional<std::string>> pem_file(const Spot& spot, const std::string& key,
                                            ApiAccess& access) {
  const Spot data = spot.at(key + "-data");
  if (data.node != nullptr && !data.node->text.empty()) {
    const std::optional<std::string> pem = unbase64(data.node->text);
    if (!pem) return data.wrong(key + "-data is no base64");
    auto file = MemoryFile::with(*pem);
    if (!file) return file.error();
    access.held.push_back(*file);
    return std::optional((*file)->path());
  }
  const std::string path = spot.text(key);
  if (path.empty()) return std::optional<std::string>();
  return std::optional(absolute(spot, path));
}

Status read_cluster(const Spot& cluster, ApiAccess& access) {
  access.url = cluster.text("server");
  if (!access.url.starts_with("https://") && !access.url.starts_with("http://")) {
    return cluster.wrong("the cluster's server must be an https:// URL");
  }
  while (access.url.ends_with('/')) access.url.pop_back();
  for (const char* key : {"insecure-skip-tls-verify", "proxy-url"}) {
    const std::string text = cluster.text(key);
    if (text.empty() || text == "false") continue;
    return cluster.at(key).wrong(std::string(key) +
                                 " is not supported: give certificate-authority and a server that "
                                 "can be reached");
  }
  const std::string name = cluster.text("tls-server-name");
  if (!name.empty()) access.tls.server_name = name;
  auto ca = pem_file(cluster, "certificate-authority", access);
  if (!ca) return ca.error();
  access.tls.ca = *ca;
  return Done{};
}

Result<ExecCommand> read_exec(const Spot& exec) {
  ExecCommand command;
  const std::string version = exec.text("apiVersion");
  if (version != "client.authentication.k8s.io/v1") {
    return exec.wrong("exec.apiVersion is '" + version +
                      "': only client.authentication.k8s.io/v1 is supported; most plugins take it "
                      "when it is written here");
  }
  std::string program = exec.text("command");
  if (program.empty()) return exec.wrong("exec.command is missing");
  if (program.find('/') != std::string::npos) program = absolute(exec, program);
  command.argv.push_back(program);
  if (const Spot arguments = exec.at("args"); arguments.node != nullptr) {
    for (const NodePtr& argument : arguments.node->items) command.argv.push_back(argument->text);
  }
  if (const Spot environment = exec.at("env"); environment.node != nullptr) {
    for (const NodePtr& item : environment.node->items) {
      const Spot variable{item.get(), exec.file};
      command.environment.emplace_back(variable.text("name"), variable.text("value"));
    }
  }
  command.install_hint = exec.text("installHint");
  return command;
}

Status read_user(const Spot& user, ApiAccess& access) {
  for (const char* key : {"username", "password", "auth-provider", "as", "as-uid", "as-groups"}) {
    if (user.at(key).node == nullptr) continue;
    return user.at(key).wrong(std::string(key) +
                              " is not supported: give the user a token, tokenFile, client "
                              "certificate or exec plugin of its own");
  }
  auto certificate = pem_file(user, "client-certificate", access);
  if (!certificate) return certificate.error();
  auto key = pem_file(user, "client-key", access);
  if (!key) return key.error();
  if (certificate->has_value() != key->has_value()) {
    return user.wrong("client-certificate and client-key go together: one of them is missing");
  }
  access.tls.certificate = *certificate;
  access.tls.key = *key;
  if (const std::string file = user.text("tokenFile"); !file.empty()) {
    access.identity = SecretFile{absolute(user, file)};
  } else if (const std::string token = user.text("token"); !token.empty()) {
    access.identity = FixedToken{token};
  } else if (const Spot exec = user.at("exec"); exec.node != nullptr) {
    auto command = read_exec(exec);
    if (!command) return command.error();
    access.identity = *std::move(command);
  }
  return Done{};
}

Result<ApiAccess> read_kubeconfig(const std::string& paths, std::string context) {
  const Result<Files> files = read_files(paths);
  if (!files) return files.error();
  if (context.empty()) context = current_context(*files);
  if (context.empty()) {
    return Error{Code::kNotFound, "kubeconfig " + paths +
                                      " has no current-context: choose one with "
                                      "kubectl config use-context"};
  }
  const Result<Spot> chosen = named(*files, "contexts", "context", context);
  if (!chosen) return chosen.error();
  ApiAccess access;
  if (const std::string name = chosen->text("namespace"); !name.empty()) access.name_space = name;
  const Result<Spot> cluster = named(*files, "clusters", "cluster", chosen->text("cluster"));
  if (!cluster) return cluster.error();
  if (Status read = read_cluster(*cluster, access); !read) return read.error();
  if (chosen->text("user").empty()) return access;
  const Result<Spot> user = named(*files, "users", "user", chosen->text("user"));
  if (!user) return user.error();
  if (Status read = read_user(*user, access); !read) return read.error();
  return access;
}

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

}  // namespace

Result<ApiAccess> pod_access(const std::string& host, const std::string& port,
                             const std::string& service_account) {
  ApiAccess access;
  // An IPv6 address stands in brackets.
  const bool v6 = host.find(':') != std::string::npos;
  access.url = "https://" + (v6 ? "[" + host + "]" : host) + ":" + port;
  access.tls.ca = service_account + "/ca.crt";
  access.identity = SecretFile{service_account + "/token"};
  for (const char* file : {"/ca.crt", "/token"}) {
    if (const auto text = read_secret(SecretFile{service_account + file});
        !text && text.error().code != Code::kInvalid) {
      return Error{text.error().code,
                   "the pod's service account cannot be used: " + text.error().message +
                       "; is automountServiceAccountToken off?"};
    }
  }
  if (const auto name = read_secret(SecretFile{service_account + "/namespace"})) {
    access.name_space = *name;
  }
  return access;
}

Result<ApiAccess> find_access(const AccessChoice& choice) {
  if (!choice.kubeconfig.empty()) return read_kubeconfig(choice.kubeconfig, choice.context);
  const std::string named = variable("KUBECONFIG");
  if (!named.empty()) return read_kubeconfig(named, choice.context);
  const std::string host = variable("KUBERNETES_SERVICE_HOST");
  if (!host.empty()) {
    return pod_access(host, variable("KUBERNETES_SERVICE_PORT"), choice.service_account);
  }
  return read_kubeconfig(variable("HOME") + "/.kube/config", choice.context);
}

}  // namespace autoscaler
