#!/usr/bin/env python3
"""2,000 Deployments of 3 pods whose CPU doubles at once: how soon the last one is resized, and what the controller costs
at rest and then, beside the API server and etcd.

    kubernetes_bench.py --build build/release [--beside-hpa] [--kubeconfig FILE [--context NAME] [--metrics-address HOST]]

The API server is one of its own where KUBEBUILDER_ASSETS names a folder with kube-apiserver and etcd is on the PATH, or
the one that --kubeconfig names, which must let us make a namespace and an APIService (of metrics.k8s.io: it must have
none) and reach HOST. With --beside-hpa the same Deployments are then given to the HPA of Kubernetes itself, where that
folder has kube-controller-manager too.
"""

import argparse
import pathlib
import shutil
import statistics
import sys
import tempfile
import time

from kubernetes_controllers import Autoscaler, Hpa
from kubernetes_fleet import Fleet, MetricsServer, Rescales
from kubernetes_server import GivenServer, OwnServer, api_of

GOALS = (("last rescaled, s", 5.0), ("at rest, CPU s/min", 0.6), ("peak memory, MiB", 60))


class Costs:
    """CPU seconds of each since it was made."""

    def __init__(self, controller, server, api):
        self.controller, self.server, self.api = controller, server, api
        self.begun, self.before = time.monotonic(), self.now()

    def now(self):
        return {self.controller.name: self.controller.cpu(), **self.server.cpu(self.api)}

    def spent(self):
        return {who: round(after - self.before[who], 3) for who, after in self.now().items()}

    def a_minute(self):
        minutes = (time.monotonic() - self.begun) / 60
        return {who: seconds / minutes for who, seconds in self.spent().items()}


def row(what, costs):
    print(f"  {what:<34}" + "".join(f"{who} {seconds:.2f}   " for who, seconds in costs.items()))


def measure(options, server, api, folder):
    fleet = Fleet(api, options.apps, 3, options.namespaces)
    begun = time.monotonic()
    fleet.write()
    metrics = MetricsServer(api, fleet, folder, options.metrics_address)
    print(f"{options.apps} Deployments and {len(fleet.pods)} pods written in {time.monotonic() - begun:.0f} s")
    try:
        ours = watch(options, server, api, metrics, lambda: Autoscaler(options, server, fleet, folder))
        for (what, goal), found in zip(GOALS, ours):
            print(f"  {what:<22} {found:6.2f} of {goal}: {'met' if found <= goal else 'MISSED'}")
        if options.beside_hpa:
            fleet.resize(3)
            metrics.use(0.25)
            theirs = watch(options, server, api, metrics, lambda: Hpa(server, api, fleet, folder))
            for (what, _), mine, other in zip(GOALS, ours, theirs):
                print(f"  {what:<22} {mine:6.2f} beside {other:.2f} of the HPA: {100 * mine / other:.0f} %")
    finally:
        metrics.close()
        fleet.remove()
        if options.keep:
            shutil.copytree(folder, options.keep, dirs_exist_ok=True)


def watch(options, server, api, metrics, start):
    """At rest, and as the load doubles: what GOALS are about."""
    rescales = Rescales(api, 3)
    controller = start()
    try:
        controller.wait_until_ready()
        time.sleep(10)
        if rescales.seen:
            raise RuntimeError(f"{len(rescales.seen)} Deployments were resized at rest")
        print(f"{controller.name}")
        started = controller.memory("VmHWM")
        costs = Costs(controller, server, api)
        time.sleep(options.rest)
        rest = costs.a_minute()
        row(f"at rest, CPU s a minute ({options.rest:.0f} s)", rest)
        if isinstance(controller, Autoscaler):
            before = controller.cpu()
            page = controller.get("/metrics")
            print(f"  one page of /metrics              {controller.cpu() - before:.2f} CPU s, {len(page) / 2**20:.1f} MiB")
        last = burst(options, controller, server, api, metrics, rescales)
        peak = controller.memory("VmHWM")
        print(f"  memory, MiB                       started {started:.1f}   now {controller.memory('VmRSS'):.1f}   "
              f"peak {peak:.1f}")
        return last, rest[controller.name], peak
    except Exception:
        print(controller.log()[-3000:], file=sys.stderr)
        raise
    finally:
        controller.close()
        rescales.close()


def burst(options, controller, server, api, metrics, rescales):
    metrics.wait_until_asked()
    if isinstance(controller, Autoscaler):
        time.sleep((1 - options.wait) * controller.interval)
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
    row(f"{max(10.0, times[-1]):.0f} s from the burst on, CPU s", costs.spent())
    return times[-1]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", default="build/release")
    parser.add_argument("--kubeconfig")
    parser.add_argument("--context", default="")
    parser.add_argument("--metrics-address", default="127.0.0.1", help="where the API server reaches us")
    parser.add_argument("--apps", type=int, default=2000)
    parser.add_argument("--namespaces", type=int, default=1, help="over which they are spread")
    parser.add_argument("--rest", type=float, default=60, help="seconds at rest that are measured")
    parser.add_argument("--wait", type=float, default=0.5, metavar="SHARE",
                        help="of an interval, for which the change waits to be asked for: 0.5 is the mean, 1 the worst")
    parser.add_argument("--hpa", action="store_true", help="with compatibility: hpa")
    parser.add_argument("--no-events", action="store_true", help="without an Event for each size that is written")
    parser.add_argument("--beside-hpa", action="store_true", help="then the same with Kubernetes' own HPA")
    parser.add_argument("--keep", help="a folder for what the controller wrote")
    options = parser.parse_args()
    if not options.kubeconfig and not OwnServer.program():
        print("kubernetes: skipped, no API server: set KUBEBUILDER_ASSETS to a folder with kube-apiserver and have etcd on "
              "the PATH, or name one by --kubeconfig")
        return 0
    if options.beside_hpa and options.kubeconfig:
        parser.error("--beside-hpa is for a server of its own: a controller manager would size what others have there")
    if options.beside_hpa and not Hpa.program():
        print("kubernetes: the HPA is skipped: the folder that KUBEBUILDER_ASSETS names has no kube-controller-manager")
        options.beside_hpa = False
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
