#pragma once

#include "base/result.h"

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

namespace autoscaler {

// Cuts the items out of a Kubernetes list while it arrives, so that never more than one of them is
// held: a list of 6,000 pods is 12 MB, and 115 MB as a tree. It looks at brackets and strings
// alone; whether an item is JSON is seen by who reads it.
class ListStream {
 public:
  // Has one element of `items`; what it refuses ends the reading.
  using Item = std::function<Status(std::string_view json)>;

  // Items past `most_bytes` are an error: kTooLarge.
  explicit ListStream(Item item, size_t most_bytes = size_t{8} << 20);

  // The next bytes, as many as there are. After an error there is nothing more to be given.
  Status feed(std::string_view bytes);
  // Whether it was a whole list. Errors: kInvalid.
  Status end() const;

  // metadata, once it has come: "" or the text of its object.
  const std::string& metadata() const { return metadata_; }

 private:
  enum class Part { kNothing, kOther, kItem, kMetadata };

  Status in_string(std::string_view bytes, size_t& i);
  Status structural(char c);
  Status open(char c);
  Status close(char c);
  Status keep(std::string_view bytes);

  const Item item_;
  const size_t most_bytes_;
  std::string nesting_;  // the closing brackets that are awaited
  bool in_string_ = false;
  bool escaped_ = false;   // after a backslash
  bool key_next_ = false;  // a string that begins now is a key of the list
  bool in_key_ = false;
  bool in_items_ = false;
  bool ended_ = false;
  std::string key_;  // of the list, the last one
  Part part_ = Part::kNothing;
  std::string kept_;  // of the item or the metadata
  std::string metadata_;
};

}  // namespace autoscaler
