#include "metrics/json_reply.h"

#include <gtest/gtest.h>

#include <string>

namespace autoscaler {
namespace {

std::string at(const std::string& json, const std::string& pointer) {
  const auto found = number_at(json, pointer);
  if (const auto* missing = std::get_if<Missing>(&found)) {
    return missing_reason_name(missing->reason);
  }
  std::string text = std::to_string(std::get<double>(found));
  text.erase(text.find_last_not_of('0') + 1);
  if (text.back() == '.') text.pop_back();
  return text;
}

TEST(JsonReply, WhatStandsAtAPointer) {
  const struct {
    const char* json;
    const char* pointer;
    const char* reading;
  } kTable[] = {
      {R"({"cpu_usage": 73.2})", "/cpu_usage", "73.2"},
      {R"({"cpu_usage": 0})", "/cpu_usage", "0"},
      {R"({"cpu_usage": -1})", "/cpu_usage", "-1"},
      {R"({"cpu_usage": 18446744073709551615})", "/cpu_usage", "18446744073709551616"},
      {R"({"a": {"b": [1, 2, {"c": 3}]}})", "/a/b/2/c", "3"},
      {R"({"a": {"b": [1, 2]}})", "/a/b/0", "1"},
      {"5", "", "5"},
      {"[7]", "/0", "7"},
      {R"({"": 1})", "/", "1"},
      {R"({"a/b": 1, "m~n": 2, "~1": 3})", "/a~1b", "1"},
      {R"({"a/b": 1, "m~n": 2, "~1": 3})", "/m~0n", "2"},
      {R"({"a/b": 1, "m~n": 2, "~1": 3})", "/~01", "3"},
      {R"({"0": 4})", "/0", "4"},
      {R"({"n": "73.2"})", "/n", "73.2"},
      {R"({"n": "1e2"})", "/n", "100"},
      {R"({"n": "73.2 %"})", "/n", "malformed"},
      {R"({"n": " 73.2"})", "/n", "malformed"},
      {R"({"n": "0x1f"})", "/n", "malformed"},
      {R"({"n": ""})", "/n", "malformed"},
      {R"({"n": "NaN"})", "/n", "not_finite"},
      {R"({"n": "inf"})", "/n", "not_finite"},
      {R"({"n": true})", "/n", "malformed"},
      {R"({"n": {}})", "/n", "malformed"},
      {R"({"n": []})", "/n", "malformed"},
      {R"({"n": null})", "/n", "no_series"},
      {R"({"n": 1})", "/m", "no_series"},
      {R"({"n": 1})", "/n/x", "no_series"},
      {"[1]", "/1", "no_series"},
      {"[1]", "/-", "no_series"},
      {"[1]", "/00", "no_series"},
      {"[1]", "/99999999999999999999", "no_series"},
      {R"({"n": NaN})", "/n", "malformed"},
      {R"({"n": 1e999})", "/n", "malformed"},
      {R"({"n": 1} x)", "/n", "malformed"},
      {R"({"n": 1)", "/n", "malformed"},
      {"<html>", "/n", "malformed"},
      {"", "", "malformed"},
      {R"({"n": 1})", "n", "malformed"},
      {R"({"n": 1})", "/~2", "malformed"},
      {R"({"n": 1})", "/n~", "malformed"},
  };
  for (const auto& row : kTable) {
    EXPECT_EQ(at(row.json, row.pointer), row.reading) << row.json << " at " << row.pointer;
  }
}

TEST(JsonReply, DeepNestingHarmsNothing) {
  const std::string deep = std::string(500'000, '[') + std::string(500'000, ']');
  EXPECT_EQ(at(deep, "/0/0/0"), "malformed");
}

}  // namespace
}  // namespace autoscaler
