#include "metrics/json_cursor.h"

#include "metrics/utf8.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <random>

namespace autoscaler {
namespace {

using nlohmann::json;

bool is_taken(const std::string& text) {
  JsonCursor cursor(text);
  cursor.skip();
  return cursor.end().ok();
}

// The document again, as the cursor has seen it.
json again(JsonCursor& cursor, const json& like) {
  if (like.is_object()) {
    json made = json::object();
    cursor.object([&](std::string_view key) {
      made[std::string(key)] = again(cursor, like.at(std::string(key)));
    });
    return made;
  }
  if (like.is_array()) {
    json made = json::array();
    cursor.array([&] { made.push_back(again(cursor, like.at(made.size()))); });
    return made;
  }
  const auto text = cursor.text();
  if (!text) return like;  // true, false or null
  return like.is_string() ? json(std::string(*text)) : json::parse(*text);
}

class Chance {
 public:
  explicit Chance(unsigned seed) : random_(seed) {}
  size_t below(size_t count) { return random_() % count; }

  std::string text() {
    std::string made;
    for (size_t left = below(5); left > 0; --left) made += static_cast<char>(below(256));
    return made;
  }
  json document(int depth) {
    const size_t kind = below(depth > 0 ? 6 : 4);
    if (kind == 0) return nullptr;
    if (kind == 1) return static_cast<int>(below(2000)) - 1000;
    if (kind == 2) return below(2) == 0;
    if (kind == 3) return text();
    json made = kind == 4 ? json::array() : json::object();
    for (size_t left = below(4); left > 0; --left) {
      if (kind == 4) {
        made.push_back(document(depth - 1));
      } else {
        made[std::to_string(left) + text()] = document(depth - 1);  // keys differ
      }
    }
    return made;
  }
  std::string written(int depth) {
    return document(depth).dump(below(2) == 0 ? -1 : 1, ' ', below(2) == 0,
                                json::error_handler_t::replace);
  }

 private:
  std::mt19937 random_;
};

TEST(JsonCursor, SeesEveryMemberOfADocument) {
  Chance chance(1);
  for (int i = 0; i < 2000; ++i) {
    const std::string text = chance.written(4);
    JsonCursor cursor(text);
    const json document = json::parse(text);
    ASSERT_EQ(again(cursor, document), document) << text;
    ASSERT_TRUE(cursor.end().ok()) << text;
  }
}

TEST(JsonCursor, TakesWhatAnotherParserTakesAndNothingElse) {
  const std::string puts = "{}[]\",:\\ 019-+.eEtrufalsn\x01";
  Chance chance(2);
  int taken = 0;
  for (int i = 0; i < 20000; ++i) {
    std::string text = chance.written(3);
    for (size_t changes = chance.below(3); changes > 0 && !text.empty(); --changes) {
      const size_t at = chance.below(text.size());
      if (chance.below(2) == 0) {
        text[at] = puts[chance.below(puts.size())];
      } else {
        text.erase(at, 1);
      }
    }
    if (!is_utf8(text)) continue;
    ASSERT_EQ(is_taken(text), json::accept(text)) << text;
    taken += is_taken(text) ? 1 : 0;
  }
  EXPECT_GT(taken, 5000);
  EXPECT_LT(taken, 15000);
}

TEST(JsonCursor, TakesNumbersAndEscapesAsTheyAreDefined) {
  for (const char* text :
       {"0", "-0", "10", "1.5", "-1e5", "1E+5", "1e-05", R"("\"\\\/\b\f\n\r\t")", R"("\u00e9")",
        R"("\ud83d\ude00")", " [ 1 , 2 ] ", "\t{\n\"a\" :1}\r", "true", "false", "null"}) {
    EXPECT_TRUE(is_taken(text)) << text;
  }
  for (const char* text : {"",
                           " ",
                           "01",
                           "-",
                           "1.",
                           ".5",
                           "1e",
                           "+1",
                           "[1,]",
                           "[,1]",
                           "[1 2]",
                           "{\"a\"}",
                           "{\"a\":}",
                           "{a:1}",
                           "{\"a\":1,}",
                           "\"",
                           "\"\\x\"",
                           "\"\n\"",
                           "tru",
                           "truex",
                           "1 1",
                           "]",
                           "\"\xff\"",
                           R"("\u00e")",
                           R"("\ud83d")",
                           R"("\ude00")",
                           R"("\ud83d\u0041")",
                           "[1}",
                           "{\"a\":1]"}) {
    EXPECT_FALSE(is_taken(text)) << text;
  }
}

TEST(JsonCursor, EndsWithTheFirstFaultAndALimitOfDepth) {
  const std::string most = std::string(64, '[') + std::string(64, ']');
  EXPECT_TRUE(is_taken(most));
  EXPECT_FALSE(is_taken("[" + most + "]"));
  JsonCursor cursor(R"({"a":1,"b":2})");
  int members = 0;
  cursor.object([&](std::string_view key) {
    ++members;
    cursor.fail("not this: " + std::string(key));
    cursor.fail("nor anything behind it");
  });
  EXPECT_EQ(members, 1);
  EXPECT_EQ(cursor.end().error().message, "not this: a");
}

}  // namespace
}  // namespace autoscaler
