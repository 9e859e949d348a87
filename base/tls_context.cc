#include "base/tls_context.h"

#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <utility>

// cpprest asks for this before each connection, whoever is to be trusted: the system's authorities
// are read and parsed each time, for 20 ms and a megabyte. This definition takes the place of
// OpenSSL's in the whole program; who needs those authorities gets them from `system_authorities`.
extern "C" int SSL_CTX_set_default_verify_paths(SSL_CTX*) {
  return 1;
}

namespace autoscaler {
namespace {

// Read once, when they are first needed; shared by all connections.
X509_STORE* system_authorities() {
  static X509_STORE* const store = [] {
    X509_STORE* made = X509_STORE_new();
    X509_STORE_set_default_paths(made);
    return made;
  }();
  return store;
}

}  // namespace

TlsContext::TlsContext(TlsFiles files, std::string host)
    : files_(std::move(files)), name_(files_.server_name.value_or(std::move(host))) {}

// A context without what it needs fails its handshake, and `problem` says why.
void TlsContext::configure(boost::asio::ssl::context& to) {
  note("");
  try {
    to.set_options(boost::asio::ssl::context::no_sslv2 | boost::asio::ssl::context::no_sslv3 |
                   boost::asio::ssl::context::no_tlsv1 | boost::asio::ssl::context::no_tlsv1_1);
    SSL_CTX_set_cert_verify_callback(to.native_handle(), &TlsContext::verify, this);
    if (files_.ca) {
      // Only those of the file count, not the system's beside them.
      SSL_CTX_set_cert_store(to.native_handle(), X509_STORE_new());
      to.load_verify_file(*files_.ca);
    } else {
      SSL_CTX_set1_cert_store(to.native_handle(), system_authorities());
    }
    if (files_.certificate) to.use_certificate_chain_file(*files_.certificate);
    if (files_.key) to.use_private_key_file(*files_.key, boost::asio::ssl::context::pem);
  } catch (const std::exception& error) {
    note(std::string("the TLS files cannot be used: ") + error.what());
    SSL_CTX_set_cert_verify_callback(
        to.native_handle(), [](X509_STORE_CTX*, void*) { return 0; }, nullptr);
  }
}

int TlsContext::verify(X509_STORE_CTX* chain, void* self) {
  auto& context = *static_cast<TlsContext*>(self);
  X509_VERIFY_PARAM* rule = X509_STORE_CTX_get0_param(chain);
  // The name is an IP address or a host; the wrong one of the two functions refuses it.
  const bool named =
      X509_VERIFY_PARAM_set1_ip_asc(rule, context.name_.c_str()) == 1 ||
      X509_VERIFY_PARAM_set1_host(rule, context.name_.c_str(), context.name_.size()) == 1;
  X509_VERIFY_PARAM_set_hostflags(rule, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  X509_STORE_CTX_set_verify_cb(chain, [](int trusted, X509_STORE_CTX*) { return trusted; });
  if (named && X509_verify_cert(chain) == 1) return 1;
  context.note("the certificate is not trusted for " + context.name_ + ": " +
               X509_verify_cert_error_string(X509_STORE_CTX_get_error(chain)));
  return 0;
}

void TlsContext::note(std::string problem) {
  const std::lock_guard lock(mutex_);
  problem_.reset();
  if (!problem.empty()) problem_ = std::move(problem);
}

std::optional<std::string> TlsContext::problem() {
  const std::lock_guard lock(mutex_);
  return std::exchange(problem_, std::nullopt);
}

}  // namespace autoscaler
