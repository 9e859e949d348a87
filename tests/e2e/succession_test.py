"""A leader is killed, and one that has never run before follows it: what it knows of what the first one did."""

import json
import pathlib
import re
import signal
import subprocess
import urllib.error
import urllib.request

import yaml

import case
from kubernetes_case import READS, WEB, WRITES, KubernetesCase, on_both_servers

LEASES = [{"apiGroups": ["coordination.k8s.io"], "resources": ["leases"], "verbs": ["get", "create", "patch"]},
          {"apiGroups": [""], "resources": ["configmaps"], "verbs": ["create"]},
          {"apiGroups": [""], "resources": ["configmaps"], "verbs": ["get", "patch"], "resourceNames": ["autoscaler-state"]}]
STATE = "/api/v1/namespaces/scaling/configmaps/autoscaler-state"
POLICIES = [{"apiGroups": ["autoscaler.io"], "resources": ["scalingpolicies"], "verbs": ["get", "list", "watch"]},
            {"apiGroups": ["autoscaler.io"], "resources": ["scalingpolicies/status"], "verbs": ["patch"]}]
POLICY = "/apis/autoscaler.io/v1alpha1/namespaces/shop/scalingpolicies"
SPEC = {"target": {"name": "web"}, "replicas": {"min": 2, "max": 9}, "cooldown": {"out": "10m", "in": "10m"},
        "behavior": "none", "signals": {"cpu": {"source": "kubernetes", "resource": "cpu"}},
        "policies": [{"track": {"signal": "cpu", "target": "50%"}}]}
COOLDOWN = "    cooldown: {out: 10m, in: 10m}\n    behavior: none\n"


