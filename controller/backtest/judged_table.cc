#include "controller/backtest/judged_table.h"

namespace autoscaler {
namespace {

std::vector<std::string> header(const std::string& subject,
                                const std::vector<std::pair<int64_t, std::string>>& columns,
                                bool judges) {
  std::vector<std::string> cells{subject};
  if (judges) cells.emplace_back("must");
  for (const auto& [key, heading] : columns) cells.push_back(heading);
  return cells;
}

}  // namespace

JudgedTable::JudgedTable(const std::string& subject,
                         std::vector<std::pair<int64_t, std::string>> columns, bool judges)
    : columns_(std::move(columns)), judges_(judges), table_(header(subject, columns_, judges)) {}

void JudgedTable::add(const std::string& what, const std::string& must, const Most& most,
                      const Measure& measure, const std::string& none) {
  std::vector<std::string> cells{what};
  if (judges_) cells.push_back(must);
  for (const auto& [key, heading] : columns_) {
    const std::optional<Measured> measured = measure(key);
    std::string cell = measured ? measured->text : none;
    const auto bound = most.find(key);
    if (judges_ && bound != most.end() && !cell.empty()) {
      cell += measured && measured->value <= bound->second ? ", met" : ", short";
    }
    cells.push_back(std::move(cell));
  }
  table_.add(std::move(cells));
}

}  // namespace autoscaler
