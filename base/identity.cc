#include "base/identity.h"

#include "base/transfer.h"

#include <cstdlib>
#include <memory>

namespace autoscaler {
namespace {

constexpr size_t kLargestSecret = 64u << 10;

std::string without_line_end(std::string text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.pop_back();
  return text;
}

void set_text(CURL* easy, CURLoption option, const std::string& text) {
  if (!text.empty()) curl_easy_setopt(easy, option, text.c_str());
}

void configure_tls(CURL* easy, const TlsSettings& tls) {
  curl_easy_setopt(easy, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, tls.verify ? 1L : 0L);
  curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, tls.verify ? 2L : 0L);
  set_text(easy, CURLOPT_CAINFO, tls.ca_file);
  set_text(easy, CURLOPT_SSLCERT, tls.cert_file);
  set_text(easy, CURLOPT_SSLKEY, tls.key_file.empty() ? tls.cert_file : tls.key_file);
}

}  // namespace

Identity::Identity(IdentitySettings settings) : settings_(std::move(settings)) {
  if (const auto* bearer = std::get_if<BearerToken>(&settings_.auth)) {
    secret_file_.emplace(bearer->file, kLargestSecret);
  } else if (const auto* basic = std::get_if<BasicPassword>(&settings_.auth)) {
    if (!basic->file.empty()) {
      secret_file_.emplace(basic->file, kLargestSecret);
    } else if (const char* value = std::getenv(basic->environment.c_str())) {
      secret_ = value;
    } else {
      problem_ = Error{Code::kDenied, "the environment variable " + basic->environment +
                                          " with the password is not set"};
    }
  }
  refresh();
}

void Identity::refresh() {
  if (!secret_file_) return;
  Result<std::optional<std::string>> text = secret_file_->changed();
  if (!text) {
    if (secret_.empty()) problem_ = text.error();
    return;
  }
  if (!*text) return;
  std::string secret = without_line_end(*std::move(*text));
  // What holds a line end would be a header of its own.
  if (secret.empty() || secret.find_first_of("\r\n") != std::string::npos) {
    if (secret_.empty()) {
      problem_ = Error{Code::kDenied, secret_file_->path() + " does not hold one line of text"};
    }
    return;
  }
  if (secret == secret_) return;
  secret_ = std::move(secret);
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
