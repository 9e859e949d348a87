"""The program's face: exit codes, complaints that name the place and the remedy, documents."""

import contextlib
import http.server
import json
import pathlib
import re
import subprocess
import tempfile
import threading
import time
import unittest

import case
from prometheus import prometheus_with
from rig import ports

PROGRAM = str(pathlib.Path(case.OPTIONS.build).resolve() / "controller/autoscaler")
ROOT = pathlib.Path(__file__).resolve().parents[2]


def run(*arguments, stdin=None):
    return subprocess.run([PROGRAM, *arguments], capture_output=True, text=True, input=stdin, timeout=60)


@contextlib.contextmanager
def answering(pages):
    """A server on loopback with these pages, by path, as (status, JSON); its URL."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            status, document = pages[self.path]
            body = json.dumps(document).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


class CommandLine(unittest.TestCase):
    def test_every_wrong_config_ends_with_2_and_names_place_and_remedy(self):
        wrong = sorted((ROOT / "tests/controller/config/wrong").glob("*.yaml"))
        self.assertGreaterEqual(len(wrong), 25)
        for path in wrong:
            with self.subTest(config=path.name):
                place, phrase = re.fullmatch(r"# expect: (\S+) (.*)", path.read_text().splitlines()[0]).groups()
                for command in (["check", str(path)], ["run", "--config", str(path)]):
                    ended = run(*command)
                    self.assertEqual(ended.returncode, 2, ended.stderr)
                    self.assertIn(f"{path}:{place}", ended.stderr)
                    self.assertIn(phrase, ended.stderr)
                    self.assertEqual(ended.stdout, "")

    def test_a_wrong_config_is_told_to_programs_as_json(self):
        path = sorted((ROOT / "tests/controller/config/wrong").glob("*.yaml"))[0]
        ended = run("check", str(path), "--output", "json")
        self.assertEqual(ended.returncode, 2)
        answer = json.loads(ended.stdout)
        self.assertFalse(answer["ok"])
        self.assertTrue(answer["problems"][0]["line"] > 0)

    def test_the_example_is_good(self):
        ended = run("check", str(ROOT / "docs/example.yaml"))
        self.assertEqual((ended.returncode, ended.stderr), (0, ""))

    def test_wrong_usage_ends_with_2(self):
        for arguments in ([], ["walk"], ["run"], ["check", "--nonsense", "x"], ["decide", "/no/such/file"],
                          ["check", "/no/such/file"], ["journal", "decisions", "x", "--from", "yesterday"]):
            with self.subTest(arguments=arguments):
                ended = run(*arguments)
                self.assertEqual(ended.returncode, 2, ended.stdout + ended.stderr)
                self.assertNotEqual(ended.stderr, "")

    def test_a_verb_that_does_not_exist_is_named(self):
        self.assertIn("there is no 'rnu'", run("rnu").stderr)

    def test_output_that_cannot_be_written_ends_with_1(self):
        for arguments in (["version"], ["schema"], ["completion", "bash"], ["check", str(ROOT / "docs/example.yaml")]):
            with self.subTest(arguments=arguments), open("/dev/full", "w") as full:
                ended = subprocess.run([PROGRAM, *arguments], stdout=full, stderr=subprocess.PIPE, text=True, timeout=60)
                self.assertEqual(ended.returncode, 1)
                self.assertIn("No space left", ended.stderr)

    def test_a_journal_in_a_folder_that_is_not_there_ends_with_1_and_the_remedy(self):
        with tempfile.TemporaryDirectory() as directory:
            config = pathlib.Path(directory) / "config.yaml"
            config.write_text("""\
controller: {journal: no/such/folder/a.db}
workloads:
  - name: shop
    target: {process: {command: [./shop, "{port}"], ports: 7000-7003}}
    replicas: {min: 1, max: 2}
    signals: {cpu: {source: scrape, counter: process_cpu_seconds_total, capacity: 1}}
    policies: [{track: {signal: cpu, target: 60%}}]
