#include "controller/allocation.h"
#include "controller/backtest_command.h"
#include "controller/commands.h"
#include "controller/completion.h"
#include "controller/config/units.h"
#include "controller/forecast_command.h"
#include "controller/log.h"
#include "controller/run.h"
#include "controller/snapshot/snapshot.h"

#include <CLI/CLI.hpp>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <functional>

namespace {

using autoscaler::Instant;

// Every verb of the program: its flags, and what it runs. The order is the order of --help.
class Program {
 public:
  Program() {
    app_.require_subcommand(1);
    app_.option_defaults()->always_capture_default();
    app_.footer(
        "Exit codes: 0 done, 1 the environment failed, 2 wrong usage, config or document, "
        "3 replay found a difference.");
    run();
    check();
    decide();
    explain();
    replay();
    journal();
    orders();
    backtest();
    recommend();
    forecast();
    import();
    schema();
    health();
    version();
    completion();
  }

  int main(int argc, char** argv) {
    const bool is_verb =
        argc < 2 || argv[1][0] == '-' ||
        !app_.get_subcommands([&](CLI::App* each) { return each->check_name(argv[1]); }).empty();
    if (!is_verb) {
      std::fprintf(stderr, "autoscaler: there is no '%s': see 'autoscaler --help'\n", argv[1]);
      return autoscaler::kExitInvalid;
    }
    try {
      app_.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
      return app_.exit(error) == 0 ? autoscaler::kExitDone : autoscaler::kExitInvalid;
    }
    try {
      return written(chosen_());
    } catch (const std::exception& error) {  // of a library, past every guard: say it and end
      std::fprintf(stderr, "autoscaler: %s\n", error.what());
      return autoscaler::kExitFailed;
    }
  }

 private:
  // A command whose output went nowhere (a full disk, a closed descriptor) has not done its work.
  static int written(int exit_code) {
    if (std::fflush(stdout) == 0 && std::ferror(stdout) == 0) return exit_code;
    std::fprintf(stderr, "autoscaler: standard output: cannot write all of it: %s\n",
                 std::strerror(errno));
    return autoscaler::kExitFailed;
  }

  CLI::App* verb(const std::string& name, const std::string& text, std::function<int()> runs) {
    CLI::App* added = app_.add_subcommand(name, text);
    added->callback([this, runs = std::move(runs)] { chosen_ = runs; });
    return added;
  }
  void output_flag(CLI::App* app) {
    app->add_option("--output", output_, "text, or json for programs")
        ->check(CLI::IsMember({"text", "json"}));
  }
  bool json() const { return output_ == "json"; }

  void run() {
    CLI::App* app =
        verb("run", "Keep the configured services at the size that their load needs", [this] {
          autoscaler::set_log_format(log_format_);
          return autoscaler::run_command(run_);
        });
    app->add_option("-c,--config", run_.config, "The config file (YAML)")->required();
    app->add_flag("--dry-run", run_.dry_run,
                  "Decide and explain, change nothing; keeps a journal of its own");
    app->add_flag("--stop-instances", run_.stop_instances,
                  "At the end drain and stop the instances instead of leaving them running");
    app->add_option("--log", log_format_, "human, json, or auto: human on a terminal")
        ->check(CLI::IsMember({"auto", "human", "json"}));
  }

  void check() {
    CLI::App* app =
        verb("check", "Say everything that is wrong with a config, and what is odd", [this] {
          check_.json = json();
          return autoscaler::check_command(check_);
        });
    app->add_option("config", check_.config, "The config file")->required();
    app->add_flag("--strict", check_.strict, "Warnings are mistakes");
    add_instant(app, "--from", check_.now);
    output_flag(app);
  }

  void decide() {
    CLI::App* app = verb("decide", "Make one decision from a snapshot, and explain it",
                         [this] { return autoscaler::decide_command(file_, json()); });
    app->add_option("snapshot", file_, "A JSON document, or - for standard input")->required();
    output_flag(app);
  }

