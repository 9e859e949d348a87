"""`autoscaler import --from-cluster` against an API server that keeps state."""

import pathlib
import subprocess

import case
from kubernetes_case import READS, KubernetesCase, on_both_servers

HPAS = "/apis/autoscaling/v2/namespaces/{}/horizontalpodautoscalers"


@on_both_servers
class ImportFromCluster(KubernetesCase):
    def add_hpa(self, space, name, **metadata):
        self.call("POST", HPAS.format(space), {"metadata": {"name": name, **metadata}, "spec": {
            "minReplicas": 2, "maxReplicas": 4,
            "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": name}}})

    def run_import(self, *arguments):
        return subprocess.run([pathlib.Path(case.OPTIONS.build) / "controller/autoscaler", "import", "--kubeconfig",
                               self.directory / "kubeconfig", "--from-cluster", *arguments], capture_output=True, text=True,
                              timeout=60)

    def test_the_config_decides_as_what_is_there_and_nothing_is_written(self):
        self.allow(READS)
        self.add_hpa("shop", "web")
        self.add_hpa("scaling", "inbox")
        self.add_hpa("scaling", "kept", ownerReferences=[
            {"apiVersion": "keda.sh/v1alpha1", "kind": "ScaledObject", "name": "mail", "uid": "1"}])
        ended = self.run_import()
        self.assertEqual(ended.returncode, 0, ended.stderr)
        self.assertIn("HorizontalPodAutoscaler scaling/kept: belongs to the ScaledObject mail", ended.stderr)
        for workload in ("web", "inbox"):
            self.assertIn(f"- name: {workload}\n", ended.stdout)
        ended = self.run_import("--namespace", "shop")
        self.assertEqual((ended.returncode, ended.stderr), (0, ""))
        self.assertIn("- name: web\n", ended.stdout)
        self.assertNotIn("inbox", ended.stdout)
        (self.directory / "imported.yaml").write_text(ended.stdout)
        checked = subprocess.run([pathlib.Path(case.OPTIONS.build) / "controller/autoscaler", "check",
                                  self.directory / "imported.yaml"], capture_output=True, text=True, timeout=60)
        self.assertEqual(checked.returncode, 0, checked.stderr)
        self.assertEqual([line for line in self.requests("") if not line.startswith("GET ")], [])
        self.assertEqual(self.requests(" 403"), [])

    def test_it_says_which_right_is_missing_and_what_does_not_go_together(self):
        ended = self.run_import()
        self.assertEqual(ended.returncode, 1)
        self.assertIn('User "controller" cannot list resource "horizontalpodautoscalers"', ended.stderr)
        self.assertEqual(ended.stdout, "")
        self.assertEqual(self.run_import("--context", "nowhere").returncode, 1)
        self.assertEqual(self.run_import("hpa.yaml").returncode, 2)


if __name__ == "__main__":
    case.main()