""")
            ended = run("run", "--config", str(config), "--dry-run")
            self.assertEqual(ended.returncode, 1)
            self.assertIn("create its folder, or set another controller.journal", ended.stderr)

    def test_forecast_scores_a_trace_and_says_what_is_wrong_with_one(self):
        with tempfile.TemporaryDirectory() as directory:
            trace = pathlib.Path(directory) / "day.csv"
            trace.write_text("timestamp,value\n" + "".join(
                f"{minute * 60},{100 + 50 * (minute // 720 % 2) + minute % 7}\n" for minute in range(3 * 1440)))
            ended = run("forecast", str(trace), "--holiday", "1970-01-02", "--output", "json")
            self.assertEqual(ended.returncode, 0, ended.stderr)
            rows = json.loads(ended.stdout)
            self.assertEqual([row["horizon_s"] for row in rows], [180, 360, 660, 3600])
            self.assertEqual(rows[0]["trace"], "day")
            self.assertIn("P95 at 6 min by the hour", run("forecast", str(trace)).stdout)
            trace.write_text("timestamp,value\n0,1\n60,x\n")
            for arguments, phrase in (([str(trace)], "day.csv:3: value: 'x' is no load; write a number from 0 up"),
                                      (["/no/such.csv"], "cannot be read"),
                                      ([str(trace), "--holiday", "Christmas"], "no day such as 2026-12-25")):
                ended = run("forecast", *arguments)
                self.assertEqual(ended.returncode, 2, ended.stderr)
                self.assertIn(phrase, ended.stderr)

    def test_forecast_asks_a_real_prometheus_for_the_load(self):
        now = int(time.time()) // 60 * 60
        minutes = range(now - 2 * 86400, now + 1, 60)
        samples = "".join(f'load{{pod="{pod}"}} {50 + at // 60 % 7} {at}\n' for pod in "ab" for at in minutes)
        with prometheus_with("# TYPE load gauge\n" + samples + "# EOF\n") as url, \
                tempfile.TemporaryDirectory() as directory:
            config = pathlib.Path(directory) / "shop.yaml"
            config.write_text(f"""\
sources: {{prometheus: {{url: {url}}}}}
workloads:
  - name: shop
    target: {{process: {{command: [./shop, "{{port}}"], ports: 7000-7003}}}}
    replicas: {{min: 1, max: 2}}
    signals:
      rps: {{source: prometheus, query: load, aggregate: sum, unit: perSecond}}
      cpu: {{source: scrape, counter: process_cpu_seconds_total, capacity: 1}}
    policies: [{{track: {{signal: rps, perInstance: 60/s}}}}]
