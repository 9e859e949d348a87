#include "controller/backtest/page.h"

#include <nlohmann/json.hpp>

#include <cmath>

namespace autoscaler {
namespace {

// Nothing in it can end the script that it stands in.
std::string inside_script(std::string json) {
  for (size_t at = json.find("</"); at != std::string::npos; at = json.find("</", at + 3)) {
    json.replace(at, 2, "<\\/");
  }
  return json;
}

}  // namespace

double to_digits(double value) {
  return std::round(value * 1e4) / 1e4;
}

std::string page_with(const char* page, const nlohmann::ordered_json& data) {
  std::string text = page;
  const std::string place = "/*DATA*/";
  text.replace(text.find(place), place.size(), inside_script(data.dump()));
  return text;
}

}  // namespace autoscaler
