#!/usr/bin/env python3
"""2,000 Deployments of 3 pods whose CPU doubles at once: how soon the last one is resized, and what the controller costs
at rest and then, beside the API server and etcd.

    kubernetes_bench.py --build build/release [--kubeconfig FILE [--context NAME] [--metrics-address HOST]]

The API server is one of its own where KUBEBUILDER_ASSETS names a folder with kube-apiserver and etcd is on the PATH, or
the one that --kubeconfig names, which must let us make a namespace and an APIService (of metrics.k8s.io: it must have
none) and reach HOST.
"""

import argparse
import json
import pathlib
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request

from kubernetes_fleet import SPACE, Fleet, MetricsServer, Rescales, app_name
from kubernetes_server import GivenServer, OwnServer, api_of, cpu_seconds

CONTROLLER = """\
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
INTERVAL = 2
GOAL_SECONDS, GOAL_CPU, GOAL_MIB = 5.0, 0.6, 60


class Controller:
    def __init__(self, options, server, folder):
        self.folder = folder
        hpa = "\n    compatibility: hpa" if options.hpa else ""
        config = CONTROLLER.format(interval=INTERVAL, folder=folder, kubeconfig=server.kubeconfig, context=options.context,
                                   more=", events: false" if options.no_events else "")
        config += "".join(WORKLOAD.format(name=app_name(n), space=SPACE, compatibility=hpa) for n in range(options.apps))
        (folder / "config.yaml").write_text(config)
        with open(folder / "controller.log", "wb") as log:
            self.process = subprocess.Popen([pathlib.Path(options.build) / "controller/autoscaler", "run", "--config",
                                             folder / "config.yaml"], stdout=log, stderr=log)

    def log(self):
        return (self.folder / "controller.log").read_text()

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


class Costs:
    """CPU seconds of each since it was made."""

    def __init__(self, controller, server, api):
        self.controller, self.server, self.api = controller, server, api
        self.begun, self.before = time.monotonic(), self.now()

    def now(self):
        return {"autoscaler": self.controller.cpu(), **self.server.cpu(self.api)}

    def spent(self):
        return {who: round(after - self.before[who], 3) for who, after in self.now().items()}

    def a_minute(self):
        minutes = (time.monotonic() - self.begun) / 60
        return {who: seconds / minutes for who, seconds in self.spent().items()}


def row(what, costs):
    print(f"  {what:<34}" + "".join(f"{who} {seconds:.2f}   " for who, seconds in costs.items()))


def measure(options, server, api, folder):
    fleet = Fleet(api, options.apps, 3)
    begun = time.monotonic()
    fleet.write()
    metrics = MetricsServer(api, fleet, folder, options.metrics_address)
    print(f"{options.apps} Deployments and {len(fleet.pods)} pods written in {time.monotonic() - begun:.0f} s")
    rescales = Rescales(api, 3)
    controller = Controller(options, server, folder)
    try:
        controller.wait_until_ready()
        time.sleep(10)
        if rescales.seen:
            raise RuntimeError(f"{len(rescales.seen)} Deployments were resized at rest")
        started = controller.memory("VmHWM")
        costs = Costs(controller, server, api)
        time.sleep(options.rest)
        rest = costs.a_minute()
        row(f"at rest, CPU s a minute ({options.rest} s)", rest)
        before = controller.cpu()
        page = controller.get("/metrics")
        print(f"  one page of /metrics              {controller.cpu() - before:.2f} CPU s, {len(page) / 2**20:.1f} MiB")
        last = burst(options, controller, server, api, metrics, rescales)
        peak = controller.memory("VmHWM")
        print(f"  memory, MiB                       started {started:.1f}   now {controller.memory('VmRSS'):.1f}   "
              f"peak {peak:.1f}")
        for what, found, goal in (("last rescaled, s", last, GOAL_SECONDS), ("at rest, CPU s/min", rest["autoscaler"],
                                  GOAL_CPU), ("peak memory, MiB", peak, GOAL_MIB)):
            print(f"  {what:<22} {found:6.2f} of {goal}: {'met' if found <= goal else 'MISSED'}")
    except Exception:
        print(controller.log()[-3000:], file=sys.stderr)
        raise
    finally:
        controller.close()
        metrics.close()
        fleet.remove()
        if options.keep:
            shutil.copytree(folder, options.keep, dirs_exist_ok=True)


def burst(options, controller, server, api, metrics, rescales):
    metrics.wait_until_asked()
    time.sleep((1 - options.wait) * INTERVAL)
    costs = Costs(controller, server, api)
    begun = time.monotonic()
    metrics.use(0.5)
    while len(rescales.seen) < options.apps:
        if time.monotonic() - begun > 60:
            raise RuntimeError(f"{len(rescales.seen)} of {options.apps} were resized within 60 s")
        time.sleep(0.05)
    times = sorted(at - begun for at in rescales.seen.values())
    print(f"  burst                             first {times[0]:.2f} s   median {statistics.median(times):.2f} s   "
          f"last {times[-1]:.2f} s")
    time.sleep(max(0.0, 10 - (time.monotonic() - begun)))
    row("10 s from the burst on, CPU s", costs.spent())
    return times[-1]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", default="build/release")
    parser.add_argument("--kubeconfig")
    parser.add_argument("--context", default="")
    parser.add_argument("--metrics-address", default="127.0.0.1", help="where the API server reaches us")
    parser.add_argument("--apps", type=int, default=2000)
    parser.add_argument("--rest", type=float, default=60, help="seconds at rest that are measured")
    parser.add_argument("--wait", type=float, default=1.0, metavar="SHARE",
                        help="of an interval, for which the change waits to be asked for: 1 is the worst, 0.5 the mean")
    parser.add_argument("--hpa", action="store_true", help="with compatibility: hpa")
    parser.add_argument("--no-events", action="store_true", help="without an Event for each size that is written")
    parser.add_argument("--keep", help="a folder for what the controller wrote")
    options = parser.parse_args()
    if not options.kubeconfig and not OwnServer.program():
        print("kubernetes: skipped, no API server: set KUBEBUILDER_ASSETS to a folder with kube-apiserver and have etcd on "
              "the PATH, or name one by --kubeconfig")
        return 0
    folder = pathlib.Path(tempfile.mkdtemp(prefix="as-bench-"))
    server = None
    try:
        server = GivenServer(options.kubeconfig) if options.kubeconfig else OwnServer(folder)
        api = api_of(server.kubeconfig, options.context, folder)
        version = api.call("GET", "/version")["gitVersion"]
        print(f"kube-apiserver {version}, {time.strftime('%Y-%m-%d %H:%M', time.gmtime())} UTC")
        measure(options, server, api, folder)
        return 0
    finally:
        if server:
            server.close()
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
