"""Two replicas of the program share a lease: one writes sizes, and the other follows when it dies or ends."""

import json
import pathlib
import re
import signal
import subprocess
import time
import urllib.error

import case
from kubernetes_case import READS, WEB, WRITES, KubernetesCase, on_both_servers

LEASES = [{"apiGroups": ["coordination.k8s.io"], "resources": ["leases"], "verbs": ["get", "create", "patch"]},
          {"apiGroups": [""], "resources": ["configmaps"], "verbs": ["get", "create", "patch"]}]
LEASE = "/apis/coordination.k8s.io/v1/namespaces/scaling/leases/autoscaler"
INTERVAL = 1
SCALE = "/deployments/web/scale"


@on_both_servers
class Leader(KubernetesCase):
    def start_two(self, duration):
        """Two replicas, once one of them leads and has put the size to its minimum of 2."""
        self.duration = duration
        self.allow(READS + WRITES + LEASES, ["one", "two"])
        lease = f", lease: {{name: autoscaler, namespace: scaling, duration: {duration}s, renew: {250 * duration}ms}}"
        self.controllers = {}
        for user in ("one", "two"):
            directory = self.directory / user
            directory.mkdir()
            (directory / "token").write_text("secret")
            self.write_config(directory, user, lease)
            config = (directory / "config.yaml").read_text()
            (directory / "config.yaml").write_text(config.replace(
                "controller:\n", f"controller:\n  api: {{token: {{file: {directory}/token}}}}\n"))
            self.controllers[user] = self.start_controller(directory=directory)
        self.wait(lambda: self.size() == 2 and self.leader(), "one leads, and the minimum of 2")

    def leader(self):
        """Who has renewed the lease last, by the token that it came with; "" while nobody has it."""
        try:
            held = self.call("GET", LEASE)["spec"].get("holderIdentity")
        except urllib.error.HTTPError:
            return ""
        return next((user for user in reversed([e["user"] for e in self.written("/leases") if held and held in e["body"]])), "")

    def written(self, part):
        """In the order in which the objects changed."""
        return sorted((e for e in self.audit() if e["method"] != "GET" and part in e["path"] and e["status"] in (200, 201)),
                      key=lambda e: e["version"])

    def writes(self):
        """Who wrote sizes, in order; not counting the test itself."""
        return [e["user"] for e in self.written(SCALE) if e["user"] != "admin"]

    def disturb(self):
        """A size below the minimum: whoever leads puts it right in its next tick."""
        self.call("PUT", WEB + "/scale", {"metadata": {"name": "web"}, "spec": {"replicas": 1}})

    def time_to_repair(self, who):
        began = time.monotonic()
        self.disturb()
        self.wait(lambda: self.size() == 2, f"{who} to put the size right")
        return time.monotonic() - began

    def other(self, user):
        return {"one": "two", "two": "one"}[user]

    def page_of(self, user, path):
        """Empty while the program does not listen yet."""
        try:
            return self.page(path, self.directory / user)
        except (IndexError, OSError):
            return ""

    def wait_for_standby(self, user):
        """And to have read who leads."""
        self.wait(lambda: re.search("stands by; (?!nobody)", self.page_of(user, "/readyz")), f"{user} to stand by")

    def test_one_of_two_writes_and_both_say_who(self):
        self.start_two(15)
        first = self.leader()
        for _ in range(3):
            self.disturb()
            self.wait(lambda: self.size() == 2, "the minimum of 2")
        self.assertEqual(set(self.writes()), {first})
        self.wait_for_standby(self.other(first))
        self.assertEqual(self.page_of(first, "/readyz"), "ok: leads\n")
        self.assertIn('autoscaler_leader{lease="scaling/autoscaler"} 1', self.page_of(first, "/metrics"))
        self.assertIn('autoscaler_leader{lease="scaling/autoscaler"} 0', self.page_of(self.other(first), "/metrics"))
        leadership = [json.loads(self.page_of(user, "/api/v1/workloads"))["leases"][0] for user in ("one", "two")]
        self.assertEqual(sorted(each["leads"] for each in leadership), [False, True])
        self.assertEqual(len({each["holder"] for each in leadership}), 1)
        self.assertEqual(self.requests(" 403"), [])

    def test_a_dead_leader_is_followed_within_the_lease_and_a_tick(self):
        self.start_two(5)
        first = self.leader()
        self.wait_for_standby(self.other(first))
        calm = max(self.time_to_repair("the leader") for _ in range(3))
        before = len(self.writes())
        self.controllers[first].send_signal(signal.SIGKILL)
        took = self.time_to_repair("the other")
        self.assertEqual(self.writes()[before:], [self.other(first)])
        # A tick is in `calm`, with what a busy machine adds to it.
        self.assertLess(took, self.duration + INTERVAL + 2 * calm)

    def test_an_orderly_end_leaves_no_gap(self):
        self.start_two(20)
        first = self.leader()
        self.wait_for_standby(self.other(first))
        self.controllers[first].send_signal(signal.SIGTERM)
        self.controllers[first].wait(60)
        # It looks every 2 s, and ticks each second; the lease would last 18 s.
        self.assertLess(self.time_to_repair("the other"), 12)
        self.assertEqual(self.writes()[-1], self.other(first))

    def order(self, user, *arguments):
        """An order over the command line, to one of the two."""
        port = re.findall(r"127\.0\.0\.1:(\d+)", (self.directory / user / "controller.log").read_text())[0]
        return subprocess.run([pathlib.Path(case.OPTIONS.build) / "controller/autoscaler", *arguments, "--url",
                               f"http://127.0.0.1:{port}", "--token-file", self.directory / user / "token"],
                              capture_output=True, text=True, timeout=60)

    def test_an_order_is_taken_by_who_leads_and_refused_by_the_other(self):
        self.start_two(20)
        first = self.leader()
        other = self.other(first)
        self.wait_for_standby(other)
        refused = self.order(other, "pause", "web")
        self.assertEqual(refused.returncode, 1)
        held = self.call("GET", LEASE)["spec"]["holderIdentity"]
        self.assertIn(f"{held} holds the lease scaling/autoscaler", refused.stderr)
        taken = self.order(first, "pause", "web")
        self.assertEqual(taken.returncode, 0, taken.stderr)
        self.controllers[first].send_signal(signal.SIGTERM)
        self.controllers[first].wait(60)
        # One order was taken, and holds under the next leader too.
        self.wait(lambda: "ok: leads" in self.page_of(other, "/readyz"), "the other to lead")
        self.wait(lambda: 'autoscaler_paused{workload="web",direction="in"} 1' in self.page_of(other, "/metrics"), "the pause")
        self.assertEqual(self.order(other, "resume", "web").returncode, 0)


if __name__ == "__main__":
    case.main()
