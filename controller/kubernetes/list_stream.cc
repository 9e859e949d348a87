#include "controller/kubernetes/list_stream.h"

#include <utility>

namespace autoscaler {
namespace {

constexpr size_t kDeepest = 512;  // of brackets; pods have some 12
constexpr size_t kLongestKey = 64;

bool is_blank(char c) {
  return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

Error no_list(const char* what) {
  return {Code::kInvalid, std::string("the answer is no list: ") + what};
}

}  // namespace

ListStream::ListStream(Item item, size_t most_bytes)
    : item_(std::move(item)), most_bytes_(most_bytes) {}

Status ListStream::feed(std::string_view bytes) {
  for (size_t i = 0; i < bytes.size();) {
    Status done = Done{};
    if (in_string_) {
      done = in_string(bytes, i);
    } else {
      const char c = bytes[i++];
      if (is_blank(c)) continue;
      done = structural(c);
    }
    if (!done) return done;
  }
  return Done{};
}

// Up to the end of the string or of the bytes, in one piece: most of a list is strings.
Status ListStream::in_string(std::string_view bytes, size_t& i) {
  const size_t begin = i;
  while (i < bytes.size() && in_string_) {
    const char c = bytes[i++];
    if (escaped_) {
      escaped_ = false;
    } else if (c == '\\') {
      escaped_ = true;
    } else if (c == '"') {
      in_string_ = false;
    }
  }
  const std::string_view piece = bytes.substr(begin, i - begin);
  if (!in_key_) return keep(piece);
  key_ += piece;
  if (key_.size() > kLongestKey) return no_list("a key without an end");
  if (!in_string_) {
    key_.pop_back();
    in_key_ = false;
  }
  return Done{};
}

Status ListStream::structural(char c) {
  if (ended_) return no_list("there is more behind its end");
  if (nesting_.empty() && c != '{') return no_list("it does not begin with {");
  if (c == '"') {
    in_string_ = true;
    in_key_ = std::exchange(key_next_, false);
    if (!in_key_) return keep("\"");
    key_.clear();
    return Done{};
  }
  if (c == '{' || c == '[') return open(c);
  if (c == '}' || c == ']') return close(c);
  if (nesting_.size() == 1 && c == ',') key_next_ = true;
  return keep({&c, 1});
}

Status ListStream::open(char c) {
  if (nesting_.size() >= kDeepest) return no_list("its brackets are too deep");
  const size_t depth = nesting_.size();  // before this one
  nesting_ += c == '{' ? '}' : ']';
  if (depth == 0) {
    key_next_ = true;
    return Done{};
  }
  if (depth == 1) {
    in_items_ = key_ == "items" && c == '[';
    part_ = key_ == "metadata" && c == '{' ? Part::kMetadata : Part::kOther;
  } else if (depth == 2 && in_items_) {
    part_ = Part::kItem;
  }
  return keep({&c, 1});
}

Status ListStream::close(char c) {
  if (nesting_.empty() || nesting_.back() != c) return no_list("its brackets do not match");
  nesting_.pop_back();
  if (Status kept = keep({&c, 1}); !kept) return kept;
  const size_t depth = nesting_.size();
  if (depth == 0) ended_ = true;
  if (depth == 1) {
    if (part_ == Part::kMetadata) metadata_ = std::exchange(kept_, {});
    part_ = Part::kNothing;
    in_items_ = false;
  }
  if (depth == 2 && part_ == Part::kItem) {
    part_ = Part::kOther;
    Status taken = item_(kept_);
    kept_.clear();  // keeps its memory for the next one
    return taken;
  }
  return Done{};
}

Status ListStream::keep(std::string_view bytes) {
  if (part_ != Part::kItem && part_ != Part::kMetadata) return Done{};
  if (kept_.size() + bytes.size() > most_bytes_) {
    return Error{Code::kTooLarge,
                 "an item of the list is longer than " + std::to_string(most_bytes_) + " bytes"};
  }
  kept_ += bytes;
  return Done{};
}

Status ListStream::end() const {
  if (ended_) return Done{};
  return no_list("it ends too early");
}

}  // namespace autoscaler