  void explain() {
    CLI::App* app =
        verb("explain", "Ask a running controller why a workload has the size it has", [this] {
          explain_.json = json();
          return autoscaler::explain_command(explain_);
        });
    app->add_option("workload", explain_.workload, "Its name")->required();
    app->add_option("--url", explain_.url, "Where the controller listens");
    output_flag(app);
  }

  void replay() {
    CLI::App* app = verb("replay", "Decide again from recorded inputs, and compare", [this] {
      replay_.json = json();
      return autoscaler::replay_command(replay_);
    });
    app->add_option("journal", replay_.journal, "The journal of a run")->required();
    app->add_option("--config", replay_.config,
                    "Decide by this config instead of the recorded one");
    app->add_option("--workload", replay_.workload, "Only this workload");
    output_flag(app);
  }

  void journal() {
    CLI::App* app = app_.add_subcommand("journal", "Look into the journal of a run");
    app->require_subcommand(1);
    auto add = [&](const char* name, const char* text,
                   int (*command)(const autoscaler::JournalOptions&)) {
      CLI::App* sub = app->add_subcommand(name, text);
      sub->callback([this, command] {
        chosen_ = [this, command] {
          journal_.json = json();
          return command(journal_);
        };
      });
      sub->add_option("journal", journal_.file, "The journal's file")->required();
      sub->add_option("--workload", journal_.workload, "Only this workload");
      add_instant(sub, "--from", journal_.from);
      add_instant(sub, "--to", journal_.to);
      output_flag(sub);
    };
    add("decisions", "What was decided, and why", autoscaler::journal_decisions_command);
    add("changes", "What was about to be done", autoscaler::journal_changes_command);
    add("demand", "The load, minute by minute", autoscaler::journal_demand_command);
    add("export", "Every record as one JSON document a line", autoscaler::journal_export_command);
    add("verify", "Check the whole file", autoscaler::journal_verify_command);
  }

  static CLI::Option* add_instant(CLI::App* app, const std::string& name,
                                  std::optional<Instant>& into) {
    return app
        ->add_option_function<std::string>(
            name, [&into](const std::string& text) { into = *autoscaler::parse_instant(text); },
            "RFC 3339, such as 2026-11-22T10:00:00Z")
        ->check([](const std::string& text) {
          const auto parsed = autoscaler::parse_instant(text);
          return parsed ? std::string() : parsed.error().message;
        });
  }

  CLI::App* order(const char* name, const char* text) {
    CLI::App* app = verb(name, text, [this, name] {
      order_.verb = name;
      return autoscaler::order_command(order_);
    });
    app->add_option("workload", order_.workload, "Its name")->required();
    app->add_option("--url", order_.url, "Where the controller listens");
    app->add_option("--token-file", order_.token_file, "The file that controller.api.token names")
        ->required();
    return app;
  }

  void order_end(CLI::App* app) {
    auto* span = app->add_option("--for", order_.span, "For so long: 2h");
    add_instant(app, "--until", order_.until)->excludes(span);
  }

  void orders() {
    CLI::App* pause = order("pause", "Keep a workload's size from changing");
    pause->add_option("--direction", order_.direction, "all (if not given), out or in");
    order_end(pause);
    CLI::App* size = order("size", "Give a workload a size for a while");
    size->add_option("replicas", order_.replicas, "How many instances")->required();
    order_end(size);
    order("resume", "Take back a pause and a size: the policies decide again");
  }

  static CLI::Option* span_option(CLI::App* app, const char* name, autoscaler::Duration& to,
                                  const char* help) {
    return app
        ->add_option_function<std::string>(
            name, [&to](const std::string& text) { to = *autoscaler::parse_duration(text); }, help)
        ->default_str(autoscaler::format_duration(to))
        ->check([](const std::string& text) {
          const auto parsed = autoscaler::parse_duration(text);
          if (!parsed) return parsed.error().message;
          return *parsed < std::chrono::hours(1) ? "'" + text + "' is too short: 1h at least" : "";
        });
  }

