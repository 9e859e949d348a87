"""The chart, applied to an API server; and the program as who the chart says, which may nothing else."""

import json
import os
import pathlib
import re
import signal
import sys
import time
import urllib.error

import yaml

import case
from kubernetes_case import KubernetesCase, RealServer, on_both_servers
from kubernetes_stop_test import CRAWLERS, DEFINITION, DEFINITIONS

CHART_TESTS = pathlib.Path(__file__).resolve().parents[1] / "chart"
sys.path.insert(0, str(CHART_TESTS))
from matrix import CONFIG, MATRIX, over  # noqa: E402
from rendering import CHART, Renderer  # noqa: E402

ACCOUNT = "system:serviceaccount:scaling:autoscaler"
PODS = "/api/v1/namespaces/shop/pods"
HPAS = "/apis/autoscaling/v2/namespaces/shop/horizontalpodautoscalers"
APPLY = "application/apply-patch+yaml"
JOB = {
    "features": {"leases": True, "deletionCost": True, "customMetrics": ["services/hits"], "externalMetrics": ["queue_depth"]},
    "config": {"controller": {"interval": "1s"}, "workloads": [{
        "name": "web", "target": {"kubernetes": {"namespace": "shop", "name": "web", "podDeletionCost": True}},
        "replicas": {"min": 2, "max": 4},
        "signals": {"cpu": {"source": "kubernetes", "resource": "cpu"},
                    "queue": {"source": "kubernetes", "external": "queue_depth"},
                    "hits": {"source": "kubernetes", "object": {"resource": "services", "name": "web", "metric": "hits"}}},
        "policies": [{"track": {"signal": "cpu", "target": "50%"}}, {"track": {"signal": "queue", "perInstance": 10}},
                     {"track": {"signal": "hits", "perInstance": 10}}],
        "behavior": {"scaleDown": {"stabilizationWindowSeconds": 0}}}]}}
# Everything that the values have a feature for: three shards, a custom resource, a StatefulSet of a ScalingPolicy.
QUEUE = {"signals": {"queue": {"source": "kubernetes", "external": "queue_depth"}}, "policies": [{"track": {"signal": "queue", "perInstance": 10}}]}
WHOLE = {
    "replicas": 2, "shards": 3, "features": JOB["features"] | {"customTargets": ["crawlers.example.com"], "policies": True},
    "config": {
        "controller": {"interval": "1s", "kubernetes": {"lease": {"duration": "5s", "renew": "1s"}}},
        "workloads": JOB["config"]["workloads"] + [QUEUE | {
            "name": "crawler", "replicas": {"min": 1, "max": 5}, "cooldown": {"out": "1s"},
            "target": {"kubernetes": {"namespace": "shop", "apiVersion": "example.com/v1", "kind": "Crawler", "name": "crawler"}}}]}}
STORE = "/apis/apps/v1/namespaces/shop/statefulsets/store"
POLICIES = "/apis/autoscaler.io/v1alpha1/namespaces/shop/scalingpolicies"
LEASE = "/apis/coordination.k8s.io/v1/namespaces/scaling/leases"
# What each feature must have asked for, and got.
DID = {
    "targets": [r"GET /api/v1/(namespaces/shop/)?pods 200", r"GET /apis/apps/v1/(namespaces/shop/)?statefulsets 200",
                r"GET /apis/autoscaling/v2/(namespaces/shop/)?horizontalpodautoscalers 200",
                r"PUT \S+/deployments/web/scale 200", r"PUT \S+/statefulsets/store/scale 200"],
    "customTargets": [r"GET /apis/example.com/v1/(namespaces/shop/)?crawlers 200", r"GET \S+/crawlers/crawler/scale 200", r"PUT \S+/crawlers/crawler/scale 200"],
    "deletionCost": [r"PATCH \S+/pods/web-\d+ 200"],
    "events": [r"POST \S+/events 201"],
    "resourceMetrics": [r"GET /apis/metrics.k8s.io/v1beta1/namespaces/shop/pods 200"],
    "customMetrics": [r"GET /apis/custom.metrics.k8s.io/v1beta2/namespaces/shop/services/web/hits 200"],
    "externalMetrics": [r"GET /apis/external.metrics.k8s.io/v1beta1/namespaces/shop/queue_depth 200"],
    "policies": [r"GET /apis/autoscaler.io/v1alpha1/(namespaces/shop/)?scalingpolicies 200", r"PATCH \S+/scalingpolicies/store/status 200"],
    "leases": [rf"POST {LEASE} 201", rf"PATCH {LEASE}/autoscaler-0 200", rf"PATCH {LEASE}/autoscaler-1 200", rf"PATCH {LEASE}/autoscaler-2 200",
               rf"PATCH {LEASE}/autoscaler-replicas 200", r"GET \S+/configmaps/autoscaler-\d-state (200|404)", r"POST \S+/configmaps 201",
               r"PATCH \S+/configmaps/autoscaler-\d-state 200"]}


