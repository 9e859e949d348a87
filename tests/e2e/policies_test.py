"""ScalingPolicies as workloads of the program, beside those of its file."""

import copy
import json
import re
import subprocess
import time
import urllib.error
import urllib.request

import yaml

import case
from kubernetes_case import READS, WEB, WRITES, KubernetesCase, on_both_servers

DEFINITIONS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
POLICIES = "/apis/autoscaler.io/v1alpha1/namespaces/shop/scalingpolicies"
MERGE = "application/merge-patch+json"
OBJECTS = [{"apiGroups": ["autoscaler.io"], "resources": ["scalingpolicies"], "verbs": ["get", "list", "watch"]},
           {"apiGroups": ["autoscaler.io"], "resources": ["scalingpolicies/status"], "verbs": ["patch"]}]
SPEC = {"target": {"kind": "Deployment", "name": "web"}, "replicas": {"min": 2, "max": 4},
        "signals": {"cpu": {"source": "kubernetes", "resource": "cpu"}},
        "policies": [{"track": {"signal": "cpu", "target": "50%"}}]}
CONFIG = """\
controller:
  interval: 1s
  listen: "127.0.0.1:0"
  journal: {directory}/autoscaler.db
  kubernetes: {{kubeconfig: {directory}/kubeconfig, policies: {{}}}}
workloads: {workloads}
"""


