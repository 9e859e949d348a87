#pragma once

#include "base/check.h"
#include "tests/base/raw_server.h"

#include <openssl/ssl.h>

#include <csignal>
#include <memory>
#include <string>

namespace autoscaler {

// An https server on a free loopback port that gives every request the same answer.
class TlsServer {
 public:
  // With `client_ca`, only clients whose certificate it has signed are served.
  TlsServer(const std::string& certificate, const std::string& key, std::string answer,
            const std::string& client_ca = "")
      : answer_(std::move(answer)), context_(SSL_CTX_new(TLS_server_method()), &SSL_CTX_free) {
    std::signal(SIGPIPE, SIG_IGN);  // OpenSSL writes without MSG_NOSIGNAL
    SSL_CTX* context = context_.get();
    CHECK(SSL_CTX_use_certificate_file(context, certificate.c_str(), SSL_FILETYPE_PEM) == 1);
    CHECK(SSL_CTX_use_PrivateKey_file(context, key.c_str(), SSL_FILETYPE_PEM) == 1);
    if (!client_ca.empty()) {
      CHECK(SSL_CTX_load_verify_locations(context, client_ca.c_str(), nullptr) == 1);
      SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
    }
    server_ = std::make_unique<RawServer>([this](RawConnection& c) { serve(c); });
  }

  std::string url(const std::string& host = "127.0.0.1") const {
    return "https://" + host + ":" + std::to_string(server_->port()) + "/metrics";
  }

 private:
  void serve(const RawConnection& connection) {
    const std::unique_ptr<SSL, decltype(&SSL_free)> ssl(SSL_new(context_.get()), &SSL_free);
    SSL_set_fd(ssl.get(), connection.descriptor());
    if (SSL_accept(ssl.get()) != 1) return;
    std::string received;
    char buffer[4096];
    int got = 0;
    while ((got = SSL_read(ssl.get(), buffer, sizeof buffer)) > 0) {
      received.append(buffer, static_cast<size_t>(got));
      if (received.find("\r\n\r\n") == std::string::npos) continue;
      received.clear();
      if (SSL_write(ssl.get(), answer_.data(), static_cast<int>(answer_.size())) <= 0) return;
    }
  }

  const std::string answer_;
  const std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context_;
  std::unique_ptr<RawServer> server_;  // last: its threads use the others
};

}  // namespace autoscaler
