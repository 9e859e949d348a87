#include "base/secret.h"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>

namespace autoscaler {
namespace {

constexpr size_t kMostBytes = 64u << 10;

std::string name_of(const Secret& secret) {
  if (const auto* file = std::get_if<SecretFile>(&secret)) return "the file " + file->path;
  return "the environment variable " + std::get<SecretVariable>(secret).name;
}

Result<std::string> raw_text(const Secret& secret) {
  if (const auto* variable = std::get_if<SecretVariable>(&secret)) {
    const char* value = std::getenv(variable->name.c_str());
    if (value == nullptr) return Error{Code::kNotFound, name_of(secret) + " is not set"};
    return std::string(value);
  }
  const std::string& path = std::get<SecretFile>(secret).path;
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "rbe"),
                                                             &std::fclose);
  if (!file) {
    const Code code = errno == EACCES ? Code::kDenied : Code::kNotFound;
    return Error{code, name_of(secret) + " cannot be read: " + std::strerror(errno)};
  }
  std::string text(kMostBytes + 1, '\0');
  text.resize(std::fread(text.data(), 1, text.size(), file.get()));
  if (std::ferror(file.get()) != 0) {
    return Error{Code::kDenied, name_of(secret) + " cannot be read: " + std::strerror(errno)};
  }
  return text;
}

}  // namespace

Result<std::string> read_secret(const Secret& secret) {
  Result<std::string> text = raw_text(secret);
  if (!text) return text;
  std::string value = std::move(*text);
  while (!value.empty() && (value.back() == '\n' || value.back() == '\r')) value.pop_back();
  if (value.empty()) return Error{Code::kInvalid, name_of(secret) + " is empty"};
  if (value.size() > kMostBytes) {
    return Error{Code::kInvalid, name_of(secret) + " holds more than 64 KiB"};
  }
  const bool controls = std::any_of(value.begin(), value.end(), [](unsigned char c) {
    return (c < ' ' && c != '\t') || c == 0x7f;
  });
  if (controls) return Error{Code::kInvalid, name_of(secret) + " holds more than one line"};
  return value;
}

}  // namespace autoscaler