  static constexpr const char* kPast = "How much of the past to ask a server for";
  static void load_options(CLI::App* app, autoscaler::LoadOptions& to) {
    auto* load = app->add_option_group("load", "What the service was asked to do");
    load->add_option("--load", to.load,
                     "A CSV file: timestamp (unix seconds),value (requests per second)");
    load->add_option("--journal", to.journal, "What a controller recorded in this journal");
    auto* server = load->add_option("--prometheus", to.prometheus,
                                    "The server that recorded it: http://prometheus:9090");
    load->add_option("--synthetic", to.synthetic,
                     "A load that is made up: days=14,base=500,seed=1 (docs/backtest.md)")
        ->expected(0, 1);
    load->require_option(1);
    auto* query = app->add_option("--query", to.query, "What to ask it: requests per second");
    query->needs(server);
    server->needs(query);
    span_option(app, "--past", to.span, kPast)->needs(query);
    span_option(app, "--last", to.last, "How much of the load, up to its end");
    app->add_option("--scale", to.scale, "The load is multiplied by it")
        ->check(CLI::PositiveNumber);
    app->add_option("--service", to.service, "What an instance is like: YAML (docs/backtest.md)");
    app->add_flag("--discrete", to.discrete, "Requests one by one and not as a fluid: slower");
  }

  void recommend() {
    CLI::App* app =
        verb("recommend", "Propose a policy from recorded load alone, with a backtest", [this] {
          recommend_.json = json();
          recommend_.budget /= 100;
          return autoscaler::recommend_command(recommend_);
        });
    load_options(app, recommend_.load);
    app->add_option("--workload", recommend_.workload, "Whose demand, of those in the journal");
    recommend_.budget = 0.5;
    app->add_option("--budget", recommend_.budget, "Percent of the time that may violate")
        ->check(CLI::Range(0.0, 50.0));
    output_flag(app);
  }

  void backtest() {
    CLI::App* app =
        verb("backtest", "Say what a config would have done under recorded load", [this] {
          backtest_.json = json();
          if (!diff_.empty()) {
            backtest_.config = diff_[0];
            backtest_.other = diff_[1];
          }
          return autoscaler::backtest_command(backtest_);
        });
    CLI::Option_group* which = app->add_option_group("config");
    which->add_option("-c,--config", backtest_.config, "The config file (YAML)");
    which->add_option("--diff", diff_, "Two config files, and where they decide differently")
        ->expected(2)
        ->type_name("A B");
    which->require_option(1);
    app->add_option("--workload", backtest_.workload, "Which, where it has several");
    load_options(app, backtest_.load);
    app->add_option("--number", backtest_.numbers,
                    "A signal that the simulated service does not have: queue=5");
    app->add_option("--sweep", backtest_.sweeps,
                    "Other values beside yours: policies[0].track.target=50%,60%");
    app->add_flag("--price", backtest_.prices, "What other error budgets would cost: six runs");
    app->add_option("--report", backtest_.report, "Write a page with plots to this HTML file");
    app->add_flag("--alone", backtest_.only_mine, "Without the HPA and the others beside it");
    output_flag(app);
  }

