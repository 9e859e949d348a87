#include "policies/formula_parser.h"

#include "policies/formula.h"

#include <algorithm>
#include <charconv>
#include <optional>

namespace autoscaler {
namespace {

using Op = FormulaOp::Code;

constexpr size_t kMostOperations = 256;
constexpr int kDeepestNesting = 64;  // each level is a few calls on the stack

struct Operator {
  std::string_view sign;
  Op code;
};
// Those that bind alike, loosest first. A sign that begins another one stands after it.
constexpr Operator kOr[] = {{"||", Op::kOr}};
constexpr Operator kAnd[] = {{"&&", Op::kAnd}};
constexpr Operator kEquality[] = {{"==", Op::kEqual}, {"!=", Op::kNotEqual}};
constexpr Operator kOrder[] = {
    {"<=", Op::kLessOrEqual}, {">=", Op::kGreaterOrEqual}, {"<", Op::kLess}, {">", Op::kGreater}};
constexpr Operator kSum[] = {{"+", Op::kAdd}, {"-", Op::kSubtract}};
constexpr Operator kProduct[] = {{"*", Op::kMultiply}, {"/", Op::kDivide}};
constexpr std::span<const Operator> kLevels[] = {kOr, kAnd, kEquality, kOrder, kSum, kProduct};

struct Function {
  std::string_view name;
  Op code;
  size_t arguments;  // 0: any number from 1
};
constexpr Function kFunctions[] = {{"min", Op::kMin, 0},     {"max", Op::kMax, 0},
                                   {"abs", Op::kAbs, 1},     {"ceil", Op::kCeil, 1},
                                   {"floor", Op::kFloor, 1}, {"default", Op::kDefault, 2}};

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

// Reads from left to right and emits postfix. After the first mistake nothing is read any more.
class Parser {
 public:
  Parser(std::string_view text, std::span<const std::string> signals)
      : text_(text), signals_(signals) {}

  Result<FormulaSpec> parse() {
    choice();
    skip_blanks();
    if (at_ < text_.size()) fail("there is more than an expression");
    const bool reads = std::any_of(formula_.code.begin(), formula_.code.end(),
                                   [](const auto& op) { return op.code == Op::kSignal; });
    if (!reads) fail("no signal is read, so that it would never change");
    if (error_) return *error_;
    formula_.text = text_;
    return formula_;
  }

 private:
  void choice() {
    if (++nesting_ > kDeepestNesting) fail("is nested too deeply");
    binary(0);
    if (take("?")) {
      choice();
      if (!take(":")) fail("a '?' needs its ':'");
      choice();
      emit({Op::kSelect}, -2);
    }
    --nesting_;
  }

  void binary(size_t level) {
    if (error_) return;
    if (level == std::size(kLevels)) return unary();
    binary(level + 1);
    const bool compares = level == 2 || level == 3;
    bool compared = false;
    while (const Operator* op = take_one(kLevels[level])) {
      if (compares && compared) fail("comparisons do not chain: write a < b && b < c");
      compared = true;
      binary(level + 1);
      emit({op->code}, -1);
    }
  }

  void unary() {
    if (++nesting_ > kDeepestNesting) fail("is nested too deeply");
    if (error_) return;
    if (take("-")) {
      unary();
      emit({Op::kNegate}, 0);
    } else if (take("!")) {
      unary();
      emit({Op::kNot}, 0);
    } else {
      primary();
    }
    --nesting_;
  }

  void primary() {
    skip_blanks();
    const char next = at_ < text_.size() ? text_[at_] : '\0';
    if (is_digit(next) || next == '.') return number();
    if (next == '\'' || next == '"') return quoted(next);
    if (is_letter(next)) return word();
    if (!take("(")) return fail("a number, a signal, a function or '(' must stand here");
    choice();
    if (!take(")")) fail("')' is missing");
  }

