"""API servers, the fake one and a real one, with pods that come and go as sizes say, for the program to size."""

import json
import pathlib
import re
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
sys.path.insert(0, str(FAKES))
from api_servers import FakeServer, RealServer, die_with_the_test  # noqa: E402

READS = [{"apiGroups": [""], "resources": ["pods"], "verbs": ["get", "list", "watch"]},
         {"apiGroups": ["apps"], "resources": ["deployments"], "verbs": ["get", "list", "watch"]},
         {"apiGroups": ["autoscaling"], "resources": ["horizontalpodautoscalers"], "verbs": ["get", "list", "watch"]},
         {"apiGroups": ["metrics.k8s.io"], "resources": ["pods"], "verbs": ["get", "list"]}]
WRITES = [{"apiGroups": ["apps"], "resources": ["deployments/scale"], "verbs": ["update"]},
          {"apiGroups": [""], "resources": ["events"], "verbs": ["create", "patch"]}]
KUBECONFIG = """\
current-context: test
contexts: [{{name: test, context: {{cluster: test, user: test}}}}]
clusters: [{{name: test, cluster: {{server: "{url}", certificate-authority: {ca}}}}}]
users: [{{name: test, user: {{{identity}}}}}]
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
    behavior: {{scaleDown: {{stabilizationWindowSeconds: 0}}}}
"""
SPACES = ("shop", "scaling")
LEFT = ("/apis/apps/v1/deployments", "/api/v1/pods", "/api/v1/events", "/api/v1/configmaps", "/apis/coordination.k8s.io/v1/leases",
        "/apis/autoscaling/v2/horizontalpodautoscalers")
GROUP = "rbac.authorization.k8s.io"
RBAC = f"/apis/{GROUP}/v1/"
WEB = "/apis/apps/v1/namespaces/shop/deployments/web"
USE = "/apis/metrics.k8s.io/v1beta1/namespaces/shop/pods"


def on_both_servers(cases):
    """The same cases against a real API server too, where there is one."""
    name = cases.__name__ + "OnARealServer"
    setattr(sys.modules[cases.__module__], name, type(name, (cases,), {"__module__": cases.__module__, "SERVER": RealServer}))
    return cases


def real_server():
    """One for all cases of a process: it takes seconds to start."""
    if RealServer.shared is None:
        folder = tempfile.mkdtemp(prefix="as-api-")
        unittest.addModuleCleanup(shutil.rmtree, folder, ignore_errors=True)
        server = RealServer(folder)
        unittest.addModuleCleanup(server.close)
        server.start()
        server.serve_metrics()
        for name in SPACES:
            server.call("POST", "/api/v1/namespaces", {"metadata": {"name": name}})
        RealServer.shared = server
    if RealServer.shared.process.poll() is not None:  # a case that failed has left it so
        RealServer.shared.start()
    return RealServer.shared


