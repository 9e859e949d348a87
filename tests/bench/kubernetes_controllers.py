"""Who sizes the Deployments of the bench: the autoscaler, or the HPA of Kubernetes itself."""

import json
import os
import pathlib
import signal
import subprocess
import time
import urllib.request

from kubernetes_fleet import app_name
from kubernetes_server import cpu_seconds

CONFIG = """\
controller:
  interval: {interval}s
  listen: "127.0.0.1:0"
  journal: {folder}/autoscaler.db
  kubernetes: {{kubeconfig: {kubeconfig}, context: "{context}", qps: 2000, burst: 2000, writesInFlight: 8{more}}}
workloads:
"""
WORKLOAD = """\
  - name: {name}
    target: {{kubernetes: {{namespace: {space}, name: {name}}}}}
    replicas: {{min: 3, max: 6}}{compatibility}
    signals:
      cpu: {{source: kubernetes, resource: cpu}}
    policies:
      - track: {{signal: cpu, target: 50%}}
"""


class Program:
    """A process, and what it costs."""

    def start(self, folder, command):
        self.written = folder / f"{self.name}.log"
        with open(self.written, "wb") as log:
            self.process = subprocess.Popen(list(map(str, command)), stdout=log, stderr=log)

    def log(self):
        return self.written.read_text()

    def cpu(self):
        return cpu_seconds(self.process.pid)

    def memory(self, field):
        """VmRSS now, VmHWM at its highest, in MiB."""
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return int(status.split(field + ":")[1].split()[0]) / 1024

    def close(self):
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


class Autoscaler(Program):
    name, interval = "autoscaler", 2

    def __init__(self, options, server, fleet, folder):
        hpa = "\n    compatibility: hpa" if options.hpa else ""
        config = CONFIG.format(interval=self.interval, folder=folder, kubeconfig=server.kubeconfig,
                               context=options.context, more=", events: false" if options.no_events else "")
        config += "".join(WORKLOAD.format(name=app_name(n), space=fleet.space_of(n), compatibility=hpa)
                          for n in range(options.apps))
        (folder / "config.yaml").write_text(config)
        self.start(folder, [pathlib.Path(options.build) / "controller/autoscaler", "run", "--config",
                            folder / "config.yaml"])

    def wait_until_ready(self):
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and self.process.poll() is None:
            for line in self.log().splitlines():
                if "listens on http://" in line:
                    self.url = "http://127.0.0.1:" + json.loads(line)["port"]
                    return
            time.sleep(0.1)
        raise RuntimeError("the controller did not start: " + self.log()[-2000:])

    def get(self, path):
        with urllib.request.urlopen(self.url + path, timeout=30) as answer:
            return answer.read()


class Hpa(Program):
    """The controller of HorizontalPodAutoscalers and no other, at its own period of 15 s, with as many at once and as
    high limits as the autoscaler is given. An object of its kind for each Deployment."""

    name, interval = "kube-controller-manager", 15

    @staticmethod
    def program():
        found = pathlib.Path(os.environ.get("KUBEBUILDER_ASSETS", "/nonexistent")) / "kube-controller-manager"
        return found if found.exists() else None

    def __init__(self, server, api, fleet, folder):
        self.api, self.fleet = api, fleet
        api.each(self.write_one, range(fleet.apps))
        self.start(folder, [self.program(), f"--kubeconfig={server.kubeconfig}", "--leader-elect=false",
                            "--controllers=horizontal-pod-autoscaler-controller", "--secure-port=0",
                            "--kube-api-qps=2000", "--kube-api-burst=2000",
                            "--concurrent-horizontal-pod-autoscaler-syncs=8"])

    def write_one(self, number):
        name = app_name(number)
        cpu = {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": 50}}
        self.api.call("POST", self.hpas(self.fleet.space_of(number)), {"metadata": {"name": name}, "spec": {
            "minReplicas": 3, "maxReplicas": 6, "metrics": [{"type": "Resource", "resource": cpu}],
            "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": name}}})

    @staticmethod
    def hpas(space):
        return f"/apis/autoscaling/v2/namespaces/{space}/horizontalpodautoscalers"

    def wait_until_ready(self):
        """Until each was looked at, and says so in its status."""
        deadline = time.monotonic() + 120
        while time.monotonic() < deadline and self.process.poll() is None:
            seen = self.api.call("GET", "/apis/autoscaling/v2/horizontalpodautoscalers")["items"]
            if sum(1 for each in seen if each.get("status", {}).get("currentMetrics")) == self.fleet.apps:
                return
            time.sleep(1)
        raise RuntimeError("the HPA did not look at all of them: " + self.log()[-2000:])

    def close(self):
        super().close()
        for space in self.fleet.spaces:
            self.api.call("DELETE", self.hpas(space))
