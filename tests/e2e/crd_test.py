"""The definition of ScalingPolicy against a real API server: what it takes, what it refuses, what it tells."""

import json
import pathlib
import subprocess
import unittest
import urllib.error

import yaml

import case
from kubernetes_case import RealServer, real_server
from rig import wait_until

ROOT = pathlib.Path(__file__).resolve().parents[2]
DEFINITIONS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
POLICIES = "/apis/autoscaler.io/v1alpha1/namespaces/shop/scalingpolicies"
SPEC = {
    "target": {"kind": "Deployment", "name": "web"},
    "replicas": {"min": 2, "max": 4},
    "signals": {"cpu": {"source": "kubernetes", "resource": "cpu"}},
    "policies": [{"track": {"signal": "cpu", "target": "50%"}}],
}
# What is laid over SPEC, and what the server says to it.
REFUSED = {
    "min above max": ({"replicas": {"min": 5, "max": 4}}, "min is at most max"),
    "a text for a number": ({"replicas": {"min": "2", "max": 4}}, "must be of type integer"),
    "no target": ({"target": None}, "spec.target: Required value"),
    "two kinds of policy": ({"policies": [{"track": {"signal": "cpu", "target": "50%"}, "formula": "cpu"}]},
                            "give exactly one of track, threshold, step, formula, schedule or predict"),
    "a signal that is not there": ({"policies": [{"track": {"signal": "disk", "target": "50%"}}]},
                                   "names a signal that is not among the signals"),
    "nothing to go by": ({"policies": []}, "no policy, so that nothing would ever change the size"),
    "two readings": ({"signals": {"cpu": {"source": "kubernetes", "resource": "cpu", "pods": "x"}}}, "give exactly one of gauge"),
    "a key without its other": ({"signals": {"cpu": {"source": "kubernetes", "resource": "cpu", "quantile": "0.9"}}},
                                "quantile has no meaning here: it goes with histogram"),
    "a balancer": ({"signals": {"cpu": {"source": "balancer", "resource": "cpu"}}}, 'Unsupported value: "balancer"'),
    "another namespace": ({"target": {"kind": "Deployment", "name": "web", "namespace": "bank"}},
                          'unknown field "spec.target.namespace"'),
    "a URL": ({"signals": {"cpu": {"source": "json", "url": "http://169.254.169.254/", "pointer": "/a"}}},
              'unknown field "spec.signals.cpu.url"'),
    "a load balancer": ({"loadBalancer": {"haproxy": {}}}, 'unknown field "spec.loadBalancer"'),
    "a fraction that is no text": ({"policies": [{"track": {"signal": "cpu", "target": 0.5}}]}, "must be of type integer"),
}


def laid_over(changes):
    return {key: value for key, value in {**SPEC, **changes}.items() if value is not None}


