#include "controller/config/policy_crd.h"

#include "controller/config/structural.h"

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

namespace autoscaler {
namespace {

using nlohmann::ordered_json;
using testing::HasSubstr;
using testing::Not;

ordered_json made_of(const char* schema) {
  return structural(ordered_json::parse(schema));
}

TEST(StructuralTest, ANumberOrTextIsIntOrString) {
  EXPECT_EQ(made_of(R"({"description":"a share","default":"10%","type":["number","string"],
                        "minimum":0,"maximum":1,"pattern":"^x$"})"),
            ordered_json::parse(R"({"description":"a share. Default: 10%",
                        "x-kubernetes-int-or-string":true,"pattern":"^x$","minimum":0,"maximum":1})"));
  EXPECT_EQ(made_of(R"({"type":["string","number","boolean"]})"),
            ordered_json::parse(R"({"type":"string"})"));
}

TEST(StructuralTest, GroupsAndDependenciesAreRules) {
  const ordered_json made = made_of(R"({"type":"object","additionalProperties":false,
      "dependencies":{"c":{"anyOf":[{"required":["a"]},{"required":["gone"]}]}},
      "allOf":[{"oneOf":[{"required":["a"]},{"required":["in"]}]}],
      "properties":{"a":{"type":"string"},"in":{"type":"string"},"c":{"type":"string"}}})");
  EXPECT_EQ(made["x-kubernetes-validations"].dump(),
            R"x([{"rule":"[has(self.a), has(self.__in__)].exists_one(given, given)",)x"
            R"x("message":"give exactly one of a or in"},)x"
            R"x({"rule":"!has(self.c) || has(self.a)",)x"
            R"x("message":"c has no meaning here: it goes with a"}])x");
  EXPECT_FALSE(made.contains("allOf") || made.contains("dependencies") ||
               made.contains("additionalProperties"));
}

TEST(StructuralTest, AWordOrAMappingKeepsItsPropertiesAndHasNoRules) {
  const ordered_json made = made_of(R"({"description":"still","anyOf":[{"enum":["in","out"]},
      {"type":"object","additionalProperties":false,"required":["d"],
       "dependencies":{"z":{"anyOf":[{"required":["d"]}]}},
       "properties":{"d":{"type":"string"},"z":{"type":"string"}}}]})");
  EXPECT_EQ(made, ordered_json::parse(R"({
      "description":"still. Either in or out, or a mapping with d or z",
      "x-kubernetes-preserve-unknown-fields":true,"required":["d"],
      "properties":{"d":{"type":"string"},"z":{"type":"string"}}})"));
}

TEST(PolicyCrdTest, ItHasNothingThatReachesBeyondTheNamespace) {
  const std::string crd = policy_crd();
  for (const char* key : {"namespace:", "process:", "loadBalancer:", "targetsFile:", "targets:",
                          "url:", "unhealthyAfter:", "default:", "additionalProperties: false"}) {
    EXPECT_THAT(crd, Not(HasSubstr(std::string(" ") + key))) << key;
  }
  EXPECT_THAT(crd, HasSubstr("  name: scalingpolicies.autoscaler.io\n"));
  EXPECT_THAT(crd, HasSubstr("min is at most max"));
}

}  // namespace
}  // namespace autoscaler
