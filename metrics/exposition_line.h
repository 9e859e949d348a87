#pragma once

#include "metrics/exposition_run.h"

#include <deque>
#include <string>
#include <string_view>

namespace autoscaler {

// The whole grammar of one line, in both formats, byte by byte. It knows every form and says what
// is wrong with a line that has none; plain lines come by a faster way (PlainLines).
//
// The text that it is given ends with \n, which is in no character class but kValueStop: each scan
// stops there, and none has to compare with the end of the page.
class ExpositionLine {
 public:
  ExpositionLine(std::string_view lines, ExpositionFormat format, ExpositionRun& run,
                 LabelList& labels, ExpositionVisitor& visitor)
      : end_(lines.data() + lines.size()),
        strict_(format == ExpositionFormat::kOpenMetrics),
        run_(run),
        labels_(labels),
        visitor_(visitor) {}

  // The start of the next line, or null: then fault() says why.
  const char* read(const char* line);
  // "expected a value, found 'x'".
  std::string fault() const;
  // The line that was read last is OpenMetrics' # EOF.
  bool at_eof() const { return eof_; }

 private:
  bool line();
  bool bare_sample();
  bool quoted_sample();
  bool rest_of_sample();
  bool enter(std::string_view name, bool bare);
  bool label_set(LabelList& labels);
  bool label(LabelList& labels);
  bool label_name(std::string_view& name, bool& bare);
  bool quoted(std::string_view& raw, bool& escaped, const char* what);
  bool quoted_name(std::string_view& name);
  bool value(double& value);
  bool word_value(double& value);
  bool text_timestamp();
  bool open_metrics_tail();
  bool exemplar();
  bool seconds(int64_t& milliseconds);
  bool text_comment();
  bool descriptor();
  bool described_name(std::string_view& name);
  bool described(std::string_view word, std::string_view name);

  std::string_view scan(uint8_t classes);
  void blanks();  // 0.0.4 takes blanks between all tokens, OpenMetrics only where it demands one
  bool space();   // OpenMetrics: exactly one; 0.0.4: any blanks or none
  bool newline();
  bool expected(const char* what);

  const char* at_ = nullptr;
  const char* end_;
  bool strict_;
  bool eof_ = false;
  ExpositionRun& run_;
  LabelList& labels_;
  ExpositionVisitor& visitor_;
  const char* expected_ = nullptr;
  ExpositionSample sample_;
  LabelList exemplar_labels_;
  std::deque<std::string> unescaped_;  // quoted names that have escapes, until the page's end
};

}  // namespace autoscaler
