"""A config that changes while the program runs, broken on purpose. As in mutants.py."""


def config(cases):
    return "config_file_test", "{build}/tests/controller/config/config_file_test --gtest_filter=" + cases


def loop(cases):
    return "loop_test", "{build}/tests/controller/loop/loop_test --gtest_filter=" + cases


RELOAD_MUTANTS = [
    (
        "of intents that are written in parts some may be there alone",
        "controller/journal/journal.cc",
        "    rows += part.intents.size();\n",
        "    rows += part.intents.size();\n    if (Status done = transaction->commit(); !done) return done;\n",
        "journal_test",
        "{build}/tests/controller/journal/journal_test --gtest_filter=*WhatIsIntendedInParts*",
    ),
    (
        "after a part of a tick that was not written the next one is",
        "controller/loop.cc",
        "if (rows.empty() || !written) continue;",
        "if (rows.empty()) continue;",
        "loop_test",
        "{build}/tests/controller/loop/loop_test --gtest_filter=JournalPartsTest.*",
    ),
    (
        "what was learned since the last record is not written at the end",
        "controller/loop.cc",
        "append({}, rows_.rest(), memories, now)",
        "append({}, rows_.rest(), {}, now)",
        *loop("RestartTest.the_end_writes*"),
    ),
    (
        "what is opened at the start is taken from a new config",
        "controller/config/config_file.cc",
        "  if (!refused.empty()) return cannot(texts(refused), now);\n",
        "",
        *config("ConfigFileTest.WhatIsOpened*"),
    ),
    (
        "a config that was good is forgotten for one that is wrong",
        "controller/config/config_file.cc",
        "  status_.problems.clear();\n  next_.reset();\n",
        "  status_.problems.clear();\n  next_.reset();\n  running_.reset();\n",
        *config("ConfigFileTest.AWrongFile*"),
    ),
    (
        "a wrong config is not told",
        "controller/config/config_file.cc",
        "  if (!result.config) return cannot(texts(result.problems), now);\n",
        "  if (!result.config) return;\n",
        *config("ConfigFileTest.AWrongFile*"),
    ),
    (
        "a secret is in the log of what changed",
        "controller/config/config_diff.cc",
        "  if (secret) return kRedacted;\n",
        "  if (secret && node.text.empty()) return kRedacted;\n",
        *config("ConfigDiff.ASecret*"),
    ),
    (
        "after a kill the window of scale-ins begins at the last row",
        "controller/restore.cc",
        "    recent.recommendations.back().last = now;\n",
        "",
        *loop("RestartTest.after_a_kill*"),
    ),
    (
        "each reload reads two weeks of demand",
        "controller/learning.cc",
        "std::max(now - kDemandPast, next)",
        "std::max(now - kDemandPast, std::min(next, Instant{}))",
        *loop("ForecastingLoop.AReload*"),
    ),
    (
        "each reload asks for two weeks of load again",
        "controller/warm_start.cc",
        "asked != before.end() && asked->second == each.load",
        "asked != before.end() && false",
        *loop("WarmStartOfALoop.AnotherConfig*"),
    ),
    (
        "a reload is a fresh start",
        "controller/restore.cc",
        "std::max(window, 2 * interval)",
        "std::max(window, 0 * interval)",
        *loop("Reload.*"),
    ),
]
