"""`bench-traces` as `./dev bench-traces` runs it: its rows, what it makes of files that are odd or of no use, and
where it looks for them."""

import json
import math
import os
import pathlib
import random
import shutil
import subprocess
import tempfile
import unittest

import case

PROGRAM = str(pathlib.Path(case.OPTIONS.build).resolve() / "controller/backtest/bench-traces")
ROOT = pathlib.Path(__file__).resolve().parents[2]
POLICY_KEYS = ["trace", "policy", "lead_s", "capacity_factor", "scored_s", "instance_hours", "oracle_hours",
               "violating_s", "actions", "reversals"]
FORECAST_KEYS = ["trace", "horizon_s", "wql", "wql_naive", "wql_persistence", "cover95", "worst_hour_cover95"]
START = 1767571200


def waves(hours, step=60, seed=1):
    """(timestamp, value) of a load that goes up and down within hours."""
    chance = random.Random(seed)
    for at in range(START, START + 3600 * hours, step):
        yield at, round(100 + 60 * math.sin(at / 3000) + chance.uniform(-9, 9), 3)


def csv(rows, header="timestamp,value", end="\n"):
    return header + end + "".join(f"{at},{value}{end}" for at, value in rows)


class BenchTraces(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="as-bench-traces-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)

    def write(self, **files):
        for name, text in files.items():
            (self.folder / name.replace("_csv", ".csv").replace("_CSV", ".CSV")).write_text(text)

    def run_bench(self, *arguments, folder=None):
        return subprocess.run([PROGRAM, str(folder or self.folder), *arguments], capture_output=True, text=True,
                              timeout=120)

    def rows(self, *arguments, code=0):
        ended = self.run_bench("--output", "json", *arguments)
        self.assertEqual(ended.returncode, code, ended.stderr)
        return json.loads(ended.stdout), ended.stderr

    def test_every_policy_has_its_row_of_each_trace(self):
        self.write(calm_csv=csv(waves(4)), wild_csv=csv(waves(6, seed=2)))
        rows, _ = self.rows()
        policies = [row for row in rows if "policy" in row]
        forecasts = [row for row in rows if "horizon_s" in row]
        self.assertEqual(len(rows), len(policies) + len(forecasts))
        for row in policies:
            self.assertEqual(list(row), POLICY_KEYS)
            self.assertEqual(row["scored_s"], {"calm": 7200, "wild": 10800}[row["trace"]])
            self.assertGreater(row["oracle_hours"], 0)
        for row in forecasts:
            self.assertEqual(list(row), FORECAST_KEYS)
        plain = {row["policy"] for row in policies if row["capacity_factor"] == 1}
        prices = {name for name in plain if name.startswith("predict-")}
        self.assertEqual(plain - prices, {"static-peak", "hpa-50", "hpa-60", "hpa-70", "aws-like-70", "cron-hpa-70",
                                          "oracle", "budget-1", "budget-0.5", "budget-0.1"})
        values = sorted(float(name.removeprefix("predict-")) for name in prices)
        self.assertEqual((values[0], values[-1]), (0.3, 30))
        names = [(row["trace"], row["lead_s"], row["policy"], row["capacity_factor"]) for row in policies]
        self.assertEqual(len(set(names)), len(names))
        self.assertEqual(len(names), 2 * 3 * (len(plain) + 3 * 3))
        self.assertEqual({row["lead_s"] for row in policies}, {120, 300, 600})
        self.assertEqual([(row["trace"], row["horizon_s"]) for row in forecasts],
                         [(trace, horizon) for trace in ("calm", "wild") for horizon in (180, 360, 660, 3600)])
        quick, _ = self.rows("--quick")
        self.assertEqual(quick, [row for row in rows if row.get("lead_s", 300) == 300])

    def test_files_of_no_use_are_named_and_the_others_run(self):
        self.write(good_csv=csv(waves(1)),
                   idle_csv=csv((at, 0) for at, _ in waves(1)),
                   short_csv="timestamp,value\n0,1\n1,1\n",
                   words_csv="timestamp,value\n0,1\n60,many\n",
                   header_csv="time,load\n0,1\n60,1\n",
                   empty_csv="")
        rows, said = self.rows("--quick", code=2)
        self.assertEqual({row["trace"] for row in rows}, {"good"})
        for line in ("idle.csv: every value is 0", "short.csv: it is 2 s long, and 1200 are the least",
                     "words.csv:3: value: 'many' is no load; write a number from 0 up",
                     "header.csv:1: the first row must name 'timestamp' and 'value'", "empty.csv:1: the first row"):
            self.assertIn(f"bench-traces: not used: {self.folder}/{line}", said)
        # An hour has no half hour before and an hour after its origins.
        self.assertEqual([row["horizon_s"] for row in rows if "horizon_s" in row], [180, 360, 660])
        ended = self.run_bench("--quick")
        self.assertEqual(ended.returncode, 2)
        self.assertIn("left out: good at 60 min.", ended.stdout)
        self.assertNotIn("nan", ended.stdout)

    def test_files_that_mean_the_same_have_the_same_rows(self):
        plain = list(waves(2, step=300))
        shuffled = plain[:]
        random.Random(5).shuffle(shuffled)
        same = {
            "plain": csv(plain),
            "upper": csv(plain),
            "floats": csv((f"{at}.0", value) for at, value in plain),
            "milliseconds": csv((1000 * at, value) for at, value in plain),
            "windows": "\ufeff" + csv(plain, header="Timestamp, Value", end="\r\n"),
            "columns": "host,value,timestamp\n" + "".join(f"a,{value},{at}\n" for at, value in plain),
            "shuffled": csv(shuffled),
        }
        found = {}
        for name, text in same.items():  # the name seeds the noise
            for each in self.folder.iterdir():
                each.unlink()
            self.write(**{"same_CSV" if name == "upper" else "same_csv": text}, **{"._same_csv": "\0\1"})
            found[name], said = self.rows("--quick")
            self.assertEqual("sorted" in said, name == "shuffled", said)
        for name, rows in found.items():
            self.assertEqual(rows, found["plain"], name)

    def test_an_irregular_trace_is_scored(self):
        late = [(at + random.Random(at).choice((-1, 0, 1)), value) for at, value in waves(2, step=300)]
        beside = late + [(late[3][0] + 1, 90)]
        sparse = [(at, 5 if i % 300 == 150 else 0) for i, (at, _) in enumerate(waves(10))]
        holes = [(at, value if i % 10 != 5 else "") for i, (at, value) in enumerate(waves(2, step=300))]
        self.write(late_csv=csv(late), beside_csv=csv(beside), sparse_csv=csv(sparse), holes_csv=csv(holes))
        rows, said = self.rows("--quick")
        scored = {row["trace"]: row["scored_s"] for row in rows if "scored_s" in row}
        for name in ("late", "beside"):
            self.assertAlmostEqual(scored[name], 3600, delta=30, msg=name)
        self.assertEqual(scored["holes"], 3600 - 300)
        self.assertIn("sparse.csv: 99.5 % of its values are 0", said)

    def test_a_load_may_begin_in_the_first_minute_of_1970(self):
        self.write(first_csv=csv((at - START, value) for at, value in waves(1)))
        self.rows("--quick")

    def test_what_is_verified_is_what_is_printed(self):
        self.write(day_csv=csv(waves(30, step=300)), words_csv="timestamp,value\n0,1\n60,many\n")
        ended = self.run_bench("--verify", "--quick", "--seed", "7")
        self.assertEqual(ended.returncode, 2, ended.stdout + ended.stderr)
        (self.folder / "words.csv").unlink()
        for seed in ("7", "8"):
            ended = self.run_bench("--verify", "--quick", "--seed", seed)
            self.assertEqual(ended.returncode, 0, ended.stdout + ended.stderr)
            self.assertIn("lead 300 s", ended.stdout)
            self.assertIn("the same size at each of 7200 ticks", ended.stdout)

    def test_says_what_is_wrong_with_the_command_line(self):
        self.write(good_csv=csv(waves(1)))
        empty = self.folder / "empty"
        empty.mkdir()
        for arguments, words in [
            (["--verify", "--hard"], "--hard"),
            (["--verify", "--output", "json"], "--output"),
            (["--verify", "--forecasts"], "--forecasts"),
            (["--forecasts", "--quick"], "--quick"),
            (["--nonsense"], "--nonsense"),
        ]:
            ended = self.run_bench(*arguments)
            self.assertEqual(ended.returncode, 2, arguments)
            self.assertIn(words, ended.stderr)
            self.assertEqual(ended.stdout, "")
        for folder, words in [("/no/such", "/no/such: there is no such folder"),
                              (self.folder / "good.csv", "name a folder of CSV files"),
                              (empty, "there is no .csv file in it")]:
            ended = self.run_bench("--quick", folder=folder)
            self.assertEqual((ended.returncode, ended.stdout), (2, ""))
            self.assertIn(words, ended.stderr)

    def test_rows_that_were_printed_are_read_again(self):
        self.write(good_csv=csv(waves(1)))
        printed = self.run_bench("--quick", "--output", "json").stdout
        rows = self.folder / "rows.json"
        rows.write_text(printed)
        again = subprocess.run([PROGRAM, "--from", str(rows), "--output", "json"], capture_output=True, text=True,
                               timeout=60)
        self.assertEqual((again.returncode, again.stdout), (0, printed))

    def test_dev_looks_for_files_where_its_caller_stands(self):
        """With a program in the place of the one that it would build, and one that needs no packages."""
        tree = self.folder / "tree"
        (tree / "build/release/controller/backtest").mkdir(parents=True)
        tools = self.folder / "tools"
        tools.mkdir()
        for path, script in [
            (tree / "build/release/controller/backtest/bench-traces", 'echo "$PWD $*"'),
            (tree / "build/render-chart", 'echo "$PWD $*"'),
            (tools / "dpkg-query", 'echo "install ok installed"'),
            *((tools / name, ":") for name in ("ninja", "cmake", "go")),
        ]:
            path.write_text("#!/bin/sh\n" + script + "\n")
            path.chmod(0o755)
        (tree / "build/release/build.ninja").touch()
        (tree / "tests/chart/render").mkdir(parents=True)
        (self.folder / "values.yaml").touch()
        shutil.copy(ROOT / "dev", tree / "dev")
        environment = {**os.environ, "PATH": f"{tools}:{os.environ['PATH']}"}

        def dev(*arguments):
            return subprocess.run([tree / "dev", *arguments], capture_output=True, text=True, timeout=60,
                                  cwd=self.folder, env=environment)

        asked = dev("bench-traces", "traces", "--quick")
        self.assertEqual(asked.returncode, 0, asked.stderr)
        self.assertRegex(asked.stdout, rf"^{self.folder} --threads \d+ traces --quick\n$")
        asked = dev("manifests", "values.yaml", "-name", "x")
        self.assertEqual(asked.stdout, f"{self.folder} -name x {tree}/charts/autoscaler values.yaml\n", asked.stderr)
        missing = dev("manifests", "none.yaml")
        self.assertEqual((missing.returncode, missing.stdout), (1, ""))
        self.assertIn("there is no file none.yaml", missing.stderr)


if __name__ == "__main__":
    case.main()
