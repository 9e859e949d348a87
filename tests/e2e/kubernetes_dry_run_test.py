"""The load of the whole suite on a real API server, with a dry-run beside each program, which may read and no more."""

import json
import re
import urllib.request

import case
import kubernetes_fault_test
import kubernetes_test
import leader_test
import policies_test
import shards_test
import succession_test
from kubernetes_case import READS, RealServer

READ = READS + [{"apiGroups": ["custom.metrics.k8s.io", "external.metrics.k8s.io"], "resources": ["*"], "verbs": ["get", "list"]},
                {"apiGroups": ["autoscaler.io"], "resources": ["scalingpolicies"], "verbs": ["get", "list", "watch"]}]
USER = "looker"


class BesideADryRun:
    SERVER = RealServer

    def setUp(self):
        self.lookers = []
        super().setUp()
        self.allow(READ, [USER], name="dry-run")

    def start_controller(self, *arguments, directory=None):
        made = super().start_controller(*arguments, directory=directory)
        self.look_on(directory or self.directory)
        return made

    def look_on(self, beside):
        """The same config, with a journal and a name of its own."""
        folder = self.directory / f"{USER}-{len(self.lookers)}"
        folder.mkdir()
        config = (beside / "config.yaml").read_text()
        super().write_config(folder, USER)
        for key, name in (("journal", "autoscaler.db"), ("kubeconfig", "kubeconfig")):
            config = re.sub(key + r": [^\s,}]+", f"{key}: {folder}/{name}", config)
        (folder / "config.yaml").write_text(config)
        self.lookers.append((super().start_controller("--dry-run", directory=folder), folder))

    def ticks_of_looker(self, folder):
        port = re.search(r"listens on http://127\.0\.0\.1:(\d+)", (folder / "controller.log").read_text())
        if not port:
            return 0
        asked = urllib.request.Request(f"http://127.0.0.1:{port.group(1)}/api/v1/workloads", headers={"Authorization": "Bearer secret"})
        try:
            with urllib.request.urlopen(asked, timeout=30) as answer:
                return json.load(answer)["tick"]
        except OSError:  # before its first tick
            return 0

    def tearDown(self):
        for process, folder in self.lookers:
            self.wait(lambda folder=folder: self.ticks_of_looker(folder) >= 3, "a dry-run to tick")
            self.assertIsNone(process.poll())
        seen = [each for each in self.audit() if each["user"] == USER]
        self.assertTrue(seen or not self.lookers)
        # A server that has just started may know no roles yet.
        self.assertEqual([each for each in seen if each["status"] == 403 and not each["starting"]], [])
        self.assertEqual([each for each in seen if each["method"] != "GET"], [])
        super().tearDown()


for of in (kubernetes_test.Kubernetes, kubernetes_fault_test.Faults, policies_test.Policies, leader_test.Leader,
           succession_test.Succession, shards_test.Shards):
    name = of.__name__ + "OnARealServerBesideADryRun"
    globals()[name] = type(name, (BesideADryRun, of), {"__module__": __name__})
del of


if __name__ == "__main__":
    case.main()
