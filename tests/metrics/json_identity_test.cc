// Who asks for JSON documents, and whom it trusts. Real sockets.

#include "metrics/json_source.h"
#include "tests/base/raw_server.h"
#include "tests/base/tls_server.h"
#include "tests/fakes/certificates.h"
#include "tests/metrics/scraped.h"

#include <gmock/gmock.h>
#include <openssl/x509_vfy.h>

#include <atomic>
#include <fstream>
#include <mutex>

namespace {
std::atomic<int> folders_trusted = 0;
}
// Stands before OpenSSL's in this program: libcurl has a folder of authorities read by it.
extern "C" int X509_STORE_load_path(X509_STORE*, const char*) {
  ++folders_trusted;
  return 1;
}

namespace autoscaler {
namespace {

using std::chrono::seconds;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

constexpr Patience kPatient{seconds(60), seconds(60)};

std::string ok(const std::string& body) {
  return "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

class JsonIdentity : public testing::Test {
 protected:
  // The reading, or the reason and its detail.
  std::string read(JsonSource& source, const JsonRead& how, std::vector<Target> targets = {}) {
    now_ += seconds(5);
    const std::vector<SignalQuery> signals = {{how}};
    const WorkloadQuery query{&workload_, signals, std::move(targets)};
    std::vector<Signals> answers(1, Signals(1));
    std::vector<ReadError> errors;
    source.read({&query, 1}, now_, answers, errors);
    if (!errors.empty()) return errors[0].detail;
    const auto& readings = answers[0][0].readings;
    if (const auto* one = std::get_if<Reading>(&readings)) return shown(*one);
    return shown(std::get<InstanceReadings>(readings).at(0).reading);
  }
  static JsonRead of_service(const std::string& url) {
    return {.where = JsonRead::Service{url}, .pointer = "/a", .timeout = seconds(30)};
  }

  const Certificates files;

 private:
  const std::string workload_ = "shop";
  Instant now_{seconds(1732280400)};
};

TEST_F(JsonIdentity, WhereAFileOfAuthoritiesIsNamedTheSystemsAreNotTrustedBesideIt) {
  const TlsServer server(files.server(), files.server_key(), ok(R"({"a": 7})"));
  JsonSource by_the_system(kPatient, 1, IdentitySettings{});
  folders_trusted = 0;
  EXPECT_THAT(read(by_the_system, of_service(server.url())), Not("7"));
  EXPECT_GT(folders_trusted, 0) << "so that 0 below means something";
  IdentitySettings identity;
  identity.tls.ca_file = files.ca();
  JsonSource by_the_file(kPatient, 1, identity);
  folders_trusted = 0;
  EXPECT_EQ(read(by_the_file, of_service(server.url())), "7");
  EXPECT_EQ(folders_trusted, 0);
}

TEST_F(JsonIdentity, OverHttpsOnlyTheRightCertificateIsBelieved) {
  const TlsServer server(files.server(), files.server_key(), ok(R"({"a": 7})"));
  const TlsServer misnamed(files.named_server(), files.named_server_key(), ok(R"({"a": 7})"));
  IdentitySettings identity;
  identity.tls.ca_file = files.ca();
  JsonSource trusting(kPatient, 1, identity);
  EXPECT_EQ(read(trusting, of_service(server.url())), "7");
  EXPECT_THAT(read(trusting, of_service(misnamed.url())), HasSubstr("127.0.0.1"));

  JsonSource stranger(kPatient, 1);
  EXPECT_THAT(read(stranger, of_service(server.url())), HasSubstr("certificate"));
  identity.tls.server_name = "prometheus.test";
  JsonSource renaming(kPatient, 1, identity);
  EXPECT_EQ(read(renaming, of_service(misnamed.url())), "7");
}

TEST_F(JsonIdentity, AServerThatWantsToKnowUsIsShownOurCertificate) {
  const TlsServer server(files.server(), files.server_key(), ok(R"({"a": 7})"), files.ca());
  IdentitySettings identity;
  identity.tls.ca_file = files.ca();
  JsonSource nobody(kPatient, 1, identity);
  EXPECT_THAT(read(nobody, of_service(server.url())), Not("7"));
  identity.tls.cert_file = files.client();
  identity.tls.key_file = files.client_key();
  JsonSource known(kPatient, 1, identity);
  EXPECT_EQ(read(known, of_service(server.url())), "7");
}

// Its page and its documents come from one listener.
TEST_F(JsonIdentity, AnInstanceWhosePageIsOverHttpsIsAskedOverHttpsAtThatPort) {
  const TlsServer server(files.server(), files.server_key(), ok(R"({"a": 7})"));
  const std::string address = server.url().substr(8, server.url().find('/', 8) - 8);
  const JsonRead how{JsonRead::Instance{"/cpu"}, "/a", 1, seconds(30)};
  IdentitySettings identity;
  identity.tls.ca_file = files.ca();
  JsonSource source(kPatient, 1, identity);
  EXPECT_EQ(read(source, how, {{"a", server.url(), address}}), "7");

  RawServer plain([](RawConnection& c) {
    while (c.read_request()) c.send(ok(R"({"a": 8})"));
  });
  const std::string plain_address = "127.0.0.1:" + std::to_string(plain.port());
  const std::string page_elsewhere = "https://" + plain_address + "0/metrics";
  JsonSource other(kPatient, 1, identity);
  EXPECT_EQ(read(other, how, {{"b", page_elsewhere, plain_address}}), "8");
}

TEST_F(JsonIdentity, ATokenThatRotatesAndHeadersAreSentButNeverShown) {
  const TempDirectory folder;
  std::mutex mutex;  // guards seen
  std::string seen;
  const auto request = [&] {
    const std::lock_guard lock(mutex);
    return seen;
  };
  RawServer server([&](RawConnection& c) {
    while (c.read_request()) {
      {
        const std::lock_guard lock(mutex);
        seen = c.request();
      }
      c.send(ok(R"({"a": 7})"));
    }
  });
  std::ofstream(folder / "token") << "first\n";
  IdentitySettings identity;
  identity.auth = BearerToken{SecretFile{folder / "token"}};
  identity.headers = {"X-Scope-OrgID: shop"};
  JsonSource source(kPatient, 1, identity);
  EXPECT_EQ(read(source, of_service(server.url())), "7");
  EXPECT_THAT(request(), AllOf(HasSubstr("\r\nAuthorization: Bearer first\r\n"),
                               HasSubstr("\r\nX-Scope-OrgID: shop\r\n"),
                               HasSubstr("\r\nAccept: application/json\r\n")));
  std::ofstream(folder / "token") << "second";
  EXPECT_EQ(read(source, of_service(server.url())), "7");
  EXPECT_THAT(request(), HasSubstr("Bearer second\r\n"));

  identity.auth = BearerToken{SecretFile{folder / "none"}};
  JsonSource without(kPatient, 1, identity);
  EXPECT_THAT(read(without, of_service(server.url())), HasSubstr(folder / "none"));
}

}  // namespace
}  // namespace autoscaler
