"""An API server that keeps state, with pods that come and go as sizes say, for the program to size."""

import json
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.error
import urllib.request

import case
from rig import wait_until

FAKES = pathlib.Path(__file__).resolve().parents[1] / "fakes"
TOKENS = ('admin-token,admin,1,"system:masters"\ncontroller-token,controller,2,""\n'
          'one-token,one,3,""\ntwo-token,two,4,""\n')
READS = [{"apiGroups": [""], "resources": ["pods"], "verbs": ["get", "list", "watch"]},
         {"apiGroups": ["apps"], "resources": ["deployments"], "verbs": ["get", "list", "watch"]},
         {"apiGroups": ["autoscaling"], "resources": ["horizontalpodautoscalers"], "verbs": ["get", "list", "watch"]},
         {"apiGroups": ["metrics.k8s.io"], "resources": ["pods"], "verbs": ["get", "list"]}]
WRITES = [{"apiGroups": ["apps"], "resources": ["deployments/scale"], "verbs": ["patch"]},
          {"apiGroups": [""], "resources": ["events"], "verbs": ["create", "patch"]}]
KUBECONFIG = """\
current-context: test
contexts: [{{name: test, context: {{cluster: test, user: test}}}}]
clusters: [{{name: test, cluster: {{server: "{url}"}}}}]
users: [{{name: test, user: {{token: {user}-token}}}}]
"""
CONFIG = """\
controller:
  interval: 1s
  listen: "127.0.0.1:0"
  journal: {directory}/autoscaler.db
  kubernetes: {{kubeconfig: {directory}/kubeconfig{more}}}
workloads:
  - name: web
    target: {{kubernetes: {{namespace: shop, name: web}}}}
    replicas: {{min: 2, max: 4}}
    signals:
      cpu: {{source: kubernetes, resource: cpu}}
    policies:
      - track: {{signal: cpu, target: 50%}}
"""
RBAC = "/apis/rbac.authorization.k8s.io/v1/"
WEB = "/apis/apps/v1/namespaces/shop/deployments/web"


class KubernetesCase(unittest.TestCase):
    def setUp(self):
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="as-e2e-"))
        self.addCleanup(shutil.rmtree, self.directory, ignore_errors=True)
        (self.directory / "tokens.csv").write_text(TOKENS)
        server = self.start("api_server.py", "--tokens", str(self.directory / "tokens.csv"), stdout=subprocess.PIPE)
        self.url = f"http://127.0.0.1:{int(server.stdout.readline().split()[1])}"
        self.write_config(self.directory, "controller")
        labels = {"app": "web"}
        containers = [{"name": "app", "image": "none", "resources": {"requests": {"cpu": "250m"}}}]
        self.call("POST", "/apis/apps/v1/namespaces/shop/deployments", {"metadata": {"name": "web"}, "spec": {
            "replicas": 1, "selector": {"matchLabels": labels},
            "template": {"metadata": {"labels": labels}, "spec": {"containers": containers}}}})
        self.start("kubelet.py", self.url, "admin-token")

    def start(self, program, *arguments, **options):
        made = subprocess.Popen([sys.executable, FAKES / program, *arguments], text=True, **options)
        self.addCleanup(lambda: (made.kill(), made.wait(), made.stdout and made.stdout.close()))
        return made

    def write_config(self, directory, user, more=""):
        """`more`: of controller.kubernetes."""
        (directory / "kubeconfig").write_text(KUBECONFIG.format(url=self.url, user=user))
        (directory / "config.yaml").write_text(CONFIG.format(directory=directory, more=more))

    def start_controller(self, *arguments, directory=None):
        directory = directory or self.directory
        log = open(directory / "controller.log", "ab")
        made = subprocess.Popen([pathlib.Path(case.OPTIONS.build) / "controller/autoscaler", "run", "--config",
                                 directory / "config.yaml", *arguments], stdout=log, stderr=log)
        log.close()
        self.addCleanup(lambda: (made.kill(), made.wait()))
        return made

    def call(self, method, path, body=None):
        request = urllib.request.Request(self.url + path, method=method, headers={
            "Authorization": "Bearer admin-token", "Content-Type": "application/json"},
            data=json.dumps(body).encode() if body is not None else None)
        with urllib.request.urlopen(request, timeout=10) as response:
            return json.load(response)

    def allow(self, rules, users=("controller",)):
        self.call("POST", RBAC + "clusterroles", {"metadata": {"name": "autoscaler"}, "rules": rules})
        self.call("POST", RBAC + "clusterrolebindings", {
            "metadata": {"name": "autoscaler"}, "roleRef": {"kind": "ClusterRole", "name": "autoscaler"},
            "subjects": [{"kind": "User", "name": user} for user in users]})

    def events(self):
        return self.call("GET", "/api/v1/namespaces/shop/events")["items"]

    def size(self):
        return self.call("GET", WEB)["spec"]["replicas"]

    def pods_use(self, cpu):
        """Every pod that is there uses so much, from now on."""
        for pod in self.call("GET", "/api/v1/namespaces/shop/pods")["items"]:
            try:
                self.call("DELETE", "/apis/metrics.k8s.io/v1beta1/namespaces/shop/pods/" + pod["metadata"]["name"])
            except urllib.error.HTTPError:
                pass  # the first measurement of this pod
            self.call("POST", "/apis/metrics.k8s.io/v1beta1/namespaces/shop/pods", {
                "metadata": {"name": pod["metadata"]["name"]}, "window": "15s",
                "timestamp": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
                "containers": [{"name": "app", "usage": {"cpu": cpu}}]})

    def requests(self, part):
        lines = [f"{e['method']} {e['path']} {e['status']}" for e in self.call("GET", "/_control/audit")
                 if e["user"] == "controller"]
        return [line for line in lines if part in line]

    def wait(self, condition, what):
        try:
            wait_until(condition, what, 30)
        except Exception:
            for log in sorted(self.directory.rglob("controller.log")):
                print(log, log.read_text()[-3000:], sep="\n", file=sys.stderr)
            raise
