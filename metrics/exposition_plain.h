#pragma once

#include "metrics/exposition_marks.h"
#include "metrics/exposition_run.h"

#include <string_view>

namespace autoscaler {

// Sample lines as nearly every client writes nearly all of them:
//   name{a="x",b="y"} 12.5
// no other blanks, no escapes, no timestamp; the same in both formats. Any other line, and any
// broken one, it leaves to ExpositionLine, whose judgement is the same of every line that is plain.
class PlainLines {
 public:
  PlainLines(std::string_view lines, ExpositionRun& run, LabelList& labels,
             ExpositionVisitor& visitor);

  // The start of the first line after `line` that is not plain, not wanted, or too near the page's
  // end for reads of 16 bytes; `line` itself if it is one.
  const char* read(const char* line);

 private:
  bool index(const char* line);
  const char* sample(const char* line);
  const char* label_set(const char* brace);

  const char* end_;       // 16-byte reads that start before it stay in the page
  const char* complete_;  // lines that start before it end within the marks
  size_t stretch_ = 0;    // how much was indexed last
  size_t mark_ = 0;       // the first one at or after the line
  ExpositionMarks marks_;
  ExpositionRun& run_;
  LabelList& labels_;
  ExpositionVisitor& visitor_;
  ExpositionSample sample_;
};

}  // namespace autoscaler
