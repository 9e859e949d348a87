#include "controller/completion.h"

#include <CLI/App.hpp>

#include <vector>

namespace autoscaler {
namespace {

// Verb by verb: "journal verify" and the words that may follow it.
struct Words {
  std::string path;
  std::vector<std::string> subcommands;
  std::vector<std::string> flags;
};

void collect(const CLI::App& app, const std::string& path, std::vector<Words>& all) {
  Words words{.path = path, .subcommands = {}, .flags = {}};
  for (const CLI::App* sub : app.get_subcommands({})) words.subcommands.push_back(sub->get_name());
  for (const CLI::Option* option : app.get_options()) {
    for (const std::string& name : option->get_lnames()) words.flags.push_back("--" + name);
  }
  all.push_back(words);
  for (const CLI::App* sub : app.get_subcommands({})) {
    collect(*sub, path.empty() ? sub->get_name() : path + " " + sub->get_name(), all);
  }
}

std::string spaced(const std::vector<std::string>& words) {
  std::string line;
  for (const std::string& word : words) line += (line.empty() ? "" : " ") + word;
  return line;
}

std::string bash(const std::vector<Words>& all) {
  std::string cases;
  for (const Words& words : all) {
    cases += "    '" + words.path + "') words='" + spaced(words.subcommands) +
             (words.subcommands.empty() ? "" : " ") + spaced(words.flags) + "' ;;\n";
  }
  return "_autoscaler() {\n"
         "  local path='' words='' i\n"
         "  for ((i = 1; i < COMP_CWORD; i++)); do\n"
         "    case \"${COMP_WORDS[i]}\" in -*) break ;; esac\n"
         "    [ $i -gt 2 ] && break\n"
         "    [ $i -eq 2 ] && [ \"$path\" != journal ] && break\n"
         "    path=\"${path:+$path }${COMP_WORDS[i]}\"\n"
         "  done\n"
         "  case \"$path\" in\n" +
         cases +
         "  esac\n"
         "  COMPREPLY=($(compgen -W \"$words\" -- \"${COMP_WORDS[COMP_CWORD]}\"))\n"
         "}\n"
         "complete -o default -F _autoscaler autoscaler\n";
}

std::string fish(const std::vector<Words>& all) {
  std::string script;
  for (const Words& words : all) {
    std::string condition = "__fish_use_subcommand";
    if (!words.path.empty()) {
      condition = "string match -q -- '*" + words.path + "*' (commandline -opc | string join ' ')";
    }
    for (const std::string& sub : words.subcommands) {
      script += "complete -c autoscaler -n \"" + condition + "\" -a '" + sub + "'\n";
    }
    for (const std::string& flag : words.flags) {
      script += "complete -c autoscaler -n \"" + condition + "\" -l '" + flag.substr(2) + "'\n";
    }
  }
  return script;
}

}  // namespace

std::string completion_script(const CLI::App& app, const std::string& shell) {
  std::vector<Words> all;
  collect(app, "", all);
  if (shell == "fish") return fish(all);
  if (shell == "zsh") return "autoload -U +X bashcompinit && bashcompinit\n" + bash(all);
  return bash(all);
}

}  // namespace autoscaler
