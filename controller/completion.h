#pragma once

#include <string>

namespace CLI {
class App;
}

namespace autoscaler {

// A completion script made from the program's own verbs and flags. `shell`: bash, zsh, fish.
std::string completion_script(const CLI::App& app, const std::string& shell);

}  // namespace autoscaler