""")
            asked = ["forecast", "--prometheus", url, "--query"]
            configured = ["forecast", "--config", str(config), "--signal"]
            rows = []
            for arguments in ([*asked, "sum(load)"], [*configured, "shop/rps"]):
                ended = run(*arguments, "--past", "2d", "--output", "json")
                self.assertEqual(ended.returncode, 0, ended.stderr)
                rows.append(json.loads(ended.stdout))
                self.assertEqual(rows[-1][0].pop("trace"), arguments[-1])
            self.assertEqual(rows[0][0], rows[1][0])
            for arguments, code, phrase in (
                    ([*asked, "load"], 2, "2 series, such as"),
                    ([*asked, "sum(load"], 2, "unclosed left parenthesis"),
                    ([*asked, "none"], 2, "knows nothing of it within --past"),
                    ([*asked, "0 - sum(load)"], 2, "below 0 at"),
                    ([*configured, "shop/cpu"], 2, "only a signal with source: prometheus has a past"),
                    ([*configured, "shop/p95"], 2, "has shop/rps, shop/cpu"),
                    (["forecast", "--prometheus", "http://127.0.0.1:1", "--query", "x"], 1, "127.0.0.1:1"),
                    (["forecast", "--prometheus", "localhost", "--query", "x"], 2, "it is not http://host:port"),
                    (["forecast"], 2, "give a file, or --prometheus and --query")):
                ended = run(*arguments)
                self.assertEqual(ended.returncode, code, ended.stderr)
                self.assertIn(phrase, ended.stderr)

    def test_help_and_version_end_with_0(self):
        for arguments in (["--help"], ["run", "--help"], ["version"]):
            self.assertEqual(run(*arguments).returncode, 0)

    def test_decide_reads_a_kubernetes_document_from_standard_input(self):
        document = {
            "now": "2026-11-22T10:00:00Z",
            "policy": {"apiVersion": "autoscaling/v2", "kind": "HorizontalPodAutoscaler",
                       "metadata": {"name": "web", "namespace": "shop"},
                       "spec": {"minReplicas": 1, "maxReplicas": 10,
                                "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"},
                                "metrics": [{"type": "Resource", "resource": {
                                    "name": "cpu", "target": {"type": "Utilization", "averageUtilization": 50}}}]}},
            "scale": {"spec": {"replicas": 1}, "status": {"replicas": 1}},
            "pods": [{"metadata": {"name": "p0"},
                      "spec": {"containers": [{"name": "c", "resources": {"requests": {"cpu": "1"}}}]},
                      "status": {"phase": "Running", "startTime": "2026-11-22T08:00:00Z",
                                 "conditions": [{"type": "Ready", "status": "True",
                                                 "lastTransitionTime": "2026-11-22T08:00:30Z"}]}}],
            "metrics": {"podMetrics": [{"metadata": {"name": "p0"}, "timestamp": "2026-11-22T09:59:50Z",
                                        "window": "60s", "containers": [{"name": "c", "usage": {"cpu": "900m"}}]}]},
        }
        # One ready pod at 90 % of its request, target 50 %: ceil(1 x 1.8) = 2.
        ended = run("decide", "-", "--output", "json", stdin=json.dumps(document))
        self.assertEqual(ended.returncode, 0, ended.stderr)
        answer = json.loads(ended.stdout)
        self.assertEqual((answer["from"], answer["to"]), (1, 2))
        self.assertIn("2", run("decide", "-", stdin=json.dumps(document)).stdout)

    def test_the_documents_of_the_documentation_do_what_it_says(self):
        page = (ROOT / "docs/decide.md").read_text()
        document, answer = re.search(r"```json\n(.*?)```\n```text\n(.*?)```", page, re.DOTALL).groups()
        self.assertEqual(run("decide", "-", stdin=document).stdout, answer)
        readme = (ROOT / "README.md").read_text()
        with tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
            file.write(re.search(r"```yaml\n(.*?)```", readme, re.DOTALL).group(1))
            file.flush()
            ended = run("check", file.name)
            self.assertEqual((ended.returncode, ended.stderr), (0, ""))

    def test_decide_says_where_a_document_is_wrong(self):
        ended = run("decide", "-", stdin='{"now": "noon"}')
        self.assertEqual(ended.returncode, 2)
        self.assertIn("now", ended.stderr)

    def test_scaling_policies_are_checked(self):
        good = run("check", str(ROOT / "docs/scalingpolicies.yaml"))
        self.assertEqual((good.returncode, good.stderr), (0, ""))
        self.assertIn("good, 3 workloads", good.stdout)

    def test_the_schema_is_json_and_names_the_workloads(self):
        self.assertIn("workloads", json.loads(run("schema").stdout)["properties"])

    def test_health_of_nobody_ends_with_1(self):
        ended = run("health", "--url", f"http://127.0.0.1:{ports.take()}")
        self.assertEqual(ended.returncode, 1)
        self.assertIn("refused", ended.stderr)

    def test_explain_shows_what_a_controller_answers(self):
        shop = {"at": "2026-11-22T10:00:00.000Z", "dryRun": True, "tick": 7, "workload": {
            "name": "shop", "outcome": "skipped", "instances": {"in_service": 8, "warming": 1},
            "explained": ["shop 8 -> 13: track-rps wants 14; rate limit 14 -> 13",
                          "  binding     rate limit: 14 without it"],
            "errors": [{"source": "prometheus", "message": "refused"}]}}
        nobody = {"error": {"code": "not_found", "message": "no workload is named nobody"}}
        pages = {"/api/v1/workloads/shop": (200, shop), "/api/v1/workloads/nobody": (404, nobody),
                 "/api/v1/workloads/early": (503, {"error": {"message": "the first tick is not completed yet"}}),
                 "/api/v1/workloads/odd": (200, [])}
        with answering(pages) as url:
            ended = run("explain", "shop", "--url", url)
            self.assertEqual((ended.returncode, ended.stderr), (0, ""))
            self.assertEqual(ended.stdout.splitlines(), [
                "shop 8 -> 13: track-rps wants 14; rate limit 14 -> 13",
                "  binding     rate limit: 14 without it",
                "  outcome     skipped",
                "  instances   in_service 8, warming 1",
                "  error       prometheus: refused",
                "  decided     2026-11-22T10:00:00.000Z, dry-run: not carried out"])
            self.assertEqual(json.loads(run("explain", "shop", "--url", url, "--output", "json").stdout), shop)
            for name, code, complaint in (("nobody", 2, "no workload is named nobody"), ("Shop/..", 2, "small letters"),
                                          ("early", 1, "first tick"), ("odd", 1, "no answer of a controller")):
                with self.subTest(workload=name):
                    ended = run("explain", name, "--url", url)
                    self.assertEqual(ended.returncode, code)
                    self.assertIn(complaint, ended.stderr)
        self.assertEqual(run("explain", "shop", "--url", f"http://127.0.0.1:{ports.take()}").returncode, 1)

    def test_import_says_by_its_exit_code_whether_all_became_workloads(self):
        good = {"apiVersion": "autoscaling/v1", "kind": "HorizontalPodAutoscaler",
                "metadata": {"name": "a", "namespace": "shop"},
                "spec": {"maxReplicas": 4, "scaleTargetRef": {"kind": "Deployment", "name": "a"}}}
        bad = {**good, "metadata": {"name": "b", "namespace": "shop"}, "spec": {}}
        ended = run("import", "-", stdin=json.dumps(good))
        self.assertEqual((ended.returncode, ended.stderr), (0, ""))
        self.assertIn("- name: a\n", ended.stdout)
        ended = run("import", "-", stdin=json.dumps({"kind": "List", "items": [bad, good]}))
        self.assertEqual(ended.returncode, 2)
        self.assertIn("standard input:1: HorizontalPodAutoscaler shop/b: has no spec.maxReplicas", ended.stderr)
        self.assertIn("- name: a\n", ended.stdout)
        self.assertEqual(run("import", "-", stdin="kind: Service").returncode, 2)
        self.assertEqual(run("import", "/nowhere.yaml").returncode, 2)

    def test_completion_offers_the_verbs(self):
        script = run("completion", "bash").stdout
        asked = 'COMP_WORDS=(autoscaler re); COMP_CWORD=1; _autoscaler; echo "${COMPREPLY[@]}"'
        shell = subprocess.run(["bash", "-c", script + asked], capture_output=True, text=True)
        self.assertEqual(shell.stdout.split(), ["replay", "resume", "recommend"])
        self.assertEqual(run("completion", "csh").returncode, 2)

    def test_a_journal_that_is_none_ends_with_2(self):
        with tempfile.NamedTemporaryFile(suffix=".db") as file:
            file.write(b"this is no database" * 100)
            file.flush()
            self.assertEqual(run("journal", "verify", file.name).returncode, 2)


if __name__ == "__main__":
    case.main()