class KubernetesCase(unittest.TestCase):
    SERVER = FakeServer

    @classmethod
    def setUpClass(cls):
        if cls.SERVER is RealServer and RealServer.missing():
            raise unittest.SkipTest(RealServer.missing())

    def setUp(self):
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="as-e2e-"))
        self.addCleanup(shutil.rmtree, self.directory, ignore_errors=True)
        if self.SERVER is RealServer:
            self.server = real_server()
            self.forget()
        else:
            self.server = FakeServer(self.directory / "server")
            self.server.start()
            self.addCleanup(self.server.close)
        self.call = self.server.call
        self.since = len(self.server.audit())
        self.write_config(self.directory, "controller")
        labels = {"app": "web"}
        containers = [{"name": "app", "image": "none", "resources": {"requests": {"cpu": "250m"}}}]
        self.call("POST", "/apis/apps/v1/namespaces/shop/deployments", {"metadata": {"name": "web"}, "spec": {
            "replicas": 1, "selector": {"matchLabels": labels},
            "template": {"metadata": {"labels": labels}, "spec": {"containers": containers}}}})
        self.start_kubelet()
        self.wait(lambda: self.pods() == 1, "the first pod")  # a new status is a new version of the target

    def forget(self):
        """What the case before has left."""
        for space in SPACES:
            for path in LEFT:
                group, plural = path.rsplit("/", 1)
                self.server.call("DELETE", f"{group}/namespaces/{space}/{plural}?gracePeriodSeconds=0")
        for plural in ("clusterroles", "clusterrolebindings"):
            self.server.call("DELETE", f"{RBAC}{plural}?labelSelector=of-a-test")
        for used in self.server.call("GET", USE)["items"]:
            self.server.call("DELETE", f"{USE}/{used['metadata']['name']}")

    def start_kubelet(self):
        self.kubelet = subprocess.Popen(
            [sys.executable, FAKES / "kubelet.py", self.server.url, "kubelet-token", "--ca", self.server.ca],
            preexec_fn=die_with_the_test)
        self.addCleanup(lambda: (self.kubelet.kill(), self.kubelet.wait()))

    def audit(self):
        """What was asked since the case began."""
        return self.server.audit()[self.since:]

    def write_config(self, directory, user, more="", identity=""):
        """`more`: of controller.kubernetes; `identity`: of the user in the kubeconfig, else the token."""
        (directory / "kubeconfig").write_text(KUBECONFIG.format(
            url=self.server.url, ca=self.server.ca, identity=identity or f"token: {user}-token"))
        (directory / "config.yaml").write_text(CONFIG.format(directory=directory, more=more))

    def start_controller(self, *arguments, directory=None):
        directory = directory or self.directory
        log = open(directory / "controller.log", "ab")
        made = subprocess.Popen([pathlib.Path(case.OPTIONS.build) / "controller/autoscaler", "run", "--config",
                                 directory / "config.yaml", *arguments], stdout=log, stderr=log)
        log.close()
        self.addCleanup(lambda: (made.kill(), made.wait()))
        return made

    def allow(self, rules, users=("controller",), name="autoscaler"):
        meta = {"name": name, "labels": {"of-a-test": "yes"}}
        self.call("POST", RBAC + "clusterroles", {"metadata": meta, "rules": rules})
        self.call("POST", RBAC + "clusterrolebindings", {
            "metadata": meta, "roleRef": {"apiGroup": GROUP, "kind": "ClusterRole", "name": name},
            "subjects": [{"apiGroup": GROUP, "kind": "User", "name": user} for user in users]})
        if self.SERVER is RealServer:  # it learns of roles a little later
            self.wait(lambda: all(self.is_granted(user, rules[-1]) for user in users), "the roles to be known")

    def is_granted(self, user, rule):
        resource, _, subresource = rule["resources"][0].partition("/")
        return self.call("POST", "/apis/authorization.k8s.io/v1/subjectaccessreviews", {"spec": {"user": user, "resourceAttributes": {
            "verb": rule["verbs"][0], "group": rule["apiGroups"][0], "resource": resource, "subresource": subresource,
            "name": rule.get("resourceNames", [""])[0], "namespace": SPACES[0]}}})["status"]["allowed"]

    def deny(self, name="autoscaler"):
        for plural in ("clusterroles/", "clusterrolebindings/"):
            self.call("DELETE", RBAC + plural + name)

    def running(self, *arguments):
        """The program, once it has put the size to its minimum of 2 and both pods are there."""
        made = self.start_controller(*arguments)
        self.wait(lambda: self.size() == 2, "the minimum of 2")
        self.wait(lambda: self.pods() == 2, "2 pods")
        return made

    def page(self, path, directory=None):
        log = ((directory or self.directory) / "controller.log").read_text()
        port = re.findall(r"127\.0\.0\.1:(\d+)", log)[0]
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=30) as response:
            return response.read().decode()

    def web(self):
        """What the program says about its workload; {} before its first tick."""
        try:
            answer = json.loads(self.page("/api/v1/workloads/web"))
            return dict(answer["workload"], tick=answer["tick"])
        except (IndexError, OSError):
            return {}

    def says(self, text):
        """Whether this is in an error of the workload."""
        return text in json.dumps(self.web().get("errors", ""), ensure_ascii=False).replace('\\"', '"')

    def logged(self, text):
        return text in (self.directory / "controller.log").read_text()

    def events(self):
        return self.call("GET", "/api/v1/namespaces/shop/events")["items"]

    def size(self):
        return self.call("GET", WEB)["spec"]["replicas"]

    def pods(self):
        return self.call("GET", WEB).get("status", {}).get("replicas", 0)

    def pods_use(self, cpu):
        """Every pod that is there uses so much, from now on."""
        for pod in self.call("GET", "/api/v1/namespaces/shop/pods")["items"]:
            try:
                self.call("DELETE", f"{USE}/{pod['metadata']['name']}")
            except urllib.error.HTTPError:
                pass  # the first measurement of this pod
            self.call("POST", USE, {
                "metadata": {"name": pod["metadata"]["name"]}, "window": "15s",
                "timestamp": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
                "containers": [{"name": "app", "usage": {"cpu": cpu}}]})

    def requests(self, part, user="controller"):
        lines = [f"{e['method']} {e['path']} {e['status']}" for e in self.audit() if e["user"] == user]
        return [line for line in lines if part in line]

    def wait(self, condition, what, seconds=90):
        try:
            wait_until(condition, what, seconds)
        except Exception:
            for log in sorted(self.directory.rglob("controller.log")):
                print(log, log.read_text()[-3000:], sep="\n", file=sys.stderr)
            raise
