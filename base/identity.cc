#include "base/identity.h"

#include "base/transfer.h"

#include <memory>

namespace autoscaler {
namespace {

const Secret* secret_of(const IdentitySettings& settings) {
  if (const auto* bearer = std::get_if<BearerToken>(&settings.auth)) return &bearer->token;
  if (const auto* basic = std::get_if<BasicPassword>(&settings.auth)) return &basic->password;
  return nullptr;
}

void set_text(CURL* easy, CURLoption option, const std::string& text) {
  if (!text.empty()) curl_easy_setopt(easy, option, text.c_str());
}

void configure_tls(CURL* easy, const TlsSettings& tls) {
  curl_easy_setopt(easy, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, tls.verify ? 1L : 0L);
  curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, tls.verify ? 2L : 0L);
  set_text(easy, CURLOPT_CAINFO, tls.ca_file);
  if (!tls.ca_file.empty()) curl_easy_setopt(easy, CURLOPT_CAPATH, nullptr);  // no others beside
  set_text(easy, CURLOPT_SSLCERT, tls.cert_file);
  set_text(easy, CURLOPT_SSLKEY, tls.key_file.empty() ? tls.cert_file : tls.key_file);
}

}  // namespace

Identity::Identity(IdentitySettings settings) : settings_(std::move(settings)) {
  refresh();
}

void Identity::refresh() {
  const Secret* const secret = secret_of(settings_);
  if (secret == nullptr) return;
  Result<std::string> text = read_secret(*secret);
  if (!text) {
    if (secret_.empty()) problem_ = Error{Code::kDenied, text.error().message};
    return;
  }
  if (*text == secret_) return;
  secret_ = *std::move(text);
  problem_.reset();
  ++version_;
}

void Identity::configure(Transfer& transfer) const {
  CURL* easy = transfer.easy;
  configure_tls(easy, settings_.tls);
  for (const std::string& header : settings_.headers) {
    transfer.headers = curl_slist_append(transfer.headers, header.c_str());
  }
  if (std::holds_alternative<BearerToken>(settings_.auth)) {
    const std::string header = "Authorization: Bearer " + secret_;
    transfer.headers = curl_slist_append(transfer.headers, header.c_str());
  } else if (const auto* basic = std::get_if<BasicPassword>(&settings_.auth)) {
    curl_easy_setopt(easy, CURLOPT_HTTPAUTH, static_cast<long>(CURLAUTH_BASIC));
    curl_easy_setopt(easy, CURLOPT_USERNAME, basic->user.c_str());
    curl_easy_setopt(easy, CURLOPT_PASSWORD, secret_.c_str());
  }
  curl_easy_setopt(easy, CURLOPT_HTTPHEADER, transfer.headers);
}

void Identity::rename_server(Transfer& transfer, const std::string& url,
                             const std::string& target) const {
  const std::unique_ptr<CURLU, decltype(&curl_url_cleanup)> parsed(curl_url(), curl_url_cleanup);
  CHECK(parsed != nullptr);
  curl_url_set(parsed.get(), CURLUPART_URL, url.c_str(), 0);
  curl_url_set(parsed.get(), CURLUPART_HOST, settings_.tls.server_name.c_str(), 0);
  char* renamed = nullptr;
  CHECK(curl_url_get(parsed.get(), CURLUPART_URL, &renamed, 0) == CURLUE_OK);
  curl_easy_setopt(transfer.easy, CURLOPT_URL, renamed);
  curl_free(renamed);
  curl_slist_free_all(transfer.connect_to);
  // An empty host and port on the left stand for any.
  transfer.connect_to = curl_slist_append(nullptr, ("::" + target).c_str());
  curl_easy_setopt(transfer.easy, CURLOPT_CONNECT_TO, transfer.connect_to);
}

}  // namespace autoscaler