@on_both_servers
class Succession(KubernetesCase):
    def start_one(self, user, objects=False):
        """A new pod: a journal of its own, which is empty. Ready once it leads. `objects`: no workload in the file."""
        directory = self.directory / user
        directory.mkdir()
        (directory / "token").write_text("secret")
        self.write_config(directory, user, ", lease: {name: autoscaler, namespace: scaling, duration: 2s, renew: 500ms}" +
                          (", policies: {}" if objects else ""))
        config = (directory / "config.yaml").read_text()
        config = config.replace("  interval: 1s\n", f"  interval: 1s\n  api: {{token: {{file: {directory}/token}}}}\n")
        config = config.split("workloads:")[0] if objects else (
            config.split("    behavior:")[0].replace("max: 4", "max: 9") + COOLDOWN)
        (directory / "config.yaml").write_text(config)
        made = self.start_controller(directory=directory)
        self.wait(lambda: self.page(user, "/readyz") == "ok: leads\n" and self.tick(user) > 0, f"{user} to lead")
        return made

    def page(self, user, path, body=None):
        port = re.search(r"127\.0\.0\.1:(\d+)", (self.directory / user / "controller.log").read_text())
        if not port:
            return ""
        request = urllib.request.Request(f"http://127.0.0.1:{port.group(1)}{path}", data=body,
                                         headers={"Authorization": "Bearer secret"})
        try:
            with urllib.request.urlopen(request, timeout=30) as response:
                return response.read().decode()
        except urllib.error.HTTPError as refused:
            return refused.read().decode()

    def tick(self, user):
        """The last one that is complete; 0 before the first."""
        return json.loads(self.page(user, "/api/v1/workloads")).get("tick", 0)

    def reason(self, user):
        answer = json.loads(self.page(user, "/api/v1/workloads/web"))
        return answer["workload"]["decision"]["reason"] if "workload" in answer else ""

    def wait_ticks(self, user, number):
        first = self.tick(user)
        self.wait(lambda: self.tick(user) >= first + number, f"{number} ticks")

    def written(self):
        """Sizes, by whom; the real server's audit comes late."""
        return [e["user"] for e in self.audit() if e["method"] == "PUT" and "/deployments/web/scale" in e["path"] and
                e["status"] == 200]

    def left(self):
        try:
            return json.loads(self.call("GET", STATE)["data"]["web"])["handOver"]
        except (urllib.error.HTTPError, KeyError):
            return {}

    def pods_are(self, number):
        pods = self.call("GET", "/api/v1/namespaces/shop/pods")["items"]
        return len(pods) == number and all(pod.get("status", {}).get("phase") == "Running" for pod in pods)

    def start_with_two_pods(self, objects=False):
        """On target, so that nothing has begun a cooldown."""
        self.allow(READS + WRITES + LEASES, ["one", "two"])
        self.call("PUT", WEB + "/scale", {"metadata": {"name": "web"}, "spec": {"replicas": 2}})
        self.wait(lambda: self.pods_are(2), "two pods")
        self.pods_use("125m")
        return self.start_one("one", objects)

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
        self.wait_ticks("two", 3)
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
        self.wait_ticks("two", 2)
        self.assertEqual(self.size(), 2)
        self.page("two", "/api/v1/workloads/web/resume", b"{}")
        self.wait(lambda: self.size() == 4, "twice as many")

    def define_policies(self):
        crd = subprocess.run([pathlib.Path(case.OPTIONS.build) / "controller/autoscaler", "schema", "--crd"],
                             check=True, stdout=subprocess.PIPE).stdout
        try:
            self.call("POST", "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", yaml.safe_load(crd))
        except urllib.error.HTTPError as refused:
            self.assertEqual(refused.code, 409)  # of the case before
        self.wait(self.is_served, "ScalingPolicies to be served")
        for item in self.call("GET", POLICY)["items"]:
            self.call("DELETE", POLICY + "/" + item["metadata"]["name"])

    def is_served(self):
        try:
            return "items" in self.call("GET", POLICY)
        except urllib.error.HTTPError:
            return False

    def make_policy(self, spec):
        self.call("POST", POLICY, {"apiVersion": "autoscaler.io/v1alpha1", "kind": "ScalingPolicy",
                                   "metadata": {"name": "web"}, "spec": spec})

    def status(self):
        return self.call("GET", POLICY + "/web").get("status", {})

    def events_of_the_policy(self):
        return [event for event in self.events() if event["involvedObject"]["kind"] == "ScalingPolicy"]

    def condition(self, kind):
        found = [each for each in self.status().get("conditions", []) if each["type"] == kind]
        return found[0] if found else {"status": "", "reason": "", "message": ""}

    def test_of_a_scaling_policy_the_status_tells_people_and_the_successor(self):
        self.define_policies()
        self.make_policy(SPEC)
        self.allow(POLICIES, ["one", "two"], name="policies")
        one = self.start_with_two_pods(objects=True)
        self.wait(lambda: self.condition("Accepted")["status"] == "True", "the policy to run")
        self.pods_use("250m")
        self.wait(lambda: self.size() == 4, "twice as many")
        self.wait(lambda: self.status().get("desiredReplicas") == 4 and "lastScaleTime" in self.status(), "the status")
        status = self.status()
        self.assertIn("2 -> 4", status["lastDecision"]["message"])
        self.assertEqual(status["observedGeneration"], 1)
        self.wait(self.events_of_the_policy, "its Event")
        one.send_signal(signal.SIGKILL)
        self.wait(lambda: self.pods_are(4), "four pods")
        self.pods_use("250m")
        self.start_one("two", objects=True)
        self.wait(lambda: self.condition("AbleToScale")["reason"] == "BackoffUpscale", "the successor to cool down")
        self.assertEqual(self.size(), 4)
        self.assertEqual(self.status()["lastScaleTime"], status["lastScaleTime"])
        self.assertEqual([event["reason"] for event in self.events_of_the_policy()], ["ScaledOut"])

    def test_a_spec_that_is_wrong_is_refused_in_the_status(self):
        self.define_policies()
        self.make_policy(dict(SPEC, policies=[{"threshold": {"out": {"any": [{"signal": "nothing", "above": 1}], "add": 1}}}]))
        self.allow(POLICIES, ["one"], name="policies")
        self.start_with_two_pods(objects=True)
        self.wait(lambda: self.condition("Accepted")["reason"] == "InvalidSpec", "the spec to be refused")
        self.assertIn("spec.policies[0].threshold", self.condition("Accepted")["message"])


if __name__ == "__main__":
    case.main()
