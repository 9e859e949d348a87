"""A leader is killed, and one that has never run before follows it: what it knows of what the first one did."""

import json
import re
import signal
import time
import urllib.error
import urllib.request

import case
from kubernetes_case import READS, WEB, WRITES, KubernetesCase, on_both_servers

LEASES = [{"apiGroups": ["coordination.k8s.io"], "resources": ["leases"], "verbs": ["get", "create", "patch"]},
          {"apiGroups": [""], "resources": ["configmaps"], "verbs": ["create"]},
          {"apiGroups": [""], "resources": ["configmaps"], "verbs": ["get", "patch"], "resourceNames": ["autoscaler-state"]}]
STATE = "/api/v1/namespaces/scaling/configmaps/autoscaler-state"
COOLDOWN = "    cooldown: {out: 10m, in: 10m}\n    behavior: none\n"


@on_both_servers
class Succession(KubernetesCase):
    def start_one(self, user):
        """A new pod: a journal of its own, which is empty. Ready once it leads."""
        directory = self.directory / user
        directory.mkdir()
        (directory / "token").write_text("secret")
        self.write_config(directory, user, ", lease: {name: autoscaler, namespace: scaling, duration: 2s, renew: 500ms}")
        config = (directory / "config.yaml").read_text()
        config = config.replace("  interval: 1s\n", f"  interval: 1s\n  api: {{token: {{file: {directory}/token}}}}\n")
        (directory / "config.yaml").write_text(config.replace("max: 4", "max: 9") + COOLDOWN)
        made = self.start_controller(directory=directory)
        self.wait(lambda: self.page(user, "/readyz") == "ok: leads\n", f"{user} to lead")
        return made

    def page(self, user, path, body=None):
        port = re.search(r"127\.0\.0\.1:(\d+)", (self.directory / user / "controller.log").read_text())
        if not port:
            return ""
        request = urllib.request.Request(f"http://127.0.0.1:{port.group(1)}{path}", data=body,
                                         headers={"Authorization": "Bearer secret"})
        try:
            with urllib.request.urlopen(request, timeout=10) as response:
                return response.read().decode()
        except urllib.error.HTTPError as refused:
            return refused.read().decode()

    def reason(self, user):
        return json.loads(self.page(user, "/api/v1/workloads/web"))["workload"]["decision"]["reason"]

    def written(self):
        """Sizes, by whom; the real server's audit comes late."""
        return [e["user"] for e in self.audit() if e["method"] == "PATCH" and "/deployments/web/scale" in e["path"] and
                e["status"] == 200]

    def left(self):
        try:
            return json.loads(self.call("GET", STATE)["data"]["web"])["handOver"]
        except (urllib.error.HTTPError, KeyError):
            return {}

    def pods_are(self, number):
        pods = self.call("GET", "/api/v1/namespaces/shop/pods")["items"]
        return len(pods) == number and all(pod.get("status", {}).get("phase") == "Running" for pod in pods)

    def start_with_two_pods(self):
        """On target, so that nothing has begun a cooldown."""
        self.allow(READS + WRITES + LEASES, ["one", "two"])
        self.call("PUT", WEB + "/scale", {"metadata": {"name": "web"}, "spec": {"replicas": 2}})
        self.wait(lambda: self.pods_are(2), "two pods")
        self.pods_use("125m")
        return self.start_one("one")

    def test_the_successor_of_a_killed_leader_knows_the_cooldown(self):
        one = self.start_with_two_pods()
        self.pods_use("250m")  # of a target of 125m
        self.wait(lambda: self.size() == 4, "twice as many")
        self.wait(lambda: "lastOut" in self.left(), "the cooldown to be left")
        one.send_signal(signal.SIGKILL)
        self.wait(lambda: self.pods_are(4), "four pods")
        self.pods_use("250m")
        self.start_one("two")
        self.wait(lambda: self.reason("two") == "cooldown", "the successor to cool down")
        time.sleep(3)  # three ticks
        self.assertEqual(self.size(), 4)
        self.assertNotIn("two", self.written())
        self.assertEqual(self.requests(" 403", "one") + self.requests(" 403", "two"), [])

    def test_a_pause_over_the_api_survives_its_leader(self):
        one = self.start_with_two_pods()
        self.assertIn("pause", self.page("one", "/api/v1/workloads/web/pause", b"{}"))
        self.wait(lambda: "orders" in self.left(), "the pause to be left")
        one.send_signal(signal.SIGKILL)
        self.pods_use("250m")
        self.start_one("two")
        self.wait(lambda: self.reason("two") == "paused", "the successor to be paused")
        time.sleep(2)
        self.assertEqual(self.size(), 2)
        self.page("two", "/api/v1/workloads/web/resume", b"{}")
        self.wait(lambda: self.size() == 4, "twice as many")


if __name__ == "__main__":
    case.main()
