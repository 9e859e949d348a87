#pragma once

#include <nlohmann/json_fwd.hpp>

#include <cstddef>
#include <string>

// Pages with all their data and no other file: they open without a network.
namespace autoscaler {

extern const char* const kReportPage;    // report.html
extern const char* const kForecastPage;  // forecast.html

// As many points of a line as a screen has pixels to show.
inline constexpr size_t kMostPoints = 1500;

// How many in a row become one point.
constexpr size_t points_in_one(size_t count) {
  return count <= kMostPoints ? 1 : (count + kMostPoints - 1) / kMostPoints;
}

double to_digits(double value);  // four behind the point

std::string page_with(const char* page, const nlohmann::ordered_json& data);

}  // namespace autoscaler
