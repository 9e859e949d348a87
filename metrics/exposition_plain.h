#pragma once

#include "metrics/exposition_marks.h"
#include "metrics/exposition_run.h"

#include <string_view>

namespace autoscaler {

// Lines as nearly every client writes nearly all of them:
//   # TYPE name counter
//   name{a="x",b="y"} 12.5
// no other blanks, no escapes, no timestamp; the same in both formats. Any other line, and any
// broken one, it leaves to ExpositionLine, whose judgement is the same of every line that is plain.
class PlainLines {
 public:
  PlainLines(std::string_view lines, ExpositionRun& run, LabelList& labels,
             ExpositionVisitor& visitor);

  // The first line from `line` on that is not plain, or too near the page's end for reads of 16
  // bytes: at its latest, the page's end.
  const char* read(const char* line);

 private:
  // Lines that are skipped are not marked. Few at first, and again where some were skipped: what is
  // behind may be skipped as well.
  static constexpr size_t kFirstStretch = 512;

  const char* newline_of(const char* line) const;
  bool index(const char* line);
  const char* sample(const char* line);
  const char* descriptor(const char* line);
  const char* label_set(const char* brace);

  const char* end_;
  const char* complete_;            // wanted lines that start before it end within the marks
  size_t stretch_ = kFirstStretch;  // how much was marked last
  bool skipped_ = true;             // some lines, since then
  size_t mark_ = 0;                 // the first one at or after the line
  ExpositionMarks marks_;
  ExpositionRun& run_;
  LabelList& labels_;
  ExpositionVisitor& visitor_;
  ExpositionSample sample_;
};

}  // namespace autoscaler
