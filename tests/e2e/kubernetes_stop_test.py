"""SIGTERM while the API server hangs, and a tick waits for it."""

import signal
import time

import case
from kubernetes_case import SPACES, KubernetesCase, on_both_servers

DEFINITIONS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
CRAWLERS = "/apis/example.com/v1/namespaces/shop/crawlers"
DEFINITION = {
    "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition", "metadata": {"name": "crawlers.example.com"},
    "spec": {"group": "example.com", "scope": "Namespaced",
             "names": {"plural": "crawlers", "singular": "crawler", "kind": "Crawler", "listKind": "CrawlerList"},
             "versions": [{"name": "v1", "served": True, "storage": True,
                           "schema": {"openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": True}},
                           "subresources": {"status": {}, "scale": {
                               "specReplicasPath": ".spec.replicas", "statusReplicasPath": ".status.replicas",
                               "labelSelectorPath": ".status.selector"}}}]}}
RIGHTS = [{"apiGroups": [""], "resources": ["pods"], "verbs": ["get", "list", "watch"]},
          {"apiGroups": ["autoscaling"], "resources": ["horizontalpodautoscalers"], "verbs": ["get", "list", "watch"]},
          {"apiGroups": ["example.com"], "resources": ["crawlers/scale"], "verbs": ["get", "update"]},
          {"apiGroups": ["coordination.k8s.io"], "resources": ["leases"], "verbs": ["get", "create", "patch"]},
          {"apiGroups": [""], "resources": ["configmaps"], "verbs": ["get", "create", "patch"]}]


@on_both_servers
class Stop(KubernetesCase):
    def test_it_ends_though_a_tick_waits_for_a_server_that_hangs(self):
        self.call("POST", DEFINITIONS, DEFINITION)
        self.addCleanup(self.call, "DELETE", DEFINITIONS + "/crawlers.example.com")
        self.wait(lambda: self.made(), "a crawler")
        self.call("PATCH", CRAWLERS + "/web/status", {"status": {"replicas": 2, "selector": "app=web"}},
                  content_type="application/merge-patch+json")
        lease = ", timeout: 60s, lease: {name: stop, namespace: " + SPACES[1] + ", duration: 10s, renew: 2s}"
        self.write_config(self.directory, "controller", more=lease)
        config = self.directory / "config.yaml"
        config.write_text(config.read_text().replace(
            "{namespace: shop, name: web}", "{namespace: shop, apiVersion: example.com/v1, kind: Crawler, name: web}"))
        self.allow(RIGHTS)
        controller = self.start_controller()
        self.wait(lambda: self.web().get("size") == 2, "its first ticks")
        # A custom resource is asked for its scale in every tick: from here on one waits, for a minute.
        self.server.pause()
        self.addCleanup(self.server.resume)
        self.seen = (None, 0)
        self.wait(self.stands_still, "a tick that waits")
        began = time.monotonic()
        controller.send_signal(signal.SIGTERM)
        self.assertEqual(controller.wait(timeout=50), 0)
        self.assertLess(time.monotonic() - began, 15)

    def stands_still(self):
        """No tick has ended for two and a half intervals."""
        tick = self.web()["tick"]
        if tick != self.seen[0]:
            self.seen = (tick, time.monotonic())
        return time.monotonic() - self.seen[1] > 2.5

    def made(self):
        try:
            return self.call("POST", CRAWLERS, {"apiVersion": "example.com/v1", "kind": "Crawler", "metadata": {"name": "web"},
                                                "spec": {"replicas": 2}})
        except OSError:
            return None  # the kind is not served yet


if __name__ == "__main__":
    case.main()
