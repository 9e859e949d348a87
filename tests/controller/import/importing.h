#pragma once

#include "controller/config/config.h"
#include "controller/import/import.h"

#include <gtest/gtest.h>

#include <string>

namespace autoscaler {

inline Imported import_text(const std::string& text) {
  const ObjectFile file{"objects.yaml", text};
  return import_objects({&file, 1});
}

// Everything that is remarked, a line each.
inline std::string remarks_of(const Imported& imported) {
  std::string text;
  for (const std::string& remark : imported.remarks) text += remark + "\n";
  return text;
}

// The config is one that `autoscaler check` takes.
inline void expect_sound(const Imported& imported) {
  const ConfigResult read = parse_config(imported.config, "imported.yaml");
  for (const ConfigProblem& problem : read.problems) ADD_FAILURE() << describe(problem);
  ASSERT_TRUE(read.config) << imported.config;
  EXPECT_EQ(read.config->workloads.size(), imported.workloads);
}

}  // namespace autoscaler
