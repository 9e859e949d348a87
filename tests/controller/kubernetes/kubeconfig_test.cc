#include "controller/kubernetes/kubeconfig.h"

#include "base/base64.h"
#include "controller/kubernetes/exec_credential.h"
#include "tests/fakes/temp_directory.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>

namespace autoscaler {
namespace {

class Kubeconfig : public testing::Test {
 protected:
  std::string write(const std::string& name, const std::string& text) {
    std::ofstream(directory_ / name) << text;
    return directory_ / name;
  }
  Result<ApiAccess> find(const std::string& user,
                         const std::string& cluster = "server: https://k:6443",
                         const std::string& context = "") {
    return find_access({.kubeconfig = write("config", R"(
apiVersion: v1
kind: Config
current-context: one
contexts:
  - {name: one, context: {cluster: c, user: u, namespace: shop}}
  - {name: two, context: {cluster: gone, user: u}}
clusters:
  - name: c
    cluster: {)" + cluster + R"(}
users:
  - name: u
    user: {)" + user + "}\n"),
                        .context = context});
  }
  static std::string text_of(const std::string& path) {
    std::ifstream file(path);
    return {std::istreambuf_iterator<char>(file), {}};
  }

  TempDirectory directory_;
};

TEST_F(Kubeconfig, ReadsContextClusterAndUser) {
  const auto access = find("token: abc",
                           "server: https://k:6443/, certificate-authority: ca.pem, "
                           "tls-server-name: kubernetes");
  ASSERT_TRUE(access.ok()) << access.error().message;
  EXPECT_EQ(access->url, "https://k:6443");
  EXPECT_EQ(access->name_space, "shop");
  EXPECT_EQ(access->tls.ca, directory_ / "ca.pem");  // relative to the file
  EXPECT_EQ(access->tls.server_name, "kubernetes");
  EXPECT_EQ(std::get<FixedToken>(access->identity).token, "abc");
}

TEST_F(Kubeconfig, KeepsWhatIsInTheFileInMemoryAlone) {
  const auto access =
      find("client-certificate-data: " + base64("CERT") + ", client-key-data: " + base64("KEY"),
           "server: https://k, certificate-authority-data: " + base64("CA"));
  ASSERT_TRUE(access.ok()) << access.error().message;
  EXPECT_EQ(text_of(*access->tls.ca), "CA");
  EXPECT_EQ(text_of(*access->tls.certificate), "CERT");
  EXPECT_EQ(text_of(*access->tls.key), "KEY");
  EXPECT_TRUE(access->tls.key->starts_with("/proc/self/fd/"));
}

TEST_F(Kubeconfig, TheFirstOfSeveralFilesThatHasANameWins) {
  const std::string first =
      write("first", "current-context: x\nusers: [{name: u, user: {token: a}}]\n");
  const std::string second = write("second", R"(
current-context: y
contexts: [{name: x, context: {cluster: c, user: u}}]
clusters: [{name: c, cluster: {server: "https://k"}}]
users: [{name: u, user: {token: b}}]
)");
  const auto access =
      find_access({.kubeconfig = first + ":" + second + ":" + (directory_ / "none")});
  ASSERT_TRUE(access.ok()) << access.error().message;
  EXPECT_EQ(std::get<FixedToken>(access->identity).token, "a");
}

TEST_F(Kubeconfig, SaysWhatIsWrongAndWhere) {
  const std::string file = directory_ / "config";
  const auto message = [](const Result<ApiAccess>& result) {
    return result.ok() ? "nothing" : result.error().message;
  };
  EXPECT_EQ(message(find("token: a", "server: https://k", "three")),
            "kubeconfig " + file + " has no 'three' in contexts");
  EXPECT_EQ(message(find("token: a", "server: https://k", "two")),
            "kubeconfig " + file + " has no 'gone' in clusters");
  EXPECT_EQ(message(find("token: a", "server: k")),
            file + ":10: the cluster's server must be an https:// URL");
  EXPECT_NE(message(find("token: a", "server: https://k, insecure-skip-tls-verify: true"))
                .find("insecure-skip-tls-verify is not supported"),
            std::string::npos);
  EXPECT_NE(message(find("username: a, password: b")).find("username is not supported"),
            std::string::npos);
  EXPECT_NE(message(find("client-certificate: a")).find("go together"), std::string::npos);
  EXPECT_NE(message(find("client-certificate-data: '!', client-key: k")).find("is no base64"),
            std::string::npos);
  EXPECT_NE(message(find("exec: {apiVersion: client.authentication.k8s.io/v1beta1, command: x}"))
                .find("only client.authentication.k8s.io/v1 is supported"),
            std::string::npos);
  EXPECT_NE(message(find_access({.kubeconfig = directory_ / "none"})).find("none cannot be read"),
            std::string::npos);
  const std::string broken = write("broken", "a: [\n");
  EXPECT_TRUE(message(find_access({.kubeconfig = broken})).starts_with(broken + ":"));
}

TEST_F(Kubeconfig, APodHasItsServiceAccount) {
  EXPECT_NE(pod_access("10.0.0.1", "443", directory_.path()).error().message.find("automount"),
            std::string::npos);
  write("token", "abc");
  write("ca.crt", "-----BEGIN\nEND\n");
  write("namespace", "shop");
  const auto access = pod_access("fd00::1", "443", directory_.path());
  ASSERT_TRUE(access.ok()) << access.error().message;
  EXPECT_EQ(access->url, "https://[fd00::1]:443");
  EXPECT_EQ(access->name_space, "shop");
  EXPECT_EQ(std::get<SecretFile>(access->identity).path, directory_ / "token");
}

class Plugin : public Kubeconfig {
 protected:
  Result<ExecCredential> run(const std::string& script,
                             std::chrono::milliseconds deadline = std::chrono::seconds(20)) {
    return run_exec_plugin({{"/bin/sh", "-c", script}, {{"WHO", "me"}}, "install it"}, deadline);
  }
};

TEST_F(Plugin, GivesATokenUntilItExpires) {
  const auto made = run(R"(test "$WHO" = me && case "$KUBERNETES_EXEC_INFO" in *ExecCredential*)
    echo '{"kind":"ExecCredential","status":{"token":"t","expirationTimestamp":"2026-01-02T03:04:05Z"}}';; esac)");
  ASSERT_TRUE(made.ok()) << made.error().message;
  EXPECT_EQ(made->token, "t");
  EXPECT_TRUE(made->expires.has_value());
}

TEST_F(Plugin, SaysWhyItGaveNone) {
  EXPECT_NE(run("exit 3").error().message.find("/bin/sh failed"), std::string::npos);
  EXPECT_NE(run("echo secret-word").error().message.find("printed no JSON"), std::string::npos);
  EXPECT_EQ(run("echo secret-word").error().message.find("secret-word"), std::string::npos);
  EXPECT_NE(run("echo '{}'").error().message.find("printed no ExecCredential"), std::string::npos);
  EXPECT_NE(run("cat /dev/zero").error().message.find("more than 1 MiB"), std::string::npos);
  EXPECT_EQ(run("sleep 60", std::chrono::milliseconds(200)).error().code, Code::kTimeout);
  const auto none =
      run_exec_plugin({{"no-such-plugin"}, {}, "install it"}, std::chrono::seconds(5));
  EXPECT_EQ(none.error().code, Code::kNotFound);
  EXPECT_NE(none.error().message.find("install it"), std::string::npos);
}

}  // namespace
}  // namespace autoscaler