class ChartCase(KubernetesCase):
    def setUp(self):
        super().setUp()
        self.plurals = {}
        self.renderer = Renderer(case.OPTIONS.build)

    def path(self, each):
        """Of an object, by what the server says about its kind."""
        version = each["apiVersion"]
        root = ("/api/" if "/" not in version else "/apis/") + version
        if root not in self.plurals:
            found = self.call("GET", root)["resources"]
            self.plurals[root] = {r["kind"]: r for r in found if "/" not in r["name"]}
        kind = self.plurals[root][each["kind"]]
        space = f"/namespaces/{each['metadata']['namespace']}" if kind["namespaced"] else ""
        return f"{root}{space}/{kind['name']}/{each['metadata']['name']}"

    def apply(self, objects, more=""):
        for each in objects:
            query = "?fieldManager=test&force=true&fieldValidation=Strict" + more
            try:
                self.call("PATCH", self.path(each) + query, each, content_type=APPLY)
            except urllib.error.HTTPError as error:
                self.fail(f"{each['kind']} {each['metadata']['name']}: {error.read().decode()}")
            if not more:
                self.addCleanup(self.call, "DELETE", self.path(each))

    def rendered(self, values):
        return self.renderer.objects(values, "-name", "autoscaler", "-namespace", "scaling")

    def install(self, values):
        """All that the chart gives, and the config and the token that its pod would find."""
        objects = self.rendered(values)
        self.apply(objects)
        (config,) = [yaml.safe_load(each["data"]["config.yaml"]) for each in objects
                     if each["kind"] == "ConfigMap" and "config.yaml" in each["data"]]
        config["controller"] |= {"listen": "127.0.0.1:0", "journal": f"{self.directory}/autoscaler.db"}
        token = self.call("POST", "/api/v1/namespaces/scaling/serviceaccounts/autoscaler/token", {
            "apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {}})["status"]["token"]
        self.write_config(self.directory, "", identity=f"token: {token}")
        (self.directory / "config.yaml").write_text(json.dumps(config))
        os.environ["KUBECONFIG"] = str(self.directory / "kubeconfig")
        self.addCleanup(os.environ.pop, "KUBECONFIG")
        if self.SERVER is RealServer:  # it learns of roles a little later
            self.wait(lambda: self.may("list", "pods"), "the roles to be known")

    def may(self, verb, resource):
        return self.call("POST", "/apis/authorization.k8s.io/v1/subjectaccessreviews", {"spec": {
            "user": ACCOUNT, "resourceAttributes": {"verb": verb, "resource": resource, "namespace": "shop"}}})["status"]["allowed"]

    def serve_numbers(self, queue="1"):
        now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        self.server.page("/apis/external.metrics.k8s.io/v1beta1/namespaces/shop/queue_depth", {
            "kind": "ExternalMetricValueList", "items": [{"metricName": "queue_depth", "value": queue, "timestamp": now}]})
        self.server.page("/apis/custom.metrics.k8s.io/v1beta2/namespaces/shop/services/web/hits", {
            "kind": "MetricValueList", "items": [{"describedObject": {"kind": "Service", "name": "web"}, "value": "1",
                                                  "metric": {"name": "hits"}, "timestamp": now}]})

    def asked(self):
        return [f"{e['method']} {e['path'].split('?')[0]} {e['status']}" for e in self.audit() if e["user"] == ACCOUNT]

    def count(self, part):
        return sum(part in line for line in self.asked())

    def is_served(self, path):
        try:
            return "items" in self.call("GET", path)
        except urllib.error.HTTPError:
            return False


@on_both_servers
class Chart(ChartCase):
    def test_its_rights_are_enough_for_the_whole_job(self):
        self.serve_numbers()
        self.install(JOB)
        self.running()
        self.wait(lambda: {pod["status"]["phase"] for pod in self.call("GET", PODS)["items"]} == {"Running"}, "pods that run")
        self.pods_use("240m")
        self.wait(lambda: self.size() == 4, "4 pods at 96 %")
        self.wait(lambda: self.pods() == 4, "4 pods")
        self.pods_use("60m")
        self.wait(lambda: self.size() == 2, "2 pods at 24 %")
        self.wait(lambda: sorted(event["reason"] for event in self.events()) == ["ScaledIn", "ScaledOut"], "two kinds of Events")
        self.call("POST", HPAS, {"metadata": {"name": "mine"}, "spec": {
            "maxReplicas": 9, "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"}}})
        self.wait(lambda: self.says("HorizontalPodAutoscaler shop/mine"), "the HPA to be seen")
        self.wait(lambda: self.count("PATCH /apis/coordination.k8s.io/v1/namespaces/scaling/leases/") >= 2, "a lease that is renewed")
        self.assertEqual({name: signal.get("value") for name, signal in self.web()["signals"].items() if name != "cpu"},
                         {"queue": 1.0, "hits": 1.0})
        self.assertEqual(self.count("/scale 200"), 3)
        self.assertGreaterEqual(self.count(f"PATCH {PODS}/"), 2)  # marked as the ones to go
        self.assertEqual([line for line in self.asked() if line.endswith((" 403", " 401"))], [])

    def test_rights_of_a_dry_run_are_to_read(self):
        self.serve_numbers()
        values = JOB | {"dryRun": True}
        verbs = {verb for each in self.rendered(values) for rule in each.get("rules", []) for verb in rule["verbs"]}
        self.assertEqual(verbs, {"get", "list", "watch"})
        self.install(values)
        self.start_controller("--dry-run")
        self.wait(lambda: self.web().get("wanted") == 2, "the minimum to be wanted")
        self.wait(lambda: self.web().get("tick", 0) >= 5, "five ticks")
        self.assertEqual(self.size(), 1)
        self.assertEqual([line for line in self.asked() if line.endswith(" 403") or not line.startswith("GET ")], [])

    def start_second(self):
        directory = self.directory / "second"
        directory.mkdir()
        config = (self.directory / "config.yaml").read_text()
        (directory / "config.yaml").write_text(config.replace(f"{self.directory}/autoscaler.db", f"{directory}/autoscaler.db"))
        self.start_controller(directory=directory)

    def make_targets(self):
        labels = {"app": "store"}
        self.call("POST", STORE.rsplit("/", 1)[0], {"metadata": {"name": "store"}, "spec": {
            "serviceName": "store", "replicas": 1, "selector": {"matchLabels": labels},
            "template": {"metadata": {"labels": labels}, "spec": {"containers": [{"name": "app", "image": "none"}]}}}})
        self.addCleanup(self.call, "DELETE", STORE)
        self.call("POST", DEFINITIONS, DEFINITION)
        self.addCleanup(self.call, "DELETE", DEFINITIONS + "/crawlers.example.com")
        self.wait(lambda: self.is_served(CRAWLERS), "crawlers")
        self.call("POST", CRAWLERS, {"apiVersion": "example.com/v1", "kind": "Crawler", "metadata": {"name": "crawler"},
                                     "spec": {"replicas": 1}})
        self.call("PATCH", CRAWLERS + "/crawler/status", {"status": {"replicas": 1, "selector": "app=crawler"}},
                  content_type="application/merge-patch+json")

    def replicas_of(self, path):
        return self.call("GET", path)["spec"]["replicas"]

    def shards_led(self, directory=None):
        """-1: it does not answer yet."""
        try:
            return sum(lease["leads"] for lease in json.loads(self.page("/api/v1/workloads", directory))["leases"])
        except (OSError, IndexError, KeyError):
            return -1

    def test_its_rights_are_enough_for_every_feature(self):
        self.assertEqual(set(DID), set(yaml.safe_load((CHART / "values.yaml").read_text())["features"]))
        self.serve_numbers()
        self.make_targets()
        self.install(WHOLE)
        self.wait(lambda: self.is_served(POLICIES), "ScalingPolicies to be served")
        self.call("POST", POLICIES, {"apiVersion": "autoscaler.io/v1alpha1", "kind": "ScalingPolicy", "metadata": {"name": "store"}, "spec": QUEUE | {
            "target": {"kind": "StatefulSet", "name": "store"}, "replicas": {"min": 2, "max": 5}}})
        first = self.running()
        self.start_second()
        self.wait(lambda: 0 < self.shards_led() < 3 and self.shards_led() + self.shards_led(self.directory / "second") == 3, "shards to be divided")
        self.wait(lambda: self.replicas_of(STORE) == 2, "the minimum of the StatefulSet")
        self.pods_use("240m")
        self.serve_numbers(queue="30")
        self.wait(lambda: self.size() == 4 and self.pods() == 4, "4 pods at 96 %")
        self.wait(lambda: (self.replicas_of(STORE), self.replicas_of(CRAWLERS + "/crawler")) == (3, 3), "3 for a queue of 30")
        self.serve_numbers()
        self.pods_use("60m")
        self.wait(lambda: self.size() == 2, "2 pods at 24 %")
        self.wait(lambda: {(each["involvedObject"]["kind"], each["reason"]) for each in self.events()} == {
            ("Deployment", "ScaledOut"), ("Deployment", "ScaledIn"), ("StatefulSet", "ScaledOut"), ("ScalingPolicy", "ScaledOut"),
            ("Crawler", "ScaledOut")}, "Events")
        first.send_signal(signal.SIGTERM)
        self.assertEqual(first.wait(60), 0)
        self.wait(lambda: self.shards_led(self.directory / "second") == 3, "one to lead all")
        for feature, requests in DID.items():
            for each in requests:
                with self.subTest(f"{feature}: {each}"):
                    self.wait(lambda each=each: any(re.fullmatch(each, line) for line in self.asked()), each, 20)
        self.assertEqual([line for line in self.asked() if line.endswith((" 403", " 401"))], [])


class RenderingsOnARealServer(ChartCase):
    SERVER = RealServer

    def define_kinds_of_the_operator(self):
        for each in yaml.safe_load_all((CHART_TESTS / "operator_kinds.yaml").read_text()):
            try:
                self.call("POST", "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", each)
            except urllib.error.HTTPError as refusal:
                self.assertEqual(refusal.code, 409)  # of the case before
            spec = each["spec"]
            served = f"/apis/{spec['group']}/{spec['versions'][0]['name']}/{spec['names']['plural']}"
            self.wait(lambda served=served: self.is_served(served), f"{each['metadata']['name']} to be served")

    def test_kinds_of_the_prometheus_operator_are_checked(self):
        """What the other case rests on: a field that is none is refused, a duration that is none too."""
        self.define_kinds_of_the_operator()
        path = "/apis/monitoring.coreos.com/v1/namespaces/shop/"
        for plural, kind, spec, complaint in (
                ("servicemonitors", "ServiceMonitor", {"selector": {}, "endpoints": [{"ports": "http"}]}, 'unknown field "spec.endpoints[0].ports"'),
                ("servicemonitors", "ServiceMonitor", {"selector": {}, "endpoints": [{"interval": "soon"}]}, "spec.endpoints[0].interval"),
                ("prometheusrules", "PrometheusRule", {"groups": [{"name": "a", "rules": [{"alert": "A"}]}]}, "spec.groups[0].rules[0].expr: Required")):
            with self.subTest(complaint):
                with self.assertRaises(urllib.error.HTTPError) as refused:
                    self.call("POST", path + plural + "?dryRun=All&fieldValidation=Strict", {
                        "apiVersion": "monitoring.coreos.com/v1", "kind": kind, "metadata": {"name": "wrong"}, "spec": spec})
                self.assertIn(complaint, json.load(refused.exception)["message"])

    def test_every_rendering_is_taken(self):
        self.call("POST", "/api/v1/namespaces", {"metadata": {"name": "ops"}})
        self.define_kinds_of_the_operator()
        for name, values in MATRIX.items():
            with self.subTest(name):
                objects = self.renderer.objects(over(CONFIG, values), "-name", "blue", "-namespace", "ops")
                self.apply(objects, more="&dryRun=All")


if __name__ == "__main__":
    case.main()
