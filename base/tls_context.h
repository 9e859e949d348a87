#pragma once

#include "base/tls_files.h"

#include <boost/asio/ssl/context.hpp>
#include <openssl/x509_vfy.h>

#include <mutex>
#include <optional>
#include <string>

namespace autoscaler {

// Who we trust and who we are towards one server. Verification is OpenSSL's own, with the name of
// our choice; cpprest's says no more than "Error in SSL handshake". Thread-safe. Outlives the
// contexts that it has configured.
class TlsContext {
 public:
  TlsContext(TlsFiles files, std::string host);
  void configure(boost::asio::ssl::context& to);  // never throws
  // Why the last connection could not be trusted or made: a sentence, once.
  std::optional<std::string> problem();

 private:
  static int verify(X509_STORE_CTX* chain, void* self);
  void note(std::string problem);

  const TlsFiles files_;
  const std::string name_;  // that the certificate must have: a DNS name or an IP address
  std::mutex mutex_;        // guards problem_
  std::optional<std::string> problem_;
};

}  // namespace autoscaler
