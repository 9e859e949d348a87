"""`autoscaler backtest` as a user has it: its table, its complaints, and its page in a real browser; and that of
`autoscaler forecast`."""

import html
import json
import pathlib
import re
import shutil
import subprocess
import tempfile
import time
import unittest

import case
from prometheus import prometheus_with

PROGRAM = str(pathlib.Path(case.OPTIONS.build).resolve() / "controller/autoscaler")

CONFIG = """
workloads:
  - name: shop
    target: {process: {command: [/bin/shop, "{port}"], ports: 9000-9199}}
    loadBalancer: {haproxy: {socket: /run/none.sock, backend: shop}}
    replicas: {min: 2, max: 60}
    signals:
      rps: {source: balancer, value: requestRate}
    policies:
      - track: {signal: rps, perInstance: 70/s}
"""
BUDGET = CONFIG.replace("      rps:", "      latency: {source: scrape, histogram: http_request_duration_seconds}\n"
                        "      rps:").replace("    signals:", "    slo: {signal: latency, p95: 300ms, budget: 1%}\n"
                                              "    signals:")
BUDGET = BUDGET[:BUDGET.index("    policies:")]
LOAD = "days=1,base=500,seed=4"


class Backtest(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="as-backtest-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self.config = self.folder / "shop.yaml"
        self.config.write_text(CONFIG)

    def backtest(self, *arguments):
        return self.run_backtest("--config", str(self.config), *arguments)

    @staticmethod
    def run_backtest(*arguments):
        return subprocess.run([PROGRAM, "backtest", *arguments], capture_output=True, text=True, timeout=600)

    def browser(self, page, *flags):
        """What a browser without a network makes of the page."""
        ended = subprocess.run(
            ["chromium", "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={self.folder}/browser",
             "--host-resolver-rules=MAP * ~NOTFOUND", *flags, page],
            capture_output=True, text=True, timeout=600)
        self.assertEqual(ended.returncode, 0, ended.stderr)
        return ended.stdout

    def test_says_what_each_policy_costs_and_violates(self):
        ended = self.backtest("--synthetic", LOAD, "--output", "json")
        self.assertEqual(ended.returncode, 0, ended.stderr)
        result = json.loads(ended.stdout)
        by_name = {each["policy"]: each for each in result["policies"]}
        self.assertEqual(list(by_name), ["shop", "static-peak", "hpa-50", "hpa-60", "hpa-70", "cron-hpa-70",
                                         "aws-like-70", "oracle"])
        self.assertEqual(by_name["oracle"]["cost"], 1)
        self.assertEqual(by_name["oracle"]["violatingSeconds"], 0)
        self.assertLess(by_name["hpa-70"]["instanceHours"], by_name["hpa-50"]["instanceHours"])
        self.assertLess(by_name["shop"]["instanceHours"], by_name["static-peak"]["instanceHours"])
        self.assertAlmostEqual(by_name["shop"]["scoredSeconds"], 12 * 3600, delta=10)

    def test_compares_sweeps_and_another_config(self):
        other = self.folder / "other.yaml"
        other.write_text(CONFIG.replace("70/s", "50/s"))
        two = ("--diff", str(self.config), str(other), "--synthetic", LOAD, "--alone")
        ended = self.run_backtest(*two, "--sweep", "policies[0].track.perInstance=60/s,80/s")
        self.assertEqual(ended.returncode, 0, ended.stderr)
        for line in ("perInstance=60/s", "perInstance=80/s", "other.yaml", "have different sizes"):
            self.assertIn(line, ended.stdout)
        result = json.loads(self.run_backtest(*two, "--output", "json").stdout)
        self.assertGreater(result["differences"][0]["instances"], 0)  # 50/s asks for more
        self.assertEqual(self.run_backtest(*two, "--config", str(other)).returncode, 2)
        self.assertEqual(self.run_backtest("--synthetic", LOAD).returncode, 2)

    def test_serves_requests_one_by_one(self):
        def shop(*arguments):
            ended = self.backtest("--synthetic", LOAD, "--alone", "--output", "json", *arguments)
            self.assertEqual(ended.returncode, 0, ended.stderr)
            return json.loads(ended.stdout)["policies"][0]

        fluid, single = shop(), shop("--discrete")
        self.assertAlmostEqual(single["instanceHours"] / fluid["instanceHours"], 1, delta=0.1)
        self.assertNotEqual(single, fluid, "requests come by chance")

    def test_takes_a_recorded_load_from_a_file(self):
        load = self.folder / "load.csv"
        load.write_text("timestamp,value\n" + "".join(f"{1767571200 + 60 * i},{300 + i % 60}\n" for i in range(240)))
        ended = self.backtest("--load", str(load), "--alone")
        self.assertEqual(ended.returncode, 0, ended.stderr)
        self.assertIn("shop over load: scored for 2h", ended.stdout)

    def test_asks_a_real_prometheus_for_the_load(self):
        now = int(time.time()) // 60 * 60
        samples = "".join(f"load {400 + at // 60 % 60} {at}\n" for at in range(now - 6 * 3600, now + 1, 60))
        with prometheus_with("# TYPE load gauge\n" + samples + "# EOF\n") as url:
            asked = ("--prometheus", url, "--query", "sum(load)", "--past", "4h", "--output", "json")
            ended = self.backtest("--alone", *asked)
            self.assertEqual(ended.returncode, 0, ended.stderr)
            result = json.loads(ended.stdout)
            self.assertEqual(result["load"], "sum(load)")
            self.assertAlmostEqual(result["policies"][0]["scoredSeconds"], 2 * 3600, delta=120)
            # 400 to 459 a second at 70 each.
            self.assertAlmostEqual(result["policies"][0]["instanceHours"] / 2, 6.6, delta=0.6)
            recommended = subprocess.run([PROGRAM, "recommend", *asked], capture_output=True, text=True, timeout=600)
            self.assertEqual(recommended.returncode, 0, recommended.stderr)
            self.assertEqual(json.loads(recommended.stdout)["load"], "sum(load)")

    def test_of_a_long_load_the_last_days_are_taken_and_it_says_so(self):
        ended = self.backtest("--alone", "--synthetic", "days=3,base=50", "--last", "8h", "--output", "json")
        self.assertEqual(ended.returncode, 0, ended.stderr)
        self.assertEqual(ended.stderr, "synthetic-1: the last 8h of 3d; --last 3d takes all of it\n")
        result = json.loads(ended.stdout)
        self.assertEqual(result["scoredFrom"], "2026-01-07T20:00:00.000Z")  # the second half
        self.assertEqual(result["policies"][0]["scoredSeconds"], 4 * 3600)

    def test_prices_each_error_budget(self):
        self.config.write_text(BUDGET)
        page = self.folder / "page.html"
        asked = ("--alone", "--synthetic", "days=0.5,base=500,seed=4", "--price")
        ended = self.backtest(*asked, "--output", "json", "--report", str(page))
        self.assertEqual(ended.returncode, 0, ended.stderr)
        result = json.loads(ended.stdout)
        self.assertEqual([each["budget"] for each in result["budgets"]], [0.05, 0.02, 0.01, 0.005, 0.002, 0.001])
        mine = result["policies"][0]
        self.assertEqual(result["budgets"][2]["cost"], mine["cost"], "1 % is its own budget")
        self.assertEqual(result["budgets"][2]["violatingShare"], mine["violatingShare"])
        drawn = self.browser(page.as_uri(), "--dump-dom")
        curve = re.search(r'aria-label="what each error budget costs".*?</svg>', drawn, re.S)[0]
        self.assertEqual(curve.count("<circle"), 6)
        self.assertEqual(re.search(r'<path d="(.*?)"', curve)[1].count("L"), 5)
        self.assertNotIn('id="prices" hidden', drawn)
        told = self.backtest(*asked, "--service", self.written("service.yaml", "price: 2\n")).stdout
        self.assertRegex(told, r"budget +cost +hours +violating +price\n +5% ")

        self.config.write_text(BUDGET + "    policies: [{track: {signal: rps, perInstance: 70/s}}]\n")
        refused = self.backtest(*asked)
        self.assertEqual(refused.returncode, 2)
        self.assertIn("spends no budget: it needs a policy `predict`", refused.stderr)

    def written(self, name, text):
        file = self.folder / name
        file.write_text(text)
        return str(file)

    def test_says_what_is_wrong(self):
        service = self.folder / "service.yaml"
        service.write_text("service: {startUp: 3s}\n")
        for arguments, code, words in [
            ([], 2, "--synthetic"),
            (["--synthetic", "dys=1"], 2, "'dys' is none of days"),
            (["--load", "/nope.csv"], 2, "/nope.csv: cannot be read"),
            (["--synthetic", "days=1", "--workload", "nix"], 2, "has no workload 'nix': it has shop"),
            (["--synthetic", "days=1", "--service", str(service)], 2, "did you mean 'startup'?"),
            (["--synthetic", "days=1", "--sweep", "x.y=1"], 2, "no such place in workload 'shop'"),
            (["--synthetic", "days=1", "--sweep", "a~b=1"], 2, "--sweep a~b: there is no such place"),
            (["--synthetic", "days=1", "--price"], 2, "give it slo: {signal: ..., p95: ..., budget: ...}"),
            (["--synthetic", "days=1", "--last", "2"], 2, "--last"),
            (["--journal", str(self.folder / "none.db")], 2, "no journal"),
            (["--synthetic", "days=0.2", "--alone", "--report", "/nope/page.html"], 1, "cannot be written"),
        ]:
            with self.subTest(arguments=arguments):
                ended = self.backtest(*arguments)
                self.assertEqual(ended.returncode, code, ended.stdout + ended.stderr)
                self.assertIn(words, ended.stderr)
                self.assertEqual(ended.stdout, "")

    def test_a_signal_that_the_service_does_not_have_needs_a_number(self):
        self.config.write_text(CONFIG.replace("    policies:", '      depth: {source: json, url: "http://q/", '
                                              "pointer: /n}\n    policies:"))
        ended = self.backtest("--synthetic", "days=0.2", "--alone")
        self.assertEqual(ended.returncode, 2)
        self.assertIn("signal 'depth'", ended.stderr)
        self.assertIn("--number depth=5", ended.stderr)
        self.assertEqual(self.backtest("--synthetic", "days=0.2", "--alone", "--number", "depth=5").returncode, 0)

    def test_recommends_a_config_that_keeps_to_the_budget(self):
        ended = subprocess.run([PROGRAM, "recommend", "--synthetic", LOAD, "--output", "json"], capture_output=True,
                               text=True, timeout=600)
        self.assertEqual(ended.returncode, 0, ended.stderr)
        result = json.loads(ended.stdout)
        self.assertTrue(result["chosenWithinBudget"])
        best = result["candidates"][0]
        self.assertEqual(best["policy"], result["policies"][0]["policy"])
        self.assertLessEqual(best["violatingShare"], 0.005)
        plain = [each for each in result["candidates"] if re.fullmatch(r"track \S+", each["policy"])]
        self.assertGreater(len(plain), 3)
        within = [each["instanceHours"] for each in plain if each["violatingShare"] <= 0.005]
        self.assertLessEqual(best["instanceHours"], min(within))
        self.assertIn("budget 0.5%", [each["policy"] for each in result["candidates"]])
        proposed = self.written("proposed.yaml", result["config"])
        checked = subprocess.run([PROGRAM, "check", proposed], capture_output=True, text=True, timeout=60)
        self.assertEqual(checked.returncode, 0, checked.stderr)
        # What was reported is what a backtest of it says of the second half of the scored time.
        self.assertEqual(result["chosenFrom"], "2026-01-05T12:00:00.000Z")
        self.assertEqual(result["scoredFrom"], "2026-01-05T18:00:00.000Z")
        self.assertAlmostEqual(result["policies"][0]["scoredSeconds"], 6 * 3600, delta=15)

    def test_a_recommendation_knows_nothing_of_what_proves_it(self):
        def load(last):
            rows = "".join(f"{1767571200 + 60 * i},{last if i >= 360 else 300 + 30 * (i % 7)}\n" for i in range(480))
            return self.written(f"load-{last}.csv", "timestamp,value\n" + rows)

        def recommended(last):
            ended = subprocess.run([PROGRAM, "recommend", "--load", load(last), "--output", "json"],
                                   capture_output=True, text=True, timeout=600)
            self.assertEqual(ended.returncode, 0, ended.stderr)
            return json.loads(ended.stdout)

        calm, tripled = recommended(400), recommended(3000)
        self.assertEqual(calm["config"], tripled["config"])
        self.assertEqual(calm["candidates"], tripled["candidates"])
        self.assertTrue(calm["withinBudget"])
        self.assertTrue(tripled["chosenWithinBudget"])
        self.assertFalse(tripled["withinBudget"], "at 3000 a second it runs into its max")
        self.assertIn("NOT WITHIN the budget of 0.5 %", tripled["because"][-1])

    def test_the_page_opens_in_a_browser_without_a_network(self):
        page = self.folder / "page.html"
        self.config.write_text(CONFIG + "      - predict: {signal: rps, perInstance: 70/s}\n")
        self.assertEqual(self.backtest("--synthetic", LOAD, "--report", str(page)).returncode, 0)
        loaded = set(re.findall(r'(?:src|href)\s*=\s*["\']([^"\']+)', page.read_text()))
        self.assertEqual(loaded, set())
        drawn = self.browser(page.as_uri() + "#1", "--dump-dom")
        self.assertIn('data-drawn="yes"', drawn)
        table = re.search(r'<table id="policies">.*?</table>', drawn, re.S)[0]
        self.assertEqual(table.count("<tr"), 9)
        for plot in ("load", "size", "p95", "cost and violations"):
            self.assertIn(f'aria-label="{plot}"', drawn)
        self.assertEqual(drawn.count('class="band"'), 1)
        data = json.loads(re.search(r'id="data">(.*?)</script>', page.read_text(), re.S)[1])
        decision = data["policies"][0]["decisions"][1]
        told = html.unescape(re.search(r'<div id="told">(.*?)</div>', drawn, re.S)[1])
        self.assertIn(f"{decision['from']} to {decision['to']}, {decision['reason']}", told)
        self.assertIn(decision["lines"][-1], told)
        self.assertEqual(drawn.count('class="decision"'), len(data["policies"][0]["decisions"]))

    def test_the_page_of_a_sweep_has_the_line_through_the_front(self):
        page = self.folder / "page.html"
        ended = self.backtest("--synthetic", LOAD, "--alone", "--sweep", "policies[0].track.perInstance=40/s,60/s,85/s",
                              "--report", str(page), "--output", "json")
        self.assertEqual(ended.returncode, 0, ended.stderr)
        front = sorted((each["cost"], each["violatingShare"]) for each in json.loads(ended.stdout)["policies"]
                       if each["onFront"])
        self.assertGreater(len(front), 1)
        drawn = self.browser(page.as_uri(), "--dump-dom")
        plot = re.search(r'aria-label="cost and violations".*?</svg>', drawn, re.S)[0]
        points = [tuple(map(float, each.split())) for each in
                  re.search(r'<path d="M(.*?)" class="front"', plot)[1].split("L")]
        self.assertEqual(len(points), len(front))
        self.assertEqual(points, sorted(points), "from the cheapest to the dearest")
        self.assertEqual([y for _, y in points], sorted(y for _, y in points), "which violates less: lower down")
        for name in ("perInstance=40/s", "perInstance=60/s", "perInstance=85/s"):
            self.assertIn(f">{name}", plot)

    def test_the_page_says_how_many_decisions_it_leaves_out(self):
        page = self.folder / "page.html"
        self.assertEqual(self.backtest("--synthetic", LOAD, "--alone", "--report", str(page)).returncode, 0)
        text = page.read_text()
        self.assertNotIn("are not on this page", self.browser(page.as_uri(), "--dump-dom").split("</main>")[0])
        actions = int(re.search(r'"actions":(\d+)', text)[1])
        page.write_text(text.replace(f'"actions":{actions}', f'"actions":{actions + 7000}', 1))
        self.assertIn(f"These are the first {actions} of {actions + 7000:,}: 7,000 later ones are not on this page.",
                      self.browser(page.as_uri(), "--dump-dom"))

    def forecast_page(self):
        load = self.folder / "load.csv"
        load.write_text("timestamp,value\n" + "".join(
            f"{1767571200 + 60 * i},{300 + 200 * (i // 720 % 2) + i % 60}\n" for i in range(4 * 1440)))
        page = self.folder / "forecast.html"
        ended = subprocess.run([PROGRAM, "forecast", str(load), "--report", str(page)], capture_output=True, text=True,
                               timeout=60)
        self.assertEqual(ended.returncode, 0, ended.stderr)
        self.assertIn("P95 at 6 min", ended.stdout)
        return page

    def test_the_page_of_forecasts_opens_without_a_network(self):
        page = self.forecast_page()
        self.assertEqual(re.findall(r'(?:src|href)\s*=\s*["\']([^"\']+)', page.read_text()), [])
        drawn = self.browser(page.as_uri(), "--dump-dom")
        self.assertIn('data-drawn="yes"', drawn)
        table = re.search(r'<table id="horizons">.*?</table>', drawn, re.S)[0]
        self.assertEqual(table.count("<tr"), 5)
        self.assertEqual(drawn.count('class="band"'), 1)
        self.assertEqual(drawn.count('class="bar"'), 8 + 24)
        for plot in ("load", "quantiles", "hours"):
            self.assertIn(f'aria-label="{plot}"', drawn)
        data = json.loads(re.search(r'id="data">(.*?)</script>', page.read_text(), re.S)[1])
        self.assertLessEqual(len(data["horizons"][1]["t"]), 1500)
        self.assertEqual(max(data["horizons"][1]["truth"]), 559)
        ended = subprocess.run([PROGRAM, "forecast", str(self.folder / "load.csv"), "--report", "/nope/page.html"],
                               capture_output=True, text=True, timeout=60)
        self.assertEqual(ended.returncode, 1)
        self.assertIn("/nope/page.html: cannot be written", ended.stderr)

    def test_the_pages_are_not_blank(self):
        page = self.folder / "page.html"
        self.assertEqual(self.backtest("--synthetic", LOAD, "--alone", "--report", str(page)).returncode, 0)
        for each in (page, self.forecast_page()):
            self.is_not_blank(each)

    def is_not_blank(self, page):
        picture = self.folder / "page.png"
        self.browser(page.as_uri(), "--window-size=1240,1600", f"--screenshot={picture}")
        blank = self.folder / "blank.png"
        empty = self.folder / "blank.html"
        empty.write_text("<!doctype html><title>x</title>")
        self.browser(empty.as_uri(), "--window-size=1240,1600", f"--screenshot={blank}")
        self.assertGreater(picture.stat().st_size, 5 * blank.stat().st_size)


if __name__ == "__main__":
    case.main()