  void forecast() {
    CLI::App* app = verb("forecast", "Say how well a recorded load can be forecast", [this] {
      forecast_.json = json();
      return autoscaler::forecast_command(forecast_);
    });
    app->add_option("trace", forecast_.file, "A CSV file: timestamp (unix seconds),value");
    auto* query = app->add_option("--query", forecast_.query, "PromQL that gives the load");
    app->add_option("--prometheus", forecast_.prometheus,
                    "The server to ask: http://prometheus:9090")
        ->needs(query);
    query->needs("--prometheus");
    auto* signal = app->add_option("--signal", forecast_.signal,
                                   "A signal of the config with source: prometheus: shop/rps");
    app->add_option("-c,--config", forecast_.config, "The config whose server is asked")
        ->needs(signal);
    signal->needs("--config");
    span_option(app, "--past", forecast_.span, kPast);
    app->add_option_function<std::vector<std::string>>(
           "--holiday",
           [this](const std::vector<std::string>& days) {
             for (const std::string& day : days) {
               forecast_.holidays.push_back(*autoscaler::parse_instant(day + "T00:00:00Z"));
             }
           },
           "A day that is like a Sunday, such as 2026-12-25; as often as there are such days")
        ->check([](const std::string& day) {
          const bool good = autoscaler::parse_instant(day + "T00:00:00Z").ok();
          return good ? std::string() : "'" + day + "' is no day such as 2026-12-25";
        });
    app->add_option("--report", forecast_.report, "Write a page with plots to this HTML file");
    output_flag(app);
  }

  void import() {
    CLI::App* app = verb("import", "Turn HorizontalPodAutoscalers and ScaledObjects into a config",
                         [this] { return autoscaler::import_command(import_); });
    CLI::Option* file = app->add_option("file", import_.files,
                                        "YAML or JSON of kubectl get -o yaml, or - for standard "
                                        "input");
    CLI::Option* cluster =
        app->add_flag("--from-cluster", import_.from_cluster, "Read them from the API server")
            ->excludes(file);
    app->add_option("--namespace,-n", import_.name_space, "Of this namespace alone")
        ->needs(cluster);
    app->add_option("--kubeconfig", import_.kubeconfig,
                    "Instead of $KUBECONFIG, the service account of the pod, or ~/.kube/config")
        ->needs(cluster);
    app->add_option("--context", import_.context, "Instead of the kubeconfig's current-context")
        ->needs(cluster);
    app->add_option("--output,-o", import_.output, "What they become")
        ->check(CLI::IsMember({"config", "scalingpolicies"}));
  }

  void schema() {
    CLI::App* app = verb("schema", "Print the JSON Schema of the config",
                         [this] { return autoscaler::schema_command(crd_); });
    app->add_flag("--crd", crd_,
                  "The CustomResourceDefinition of ScalingPolicy instead, for kubectl");
  }

  void health() {
    CLI::App* app = verb("health", "Ask a running controller whether it is healthy",
                         [this] { return autoscaler::health_command(url_); });
    app->add_option("--url", url_, "Where it listens");
  }

  void version() {
    verb("version", "Print the version", [] {
      std::puts("autoscaler " AUTOSCALER_VERSION);
      return static_cast<int>(autoscaler::kExitDone);
    });
  }

  void completion() {
    CLI::App* app = verb("completion", "Print a completion script for a shell", [this] {
      const std::string script = autoscaler::completion_script(app_, shell_);
      std::fputs(script.c_str(), stdout);
      return static_cast<int>(autoscaler::kExitDone);
    });
    app->add_option("shell", shell_, "bash, zsh or fish")
        ->required()
        ->check(CLI::IsMember({"bash", "zsh", "fish"}));
  }

  CLI::App app_{"Keeps services at the size that their load needs, and says why."};
  std::function<int()> chosen_;
  autoscaler::RunOptions run_;
  autoscaler::CheckOptions check_;
  autoscaler::ReplayOptions replay_;
  autoscaler::ExplainOptions explain_{.workload = {}, .url = "http://127.0.0.1:8080"};
  autoscaler::JournalOptions journal_;
  autoscaler::OrderOptions order_;
  autoscaler::BacktestOptions backtest_;
  std::vector<std::string> diff_;
  autoscaler::RecommendOptions recommend_;
  autoscaler::ForecastOptions forecast_;
  std::string file_;
  autoscaler::ImportOptions import_;
  bool crd_ = false;
  std::string output_ = "text";
  std::string log_format_ = "auto";
  std::string url_ = "http://127.0.0.1:8080";
  std::string shell_;
};

}  // namespace

int main(int argc, char** argv) {
  autoscaler::tune_allocation();
  return Program().main(argc, argv);
}
