"""The rules of the house that a reader relies on, read from the sources themselves."""

import pathlib
import re
import subprocess
import sys
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
LAYERS = ["base", "policies", "metrics", "controller"]
POLICIES_MAY_USE_OF_BASE = {"base/result.h", "base/check.h", "base/shared.h", "base/shared_text.h"}
ADAPTERS = ["controller/process/", "controller/balancer/", "controller/kubernetes/"]
COMPOSITION_ROOT = ("controller/run.cc", "controller/wiring.cc", "controller/import_command.cc")
LONGEST_FILE = 400


def tracked(*patterns):
    listed = subprocess.run(["git", "ls-files", *patterns], cwd=ROOT, capture_output=True, text=True, check=True)
    return [line for line in listed.stdout.splitlines() if (ROOT / line).exists()]


def sources():
    return tracked("*.h", "*.cc")


def layer(path):
    top = path.split("/")[0]
    return LAYERS.index(top) if top in LAYERS else None


def includes(path):
    for number, line in enumerate((ROOT / path).read_text().splitlines(), 1):
        found = re.match(r'\s*#include "([^"]+)"', line)
        if found:
            yield number, found.group(1)


class House(unittest.TestCase):
    def complain(self, complaints):
        self.assertFalse(complaints, "\n" + "\n".join(complaints))

    def test_includes_go_one_way(self):
        wrong = []
        for path in sources():
            mine = layer(path)
            if mine is None:
                continue
            for number, included in includes(path):
                theirs = layer(included)
                if theirs is None:
                    wrong.append(f"{path}:{number}: {included} is not written from the top")
                elif theirs > mine:
                    wrong.append(f"{path}:{number}: {path.split('/')[0]}/ must not include {included}")
                elif path.startswith("policies/") and included.startswith("base/"):
                    if included not in POLICIES_MAY_USE_OF_BASE:
                        wrong.append(f"{path}:{number}: policies/ must not include {included}")
        self.complain(wrong)

    def test_only_the_composition_root_includes_adapters(self):
        wrong = []
        for path in sources():
            if path.startswith("tests/") or path in COMPOSITION_ROOT:
                continue
            for number, included in includes(path):
                for adapter in ADAPTERS:
                    if included.startswith(adapter) and not path.startswith(adapter):
                        wrong.append(f"{path}:{number}: only {' and '.join(COMPOSITION_ROOT)} may include {included}")
        self.complain(wrong)

    def test_adapters_do_not_know_the_loop(self):
        wrong = []
        for path in sources():
            if not any(path.startswith(adapter) for adapter in ADAPTERS):
                continue
            for number, included in includes(path):
                if included in ("controller/loop.h", "controller/plan.h", "controller/lifecycle.h"):
                    wrong.append(f"{path}:{number}: an adapter must not include {included}")
        self.complain(wrong)

    def test_the_decision_path_never_asks_for_the_time(self):
        asks = re.compile(r"::now\(\)|\btime\(nullptr\)|gettimeofday|clock_gettime|sleep_for|sleep_until")
        wrong = []
        for path in sources():
            decides = path.startswith(("policies/", "metrics/")) or (
                path.startswith("controller/") and path.count("/") == 1)
            if not decides or path == "controller/system_clock.cc":
                continue
            for number, line in enumerate((ROOT / path).read_text().splitlines(), 1):
                if asks.search(line.split("//")[0]):
                    wrong.append(f"{path}:{number}: asks for the time; take `now` as an argument")
        self.complain(wrong)

    def test_policies_have_no_order_left_to_chance(self):
        wrong = [f"{path}: unordered container" for path in sources()
                 if path.startswith("policies/") and "unordered_" in (ROOT / path).read_text()]
        self.complain(wrong)

    def test_a_file_has_one_idea(self):
        wrong = []
        for path in sources():
            lines = len((ROOT / path).read_text().splitlines())
            if lines > LONGEST_FILE:
                wrong.append(f"{path}: {lines} lines, {LONGEST_FILE} at most")
        self.complain(wrong)

    def test_nothing_is_left_unfinished(self):
        words = re.compile(r"\b(TODO|FIXME|XXX)\b")
        wrong = []
        for path in sources() + tracked("*.py", "*.md", "dev", "Dockerfile"):
            if path == "tests/house/house_test.py":
                continue
            for number, line in enumerate((ROOT / path).read_text().splitlines(), 1):
                if words.search(line):
                    wrong.append(f"{path}:{number}: {line.strip()}")
        self.complain(wrong)

    def test_every_link_in_the_documents_leads_somewhere(self):
        wrong = []
        for path in tracked("*.md"):
            for target in re.findall(r"\]\(([^)#]+)[^)]*\)", (ROOT / path).read_text()):
                if "://" in target:
                    continue
                if not ((ROOT / path).parent / target).exists():
                    wrong.append(f"{path}: {target} does not exist")
        self.complain(wrong)

    def test_the_page_of_metrics_lists_every_family_and_label_value_and_no_other(self):
        made = set()
        for path in tracked("controller/telemetry/*.cc"):
            made |= set(re.findall(r'"(autoscaler_[a-z_]+)"', (ROOT / path).read_text()))
        page = (ROOT / "docs/metrics.md").read_text()
        listed = re.findall(r"^\| `(autoscaler_[a-z_]+)` \| (?:gauge|counter|histogram) \|", page, re.MULTILINE)
        wrong = [f"docs/metrics.md: {name} has no row" for name in sorted(made - set(listed))]
        wrong += [f"docs/metrics.md: there is no {name}" for name in sorted(set(listed) - made)]
        wrong += [f"docs/metrics.md: {name} is there twice" for name in set(listed) if listed.count(name) > 1]
        values = re.findall(r'"([a-z_]+)"', "".join((ROOT / path).read_text().split("namespace autoscaler")[1]
                                                    for path in ("policies/names.cc", "base/result.h")))
        wrong += [f"docs/metrics.md: {value} is not explained" for value in values
                  if value != "unknown" and f"`{value}`" not in page]
        for path in tracked("*.md"):
            for name in re.findall(r"\bautoscaler_[a-z_]+\b", (ROOT / path).read_text()):
                if name not in made:
                    wrong.append(f"{path}: there is no metric {name}")
        self.assertGreater(len(made), 20)
        self.assertGreater(len(values), 50)
        self.complain(wrong)

    def test_the_page_of_the_api_has_a_heading_for_every_route_and_no_other(self):
        source = (ROOT / "controller/web/api.cc").read_text()
        served = re.findall(r'"(/[^"]*)"', re.search(r"kRoutes\[\] = \{(.*?)\};", source, re.DOTALL).group(1))
        self.assertGreater(len(served), 5)
        page = (ROOT / "docs/api.md").read_text()
        self.assertEqual(sorted(served), sorted(re.findall(r"^## `GET (/.*)`$", page, re.MULTILINE)))
        source = (ROOT / "controller/web/orders.cc").read_text()
        taken = re.findall(r'"(/[^"]*)"', re.search(r"kWrites\[\] = \{(.*?)\};", source, re.DOTALL).group(1))
        self.assertEqual(sorted(taken), sorted(re.findall(r"^## `POST (/.*)`$", page, re.MULTILINE)))


if __name__ == "__main__":
    unittest.main(argv=sys.argv)