@on_both_servers
class Policies(KubernetesCase):
    def setUp(self):
        super().setUp()
        printed = subprocess.run([case.OPTIONS.build + "/controller/autoscaler", "schema", "--crd"],
                                 capture_output=True, text=True, check=True).stdout
        try:
            self.call("POST", DEFINITIONS, yaml.safe_load(printed))
        except urllib.error.HTTPError as refusal:
            self.assertEqual(refusal.code, 409)
        self.wait(self.is_served, "scalingpolicies are served")
        for each in self.call("GET", POLICIES)["items"]:
            self.call("DELETE", POLICIES + "/" + each["metadata"]["name"])
        self.write_workloads("[]")

    def is_served(self):
        try:
            return "items" in self.call("GET", POLICIES)
        except urllib.error.HTTPError:
            return False

    def write_workloads(self, workloads):
        (self.directory / "config.yaml").write_text(CONFIG.format(directory=self.directory, workloads=workloads))

    def make(self, name, **changes):
        spec = {**copy.deepcopy(SPEC), **changes}
        self.call("POST", POLICIES, {"apiVersion": "autoscaler.io/v1alpha1", "kind": "ScalingPolicy",
                                     "metadata": {"name": name}, "spec": spec})

    def change(self, name, spec):
        self.call("PATCH", POLICIES + "/" + name, {"spec": spec}, content_type=MERGE)

    def log(self):
        return (self.directory / "controller.log").read_text()

    def url(self):
        return re.findall(r"listens on (http://[0-9.:]+)", self.log())[-1]

    def api(self, path):
        """None: there is no such thing, or nobody listens yet."""
        try:
            with urllib.request.urlopen(self.url() + path, timeout=30) as answer:
                return json.load(answer)
        except (IndexError, OSError):
            return None

    def workloads(self):
        answer = self.api("/api/v1/workloads")
        return [each["name"] for each in answer["workloads"]] if answer else None

    def test_an_object_sizes_its_target_until_it_is_deleted(self):
        self.allow(READS + WRITES + OBJECTS)
        self.start_controller()
        self.wait(lambda: self.workloads() == [], "a tick without workloads")
        self.make("checkout")
        self.wait(lambda: self.size() == 2, "the minimum of 2")
        self.wait(lambda: self.api("/api/v1/workloads/shop/checkout"), "its decision")
        self.assertEqual(self.api("/api/v1/workloads/shop/checkout")["workload"]["name"], "shop/checkout")
        explained = subprocess.run([case.OPTIONS.build + "/controller/autoscaler", "explain", "shop/checkout", "--url", self.url()],
                                   capture_output=True, text=True, check=True).stdout
        self.assertRegex(explained, r"^shop/checkout .*\n(.*\n)*  outcome     ")
        self.change("checkout", {"replicas": {"min": 3}})
        self.wait(lambda: self.size() == 3, "the minimum of 3")
        self.assertIn("shop/checkout: replicas.min 2 -> 3", self.log())
        self.call("DELETE", POLICIES + "/checkout")
        self.wait(lambda: self.workloads() == [], "it ends")
        self.assertEqual(self.size(), 3, "the size that it had")
        self.assertEqual(self.requests(" 403"), [])

    def test_those_that_are_there_are_in_the_first_tick(self):
        self.allow(READS + WRITES + OBJECTS)
        self.make("checkout")
        self.start_controller()
        self.wait(lambda: self.workloads() is not None, "the first tick")
        self.assertEqual(self.workloads(), ["shop/checkout"])
        self.assertNotIn("taken up", self.log())

    def test_a_bad_one_runs_on_as_it_was_and_harms_no_other(self):
        self.allow(READS + WRITES + OBJECTS)
        self.make("checkout")
        self.start_controller()
        self.wait(lambda: self.size() == 2, "the minimum of 2")
        self.change("checkout", {"replicas": {"min": 4}, "policies": [{"track": {"signal": "cpu", "target": "lots"}}]})
        self.wait(lambda: "its last good spec runs on" in self.log(), "it is told")
        self.assertIn("ScalingPolicy shop/checkout: spec.policies[0].track.target: found 'lots'", self.log())
        self.make("other", target={"name": "nobody"})
        self.wait(lambda: self.workloads() == ["shop/checkout", "shop/other"], "the other one runs")
        self.assertEqual(self.size(), 2)
        self.change("checkout", {"policies": SPEC["policies"]})
        self.wait(lambda: self.size() == 4, "it is good again")

    def test_of_two_on_one_target_one_runs(self):
        self.allow(READS + WRITES + OBJECTS)
        self.write_workloads("[{name: store, target: {kubernetes: {namespace: shop, name: web}}, replicas: {min: 3, max: 3}}]")
        self.make("checkout")
        self.start_controller()
        self.wait(lambda: self.size() == 3, "the size of the file")
        self.wait(lambda: self.workloads() == ["store"], "one workload")
        self.assertIn("found Deployment shop/web, which the workload 'store' of the config file sizes", self.log())

    def test_a_burst_is_few_reloads(self):
        self.allow(READS + WRITES + OBJECTS)
        self.start_controller()
        self.wait(lambda: self.workloads() == [], "a tick")
        names = [f"p{number:03}" for number in range(150)]
        began = time.monotonic()
        for name in names:
            self.make(name, target={"name": name})
        took = time.monotonic() - began
        self.wait(lambda: len(self.workloads()) == len(names), "all of them run")
        # A burst is over when nothing came for a second: a busy server makes several of one.
        self.assertLessEqual(self.log().count("ScalingPolicies: taken up"), 2 + took)

    def test_a_server_that_is_away_takes_no_workload_away(self):
        self.allow(READS + WRITES + OBJECTS)
        self.make("checkout")
        self.start_controller()
        self.wait(lambda: self.size() == 2, "the minimum of 2")
        self.server.stop()
        self.addCleanup(lambda: self.server.process.poll() is None or self.server.start())
        ticks = self.api("/api/v1/workloads")["tick"]
        self.wait(lambda: self.api("/api/v1/workloads")["tick"] > ticks + 3, "ticks without a server")
        self.assertEqual(self.workloads(), ["shop/checkout"])
        self.server.start()
        self.change("checkout", {"replicas": {"min": 3}})
        self.wait(lambda: self.size() == 3, "it goes on")
        self.assertNotIn("shop/checkout: removed", self.log())

    def test_a_right_that_is_missing_is_named_and_asked_for_again(self):
        self.allow(READS + WRITES)
        self.make("checkout")
        self.start_controller()
        self.wait(lambda: "begins without ScalingPolicies" in self.log(), "it says so")
        self.assertRegex(self.log(), r'User \\?"controller\\?" cannot list resource \\?"scalingpolicies\\?" in API group')
        self.assertEqual(self.size(), 1)
        self.allow(OBJECTS, name="policies")
        self.wait(lambda: self.size() == 2, "they are taken up")


if __name__ == "__main__":
    case.main()