class DefinitionOnARealServer(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        if RealServer.missing():
            raise unittest.SkipTest(RealServer.missing())
        cls.server = real_server()
        printed = subprocess.run([pathlib.Path(case.OPTIONS.build) / "controller/autoscaler", "schema", "--crd"],
                                 capture_output=True, text=True, check=True).stdout
        cls.definition = yaml.safe_load(printed)
        cls.server.call("POST", DEFINITIONS, cls.definition)
        wait_until(lambda: cls.conditions().get("Established") == "True", "the definition is established", 60)
        wait_until(cls.is_served, "it is served", 60)

    @classmethod
    def conditions(cls):
        found = cls.server.call("GET", f"{DEFINITIONS}/{cls.definition['metadata']['name']}")
        return {each["type"]: each["status"] for each in found.get("status", {}).get("conditions") or []}

    @classmethod
    def is_served(cls):
        try:
            return cls.server.call("GET", POLICIES)["items"] == []
        except urllib.error.HTTPError:
            return False

    def make(self, spec, name="web"):
        """What the server says; empty: it has taken it. Nothing is kept."""
        body = {"apiVersion": "autoscaler.io/v1alpha1", "kind": "ScalingPolicy", "metadata": {"name": name}, "spec": spec}
        try:
            self.server.call("POST", POLICIES + "?dryRun=All&fieldValidation=Strict", body)
        except urllib.error.HTTPError as refusal:
            return json.load(refusal)["message"]
        return ""

    def test_it_is_structural_and_its_names_are_accepted(self):
        conditions = self.conditions()
        self.assertEqual(conditions["NamesAccepted"], "True")
        self.assertNotIn("NonStructuralSchema", conditions)

    def test_good_ones_are_taken(self):
        self.assertEqual(self.make(SPEC), "")
        for document in yaml.safe_load_all((ROOT / "docs" / "scalingpolicies.yaml").read_text()):
            self.assertEqual(self.make(document["spec"], document["metadata"]["name"]), "")

    def test_what_the_example_config_sizes_in_kubernetes_is_taken(self):
        config = yaml.safe_load((ROOT / "docs" / "example.yaml").read_text())
        found = [each for each in config["workloads"] if "kubernetes" in each["target"]]
        self.assertTrue(found)
        for workload in found:
            spec = {key: value for key, value in workload.items() if key != "name"}
            spec["target"] = {key: value for key, value in workload["target"]["kubernetes"].items() if key != "namespace"}
            self.assertEqual(self.make(spec), "")

    def test_bad_ones_are_refused_with_what_is_wrong(self):
        for name, (changes, message) in REFUSED.items():
            with self.subTest(name):
                self.assertIn(message, self.make(laid_over(changes)))

    def test_the_target_cannot_change(self):
        body = {"apiVersion": "autoscaler.io/v1alpha1", "kind": "ScalingPolicy", "metadata": {"name": "fixed"}, "spec": SPEC}
        self.server.call("POST", POLICIES, body)
        self.addCleanup(self.server.call, "DELETE", POLICIES + "/fixed")

        def patch(target):
            self.server.call("PATCH", POLICIES + "/fixed", {"spec": {"target": target}}, content_type="application/merge-patch+json")
        patch({"metrics": {"port": "http"}})
        patch({"kind": None})  # Deployment is what it is without
        for target in ({"name": "other"}, {"kind": "StatefulSet"}):
            with self.assertRaises(urllib.error.HTTPError) as refused:
                patch(target)
            self.assertIn("the target of a ScalingPolicy cannot change", json.load(refused.exception)["message"])

    def test_every_field_is_explained(self):
        def texts(schema, path):
            for key, value in schema.get("properties", {}).items():
                if path or key == "spec":
                    self.assertTrue(value.get("description"), f"{path}.{key}")
                texts(value, f"{path}.{key}")
        served = self.server.call("GET", "/openapi/v3/apis/autoscaler.io/v1alpha1")["components"]["schemas"]
        (schema,) = [value for key, value in served.items() if key.endswith(".ScalingPolicy")]
        spec = schema["properties"]["spec"]
        texts(spec, "spec")
        policies = spec["properties"]["policies"]
        self.assertEqual(policies["description"], "what each wants; the largest wins")
        tolerance = policies["items"]["properties"]["track"]["properties"]["tolerance"]
        self.assertIn("out", tolerance["properties"], "beneath what may be a number too")

    def test_columns(self):
        self.server.call("POST", POLICIES, {"apiVersion": "autoscaler.io/v1alpha1", "kind": "ScalingPolicy",
                                            "metadata": {"name": "shown"}, "spec": SPEC})
        self.addCleanup(self.server.call, "DELETE", POLICIES + "/shown")
        self.server.call("PATCH", POLICIES + "/shown/status", {"status": {
            "currentReplicas": 2, "desiredReplicas": 3, "lastDecision": {"reason": "target"}, "anything": {"else": 1},
            "conditions": [{"type": "Accepted", "status": "True", "reason": "Valid", "lastTransitionTime": "2026-01-02T03:04:05Z"}]}},
            content_type="application/merge-patch+json")
        table = self.server.call("GET", POLICIES, accept="application/json;as=Table;v=v1;g=meta.k8s.io")
        columns = [each["name"] for each in table["columnDefinitions"]]
        (row,) = [each["cells"] for each in table["rows"] if each["cells"][0] == "shown"]
        shown = dict(zip(columns, row))
        shown.pop("Age")
        shown.pop("Message", None)
        self.assertEqual(shown, {"Name": "shown", "Target": "web", "Current": 2, "Desired": 3, "Min": 2, "Max": 4,
                                 "Accepted": "True", "Active": None, "Reason": "target"})


if __name__ == "__main__":
    case.main()
