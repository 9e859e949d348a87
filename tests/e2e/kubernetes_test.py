"""The program against an API server that keeps state, with pods that come and go as sizes say."""

import time
import urllib.error

import case
from kubernetes_case import READS, WEB, WRITES, KubernetesCase, on_both_servers

MERGE = "application/merge-patch+json"
PODS = "/api/v1/namespaces/shop/pods"
HPAS = "/apis/autoscaling/v2/namespaces/shop/horizontalpodautoscalers"
CPU = "cpu: {source: kubernetes, resource: cpu}"
TRACK_CPU = "- track: {signal: cpu, target: 50%}"
OTHER_SIGNALS = """queue: {source: kubernetes, external: queue_depth}
      hits: {source: kubernetes, object: {resource: services, name: web, metric: hits}}"""
OTHER_POLICIES = """- track: {signal: queue, perInstance: 10}
      - track: {signal: hits, perInstance: 10}"""
OTHER_METRICS = [{"apiGroups": ["custom.metrics.k8s.io", "external.metrics.k8s.io"], "resources": ["*"], "verbs": ["get", "list"]}]


@on_both_servers
class Kubernetes(KubernetesCase):
    def test_sizes_a_deployment_by_what_its_pods_use_with_one_write_a_change(self):
        self.allow(READS + WRITES)
        self.start_controller()
        self.wait(lambda: self.size() == 2, "the minimum of 2")
        self.wait(lambda: self.pods() == 2, "2 pods")
        self.pods_use("240m")  # 96 % of the request, where 50 % is wanted
        self.wait(lambda: self.size() == 4, "4 pods at 96 %")
        self.assertEqual(len(self.requests("PUT /apis/apps/")), 2)
        self.wait(lambda: [(event["reason"], event["count"]) for event in self.events()] == [("ScaledOut", 2)], "two changes")
        self.assertIn("2 -> 4", self.events()[0]["message"])
        self.assertEqual(self.events()[0]["involvedObject"]["uid"], self.call("GET", WEB)["metadata"]["uid"])
        self.assertEqual(self.requests(" 403"), [])

    def test_scales_in_when_its_pods_have_less_to_do(self):
        self.allow(READS + WRITES)
        self.call("PATCH", WEB + "/scale", {"spec": {"replicas": 4}}, content_type=MERGE)
        self.start_controller()
        self.wait(lambda: self.pods() == 4, "4 pods")
        self.pods_use("60m")  # 24 % of the request, where 50 % is wanted
        self.wait(lambda: self.size() == 2, "2 pods at 24 %")
        self.wait(lambda: [event["reason"] for event in self.events()] == ["ScaledIn"], "one change")
        self.assertEqual(len(self.requests("PUT /apis/apps/")), 1)

    def test_others_who_write_the_target_cost_no_more_than_a_tick(self):
        """Each write of another kind makes a new version of the object, which a decision may be older than."""
        self.allow(READS + WRITES)
        self.running()
        self.pods_use("240m")
        for turn in range(60):
            self.call("PATCH", WEB, {"metadata": {"annotations": {"turn": str(turn)}}}, content_type=MERGE)
        self.wait(lambda: self.size() == 4, "4 pods at 96 %")
        answers = [line.rsplit(" ", 1)[1] for line in self.requests("/scale ")]
        self.assertLessEqual(set(answers), {"200", "409"})
        self.assertEqual(answers.count("200"), 2)  # to 2, to 4

    def test_leaves_a_target_to_its_horizontal_pod_autoscaler(self):
        self.allow(READS + WRITES)
        self.running()
        self.call("POST", HPAS, {"metadata": {"name": "mine"}, "spec": {
            "maxReplicas": 9, "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"}}})
        self.pods_use("240m")
        self.wait(lambda: self.says("HorizontalPodAutoscaler shop/mine") and self.web()["outcome"] == "failed", "who has the target")
        self.assertEqual(self.size(), 2)
        self.assertEqual(len(self.requests("/scale ")), 1)
        self.call("DELETE", HPAS + "/mine")
        self.wait(lambda: self.size() == 4, "4 pods at 96 %")

    def may_read(self, path):
        try:
            return bool(self.server.text("GET", path, token="controller-token"))
        except urllib.error.HTTPError:
            return False

    def test_names_each_permission_that_is_missing(self):
        where = 'in the namespace "shop"'
        for lacking, path, what in (
                ("pods", PODS, f'list resource "pods" in API group "" {where}'),
                ("deployments", "/apis/apps/v1/namespaces/shop/deployments", f'list resource "deployments" in API group "apps" {where}'),
                ("horizontalpodautoscalers", HPAS, f'list resource "horizontalpodautoscalers" in API group "autoscaling" {where}'),
                ("deployments/scale", "", f'update resource "deployments/scale" in API group "apps" {where}')):
            with self.subTest(lacking):
                self.allow([rule for rule in READS + WRITES if rule["resources"] != [lacking] or rule["apiGroups"] == ["metrics.k8s.io"]])
                self.wait(lambda: not path or not self.may_read(path), "the denial")
                controller = self.start_controller()
                self.wait(lambda: self.says(f'User "controller" cannot {what}'), what)
                self.assertEqual(self.size(), 1)
                controller.kill()
                controller.wait()
                (self.directory / "controller.log").unlink()
                self.deny()
        self.allow(READS + WRITES[:1])
        self.start_controller()
        self.wait(lambda: self.logged(r'User \"controller\" cannot create resource \"events\" in API group \"\" in the namespace \"shop\"'),
                  "Events that cannot be written")
        self.assertEqual(self.size(), 2)

    def test_reads_metrics_of_other_apis(self):
        self.allow(READS + WRITES + OTHER_METRICS)
        config = self.directory / "config.yaml"
        config.write_text(config.read_text().replace(CPU, OTHER_SIGNALS).replace(TRACK_CPU, OTHER_POLICIES))
        now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        self.server.page("/apis/external.metrics.k8s.io/v1beta1/namespaces/shop/queue_depth", {
            "kind": "ExternalMetricValueList", "items": [{"metricName": "queue_depth", "value": "30", "timestamp": now}]})
        self.server.page("/apis/custom.metrics.k8s.io/v1beta2/namespaces/shop/services/web/hits", {
            "kind": "MetricValueList", "items": [{"describedObject": {"kind": "Service", "name": "web"}, "value": "20",
                                                  "metric": {"name": "hits"}, "timestamp": now}]})
        self.start_controller()
        self.wait(lambda: self.size() == 3, "a pod for each 10 of the queue")
        self.wait(lambda: {"queue", "hits"} <= set(self.web().get("signals", {})), "both signals")
        signals = self.web()["signals"]
        self.assertEqual([signals[name].get("value") for name in ("queue", "hits")], [30.0, 20.0], signals)
        self.assertEqual(self.requests(" 403"), [])

    def test_a_dry_run_needs_no_more_than_to_read(self):
        """The whole load: pods that do much and little, sizes by others, an HPA, a server that dies."""
        began = self.since
        self.allow(READS)
        self.write_config(self.directory, "controller", more=", lease: {name: autoscaler, namespace: scaling}, events: true")
        controller = self.start_controller("--dry-run")
        self.wait(lambda: len(self.requests("watch=true")) >= 3, "three watches")
        self.call("PATCH", WEB + "/scale", {"spec": {"replicas": 3}}, content_type=MERGE)
        self.wait(lambda: self.pods() == 3, "3 pods")
        for cpu, wanted in (("240m", 4), ("10m", 2)):
            self.pods_use(cpu)
            self.wait(lambda: self.web().get("wanted") == wanted, f"{wanted} to be wanted at {cpu}")
        self.call("POST", HPAS, {"metadata": {"name": "mine"}, "spec": {
            "maxReplicas": 9, "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"}}})
        denied = self.requests(" 403")
        watches = len(self.requests("watch=true"))
        self.server.stop()
        self.server.start()
        self.wait(lambda: len([line for line in self.requests("watch=true") if line.endswith(" 200")]) >= watches + 3, "three watches again")
        # A server that has just started may know no roles yet: what it says until it is ready is left out.
        self.since = len(self.server.audit())
        seen = self.web()["tick"]
        self.wait(lambda: self.web().get("tick", 0) >= seen + 3, "three ticks")
        self.assertIsNone(controller.poll())
        self.assertEqual(self.size(), 3)
        self.assertEqual(self.events(), [])
        self.assertEqual(denied + self.requests(" 403"), [])
        self.since = began
        self.assertEqual([line for line in self.requests("") if not line.startswith("GET ")], [])


if __name__ == "__main__":
    case.main()
