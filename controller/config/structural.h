#pragma once

#include <nlohmann/json_fwd.hpp>

namespace autoscaler {

// A JSON Schema as Shape writes it, turned into what an API server of Kubernetes takes in a
// CustomResourceDefinition:
//   - what may be a number or a text is x-kubernetes-int-or-string: fractions are texts there;
//   - what may be a word or a mapping has no type, and its properties stay;
//   - keys that exclude or need each other are rules in CEL, with a message;
//   - defaults are named in the description: an object stays as it was written;
//   - lists and maps have at most 100 entries, so that the server can tell what a rule costs.
nlohmann::ordered_json structural(const nlohmann::ordered_json& schema);

// Adds a rule in CEL to a schema that structural has made.
void add_rule(nlohmann::ordered_json& schema, const char* rule, const char* message);

}  // namespace autoscaler
