"""The program against an API server that keeps state, with pods that come and go as sizes say."""

import case
from kubernetes_case import READS, WEB, WRITES, KubernetesCase, on_both_servers


@on_both_servers
class Kubernetes(KubernetesCase):
    def test_sizes_a_deployment_by_what_its_pods_use_with_one_write_a_change(self):
        self.allow(READS + WRITES)
        self.start_controller()
        self.wait(lambda: self.size() == 2, "the minimum of 2")
        self.wait(lambda: self.call("GET", WEB).get("status", {}).get("replicas") == 2, "2 pods")
        self.pods_use("240m")  # 96 % of the request, where 50 % is wanted
        self.wait(lambda: self.size() == 4, "4 pods at 96 %")
        self.assertEqual(len(self.requests("PATCH /apis/apps/")), 2)
        self.wait(lambda: [(event["reason"], event["count"]) for event in self.events()] == [("ScaledOut", 2)], "two changes")
        self.assertIn("2 -> 4", self.events()[0]["message"])
        self.assertEqual(self.events()[0]["involvedObject"]["uid"], self.call("GET", WEB)["metadata"]["uid"])
        self.assertEqual(self.requests(" 403"), [])

    def test_a_dry_run_needs_no_more_than_to_read(self):
        self.allow(READS)
        controller = self.start_controller("--dry-run")
        self.wait(lambda: len(self.requests("watch=true")) == 3, "three watches")
        self.wait(lambda: len(self.requests("/apis/metrics.k8s.io/")) >= 3, "three ticks")
        self.assertIsNone(controller.poll())
        self.assertEqual(self.size(), 1)
        self.assertEqual(self.requests(" 403"), [])
        self.assertEqual([line for line in self.requests("") if not line.startswith("GET ")], [])


if __name__ == "__main__":
    case.main()
