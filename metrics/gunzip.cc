#include "metrics/gunzip.h"

#include <algorithm>
#include <limits>
#include <zlib.h>

namespace autoscaler {
namespace {

constexpr size_t kLeast = 4096;

Error invalid(const char* why) {
  return Error{Code::kInvalid, std::string("gzip: ") + why};
}

Error no_memory() {
  return Error{Code::kExhausted, "gzip: no memory"};
}

// zlib's stream, ended in any case.
class Inflater {
 public:
  // 16: with a gzip header, not zlib's own.
  Inflater() : ready_(inflateInit2(&stream_, MAX_WBITS + 16) == Z_OK) {}
  ~Inflater() {
    if (ready_) inflateEnd(&stream_);
  }
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;

  bool ready() const { return ready_; }
  z_stream& operator*() { return stream_; }
  z_stream* operator->() { return &stream_; }

 private:
  z_stream stream_{};
  bool ready_;
};

// Room for more of the text: twice as much, but never past the cap and one byte, which tells a text
// of just that size from a longer one.
void grow(std::string& text, size_t used, size_t cap) {
  const size_t more = std::min(std::max(kLeast, text.size()), cap + 1 - used);
  text.resize(used + more);
}

}  // namespace

Result<std::string> gunzip(std::string_view compressed, size_t cap) {
  constexpr size_t kMost = std::numeric_limits<uInt>::max();  // zlib counts in 32 bits
  if (compressed.size() > kMost || cap >= kMost) return Error{Code::kTooLarge, "gzip: over 4 GiB"};
  Inflater stream;
  if (!stream.ready()) return no_memory();
  // zlib does not write there; its pointer is not const for old compilers' sake.
  stream->next_in = reinterpret_cast<Bytef*>(const_cast<char*>(compressed.data()));
  stream->avail_in = static_cast<uInt>(compressed.size());
  std::string text;
  size_t used = 0;
  while (true) {
    if (used == text.size()) grow(text, used, cap);
    stream->next_out = reinterpret_cast<Bytef*>(text.data() + used);
    stream->avail_out = static_cast<uInt>(text.size() - used);
    const int outcome = inflate(&*stream, Z_NO_FLUSH);
    used = text.size() - stream->avail_out;
    if (used > cap) {
      return Error{Code::kTooLarge, "gzip: over " + std::to_string(cap) + " bytes once inflated"};
    }
    if (outcome == Z_STREAM_END) {
      if (stream->avail_in == 0) break;
      CHECK(inflateReset(&*stream) == Z_OK);
    } else if (outcome == Z_BUF_ERROR ||
               (outcome == Z_OK && stream->avail_in == 0 && stream->avail_out != 0)) {
      return invalid("cut short");
    } else if (outcome == Z_MEM_ERROR) {
      return no_memory();
    } else if (outcome != Z_OK) {
      return invalid(stream->msg != nullptr ? stream->msg : "broken");
    }
  }
  text.resize(used);
  return text;
}

}  // namespace autoscaler