  void number() {
    double value = 0;
    const char* end = text_.data() + text_.size();
    const auto [stop, error] = std::from_chars(text_.data() + at_, end, value);
    if (error != std::errc{}) return fail("this is no number");
    at_ = static_cast<size_t>(stop - text_.data());
    if (at_ < text_.size() && is_letter(text_[at_])) {
      return fail("numbers have no unit here: seconds are 0.3, percent 70%");
    }
    if (at_ < text_.size() && text_[at_] == '%') {
      ++at_;
      value /= 100;
    }
    emit({Op::kNumber, value}, 1);
  }

  void quoted(char quote) {
    const size_t end = text_.find(quote, at_ + 1);
    if (end == std::string_view::npos) return fail("the closing quote is missing");
    const std::string_view name = text_.substr(at_ + 1, end - at_ - 1);
    signal(name);
    at_ = end + 1;
  }

  void word() {
    const size_t start = at_;
    while (at_ < text_.size() && (is_letter(text_[at_]) || is_digit(text_[at_]))) ++at_;
    const std::string_view name = text_.substr(start, at_ - start);
    const size_t after = at_;
    if (take("(")) return call(name, start);
    at_ = start;
    if (name == "size")
      emit({Op::kSize}, 1);
    else
      signal(name);
    at_ = after;
  }

  void call(std::string_view name, size_t start) {
    const auto* function = std::find_if(std::begin(kFunctions), std::end(kFunctions),
                                        [&](const Function& each) { return each.name == name; });
    if (function == std::end(kFunctions)) {
      at_ = start;
      return fail("there is no function '" + std::string(name) +
                  "': min, max, abs, ceil, floor and default are there");
    }
    size_t arguments = 0;
    do {
      choice();
      ++arguments;
      if (function->arguments == 0 && arguments > 1) emit({function->code}, -1);
    } while (take(","));
    if (!take(")")) return fail("')' is missing");
    if (function->arguments == 0) return;
    if (arguments != function->arguments) {
      at_ = start;
      return fail(std::string(name) + " takes " + std::to_string(function->arguments) +
                  (function->arguments == 1 ? " argument" : " arguments"));
    }
    emit({function->code}, function->arguments == 2 ? -1 : 0);
  }

  void signal(std::string_view name) {
    const auto found = std::find(signals_.begin(), signals_.end(), name);
    if (found != signals_.end()) {
      return emit({Op::kSignal, 0, static_cast<uint16_t>(found - signals_.begin())}, 1);
    }
    std::string known;
    for (const std::string& each : signals_) known += (known.empty() ? "" : ", ") + each;
    fail("no signal is called '" + std::string(name) + "'" +
         (known.empty() ? "" : "; there are " + known));
  }

  void emit(FormulaOp op, int piles_up) {
    if (error_) return;
    depth_ += piles_up;
    if (depth_ > static_cast<int>(kFormulaDepth) || formula_.code.size() == kMostOperations) {
      return fail("is too long");
    }
    formula_.code.push_back(op);
  }

  void skip_blanks() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t' || text_[at_] == '\n')) {
      ++at_;
    }
  }

  bool take(std::string_view sign) {
    if (error_) return false;
    skip_blanks();
    if (!text_.substr(at_).starts_with(sign)) return false;
    at_ += sign.size();
    return true;
  }

  const Operator* take_one(std::span<const Operator> operators) {
    for (const Operator& op : operators) {
      if (take(op.sign)) return &op;
    }
    return nullptr;
  }

  void fail(const std::string& what) {
    if (error_) return;
    error_ = Error{Code::kInvalid, "column " + std::to_string(at_ + 1) + ": " + what};
  }

  std::string_view text_;
  std::span<const std::string> signals_;
  FormulaSpec formula_;
  std::optional<Error> error_;
  size_t at_ = 0;
  int nesting_ = 0;
  int depth_ = 0;
};

}  // namespace

Result<FormulaSpec> parse_formula(std::string_view text, std::span<const std::string> signals) {
  return Parser(text, signals).parse();
}

}  // namespace autoscaler
