#include "controller/config/config.h"
#include "controller/config/yaml.h"

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>
#include <valijson/adapters/nlohmann_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validator.hpp>

#include <charconv>
#include <fstream>
#include <sstream>

namespace autoscaler {
namespace {

using nlohmann::json;

// YAML as an editor's validator sees it: plain numbers are numbers, true and false neither text.
json to_json(const Node& node) {
  switch (node.kind) {
    case Node::Kind::kNull: return nullptr;
    case Node::Kind::kList: {
      json list = json::array();
      for (const NodePtr& item : node.items) list.push_back(to_json(*item));
      return list;
    }
    case Node::Kind::kMapping: {
      json mapping = json::object();
      for (const Entry& entry : node.entries) mapping[entry.key] = to_json(*entry.value);
      return mapping;
    }
    case Node::Kind::kScalar: break;
  }
  const json plain = json::parse(node.text, nullptr, false);
  return !node.quoted && (plain.is_number() || plain.is_boolean()) ? plain : json(node.text);
}

json example() {
  std::ifstream file(AUTOSCALER_SOURCE_DIR "/docs/example.yaml");
  std::stringstream text;
  text << file.rdbuf();
  Problems problems("example.yaml");
  const auto documents = read_yaml(text.str(), problems);
  EXPECT_EQ(documents.size(), 1u);
  return to_json(*documents.at(0));
}

bool fits(const json& document, std::string* why = nullptr) {
  static const json schema_text = json::parse(config_schema());
  valijson::Schema schema;
  const valijson::adapters::NlohmannJsonAdapter schema_adapter(schema_text);
  valijson::SchemaParser().populateSchema(schema_adapter, schema);
  valijson::Validator validator;
  valijson::ValidationResults results;
  const bool good =
      validator.validate(schema, valijson::adapters::NlohmannJsonAdapter(document), &results);
  valijson::ValidationResults::Error error;
  while (why != nullptr && results.popError(error)) {
    for (const auto& part : error.context) *why += part;
    *why += ": " + error.description + "\n";
  }
  return good;
}

TEST(Schema, IsJsonOfDraft7) {
  const json schema = json::parse(config_schema());
  EXPECT_EQ(schema["$schema"], "http://json-schema.org/draft-07/schema#");
}

TEST(Schema, TheExampleFits) {
  std::string why;
  EXPECT_TRUE(fits(example(), &why)) << why;
}

TEST(Schema, RefusesWhatTheReaderRefuses) {
  const auto at = [](const char* pointer) { return json::json_pointer(pointer); };
  const std::pair<const char*, json> rows[] = {
      {"/receivers", json::object()},
      {"/sources/scrape/bearer", "a token in the open"},
      {"/sources/scrape/tls/insecureSkipVerify", "yes"},
      {"/workloads/0/signals/jobs/targets/0", "10.0.0.7:9100"},
      {"/controller/intervall", "5s"},
      {"/controller/interval", 5},
      {"/controller/interval", "5 seconds"},
      {"/workloads/0/name", "Shop"},
      {"/workloads/0/replicas/max", "20"},
      {"/workloads/0/replicas/max", 0},
      {"/workloads/0/replicas/colour", 1},
      {"/workloads/0/signals/cpu/source", "graphite"},
      {"/workloads/0/signals/cpu/gauge", "second_kind"},
      {"/workloads/0/signals/cpu/quantile", 0.9},
      {"/workloads/0/signals/latency/capacity", 2},
      {"/workloads/0/signals/1st", json::object()},
      {"/workloads/0/policies/0/schedule", json::object()},
      {"/workloads/0/policies/0/track/perInstance", 3},
      {"/workloads/0/policies/2/threshold/out/add", 0},
      {"/workloads/0/behavior", "off"},
      {"/workloads/0/behavior/scaleUp/selectPolicy", "max"},
      {"/workloads/0/behavior/scaleUp/policies", json::array()},
      {"/workloads/0/target/process/command", json::array()},
      {"/workloads/0/target/process/env/MY-MODE", "x"},
      {"/workloads/0/target/process/host", "example.com"},
      {"/workloads/0/compatibility", "vpa"},
  };
  for (const auto& [pointer, value] : rows) {
    json document = example();
    document[at(pointer)] = value;
    EXPECT_FALSE(fits(document)) << pointer << " = " << value;
  }
  for (const char* gone : {"/workloads/0/name", "/workloads/0/target", "/workloads/0/replicas",
                           "/workloads/0/signals/cpu/source", "/workloads/0/signals/cpu/counter",
                           "/workloads/0/target/process/ports"}) {
    json document = example();
    const auto pointer = at(gone);
    document[pointer.parent_pointer()].erase(pointer.back());
    EXPECT_FALSE(fits(document)) << "without " << gone;
  }
}

}  // namespace
}  // namespace autoscaler
