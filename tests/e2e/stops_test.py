"""The leader is stopped at random points, and woken when its successor has written: it must not write any more.

Pairs of replicas run beside each other on one API server, each with workloads and a lease of its own, of a second on a
real one. Their sizes change at every tick, so that there is always something to write: sizes, what is left of them for a
successor (a ConfigMap, and the status of a ScalingPolicy), and marks of pods. ROUNDS (environment): stops in all; PAIRS.
"""

import os
import random
import shutil
import signal
import subprocess
import tempfile
import threading
import time
import unittest

import yaml

import case
from kubernetes_case import READS, WRITES
from api_servers import USERS, FakeServer, RealServer, die_with_the_test
from late_writes import Audit, Entry, entry_of, late_writes
from restless_load import RestlessLoad
from rig import wait_until

ROUNDS = int(os.environ.get("ROUNDS", "12"))
PAIRS = int(os.environ.get("PAIRS", "3"))
WORKLOADS = 4  # the last one is a ScalingPolicy's, and the first has pods, which are marked
PODS = 3
PATIENCE = 180
LEASES = [{"apiGroups": ["coordination.k8s.io"], "resources": ["leases"], "verbs": ["get", "create", "patch"]},
          {"apiGroups": [""], "resources": ["configmaps"], "verbs": ["get", "create", "patch"]}]
OBJECTS = [{"apiGroups": [""], "resources": ["pods"], "verbs": ["patch"]},
           {"apiGroups": ["autoscaler.io"], "resources": ["scalingpolicies"], "verbs": ["get", "list", "watch"]},
           {"apiGroups": ["autoscaler.io"], "resources": ["scalingpolicies/status"], "verbs": ["patch"]}]
DEFINITIONS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
RBAC = "rbac.authorization.k8s.io"
KUBECONFIG = """\
current-context: test
contexts: [{{name: test, context: {{cluster: test, user: test}}}}]
clusters: [{{name: test, cluster: {{server: "{url}", certificate-authority: {ca}}}}}]
users: [{{name: test, user: {{token: {user}-token}}}}]
"""
CONTROLLER = """\
controller:
  interval: 1s
  listen: "127.0.0.1:0"
  journal: {folder}/autoscaler.db
  kubernetes:
    kubeconfig: {folder}/kubeconfig
    qps: {qps}
    burst: {burst}
    writesInFlight: {in_flight}
    events: false
    policies: {{namespace: {space}}}
    lease: {{name: autoscaler, namespace: {space}, duration: {lease}s, renew: {renew}ms}}
sources:
  prometheus: {{url: "{load}/{user}"}}
workloads:
"""
WORKLOAD = """\
  - name: {space}-web-{number}
    target: {{kubernetes: {{namespace: {space}, name: web-{number}{marks}}}}}
    replicas: {{min: 1, max: 1000}}
    signals:
      total: {{source: json, url: "{load}/{user}/{space}-{number}", pointer: ""}}
      each: {{source: json, path: "/{user}/{space}-each", pointer: "", means: work}}
    policies: [{{track: {{signal: total, perInstance: 100}}}}]
    behavior: none
    guards: {{flapBudget: none}}
"""
POLICY = """\
apiVersion: autoscaler.io/v1alpha1
kind: ScalingPolicy
metadata: {{name: store}}
spec:
  target: {{kind: Deployment, name: web-{number}}}
  replicas: {{min: 1, max: 1000}}
  signals: {{total: {{source: prometheus, query: {space}-total}}}}
  policies: [{{track: {{signal: total, perInstance: 100}}}}]
  behavior: none
  guards: {{flapBudget: none}}
"""


class Pair:
    def __init__(self, number, test):
        self.space, self.server, self.load, self.audit = f"pair-{number}", test.server, test.load, test.audit
        self.seconds = test.LEASE
        self.folder, self.lease, self.users, self.processes = test.folder, lease_of(f"pair-{number}"), users_of(number), {}
        # In every other pair writes wait for their turn, one after the other through half of the tick.
        self.is_slow = number % 2 == 1

    def start(self):
        self.server.call("POST", "/api/v1/namespaces", {"metadata": {"name": self.space}})
        for number in range(WORKLOADS):
            labels = {"app": f"web-{number}"}
            self.server.call("POST", f"/apis/apps/v1/namespaces/{self.space}/deployments", {
                "metadata": {"name": f"web-{number}"}, "spec": {
                    "replicas": 1, "selector": {"matchLabels": labels}, "template": {
                        "metadata": {"labels": labels}, "spec": {"containers": [{"name": "app", "image": "none"}]}}}})
        for number in range(PODS):
            self.make_pod(f"web-0-{number}")
        self.server.call("POST", f"/apis/autoscaler.io/v1alpha1/namespaces/{self.space}/scalingpolicies",
                         yaml.safe_load(POLICY.format(space=self.space, number=WORKLOADS - 1)))
        for user in self.users:
            self.processes[user] = self.start_one(user)

    def make_pod(self, name):
        path = f"/api/v1/namespaces/{self.space}/pods"
        self.server.call("POST", path, {"metadata": {"name": name, "labels": {"app": "web-0"}},
                                        "spec": {"containers": [{"name": "app", "image": "none"}]}})
        self.server.call("PATCH", f"{path}/{name}/status", {"status": {
            "phase": "Running", "podIP": "127.0.0.1", "conditions": [{"type": "Ready", "status": "True"}]}},
                         content_type="application/merge-patch+json")

    def start_one(self, user):
        folder = os.path.join(self.folder, user)
        os.mkdir(folder)
        places = {"folder": folder, "space": self.space, "user": user, "url": self.server.url, "ca": self.server.ca,
                  "load": self.load.url, "qps": 10 if self.is_slow else 1000, "burst": 1 if self.is_slow else 1000,
                  "in_flight": 1 if self.is_slow else 8, "lease": self.seconds, "renew": 250 * self.seconds}
        with open(folder + "/kubeconfig", "w", encoding="utf-8") as file:
            file.write(KUBECONFIG.format(**places))
        with open(folder + "/config.yaml", "w", encoding="utf-8") as file:
            file.write(CONTROLLER.format(**places) + "".join(
                WORKLOAD.format(number=n, marks="" if n else f", podDeletionCost: true, metrics: {{port: {self.load.port}}}", **places)
                for n in range(WORKLOADS - 1)))
        with open(folder + "/log", "ab") as log:
            return subprocess.Popen([case.OPTIONS.build + "/controller/autoscaler", "run", "--config", folder + "/config.yaml"],
                                    stdout=log, stderr=log, preexec_fn=die_with_the_test)

    def stop_and_wake(self):
        """False where the one that was stopped had just lost the lease."""
        leader = self.audit.wait(lambda: self.audit.leads_and_writes(self.lease), PATIENCE)
        successor = next(user for user in self.users if user != leader)
        if random.random() < 0.5:
            time.sleep(random.uniform(0, 1))  # anywhere in a tick
        else:  # from the signals to the end of its writes
            self.load.wait_for_next(leader, 2)
            time.sleep(random.uniform(0, 0.5 if self.is_slow else 0.06))
        self.processes[leader].send_signal(signal.SIGSTOP)
        led = self.audit.standings.of[self.lease].user == leader
        try:
            # It is woken into the midst of its successor's writes, or after all of them.
            objects = random.choice([1, WORKLOADS + 2])
            self.audit.wait(lambda: self.audit.leads_and_writes(self.lease, objects) == successor, PATIENCE)
        finally:
            self.processes[leader].send_signal(signal.SIGCONT)
        return led

    def last_words(self):
        """Of both, but for what they decided; and the Lease."""
        words = [self.server.text("GET", f"/apis/coordination.k8s.io/v1/namespaces/{self.space}/leases/autoscaler")]
        for user in self.users:
            with open(f"{self.folder}/{user}/log", encoding="utf-8") as log:
                words += [user + ":", *[line.rstrip() for line in log if '"workload"' not in line][-12:]]
        return "\n".join(words)

    def end(self):
        for process in self.processes.values():
            process.kill()
            process.wait()


class Rounds:
    """So many are left, for all pairs."""

    def __init__(self, count):
        self.left, self.done, self.lock, self.errors = count, 0, threading.Lock(), []

    def take(self):
        with self.lock:
            self.left -= 1
            return self.left >= 0 and not self.errors

    def run(self, pair):
        try:
            while self.take():
                while not pair.stop_and_wake():
                    pass
                with self.lock:
                    self.done += 1
        except (TimeoutError, OSError) as error:
            self.errors.append(f"{pair.space}: {error!r}\n" + pair.last_words())


def lease_of(space, _=""):
    return space, "autoscaler"


def users_of(number):
    return [f"pair-{number}-a", f"pair-{number}-b"]


class LateWrites(unittest.TestCase):
    """What the other cases rest on."""

    def found(self, *writes):
        """(user, holder written into the Lease or the object, status) each, in the order of their versions."""
        entries = [Entry(version=i, user=user, space="x", status=status, seen=0, object=what if what.startswith("web") else "",
                         lease="" if what.startswith("web") else "autoscaler", holder=what)
                   for i, (user, what, status) in enumerate(writes)]
        return late_writes(random.sample(entries, len(entries)), lease_of)

    def test_a_write_after_the_successors_to_the_same_object_is_late(self):
        found = self.found(("a", "A", 201), ("a", "web", 200), ("b", "B", 200), ("a", "web", 200), ("b", "web", 200),
                           ("a", "web-2", 200), ("a", "web", 409), ("a", "web", 200), ("b", "B", 200))
        self.assertEqual([entry.version for entry in found.late], [7])
        self.assertEqual((found.writes, found.between, found.refused, found.taken), ({"sizes": 5}, 2, 1, 2))

    def test_each_object_is_judged_by_itself(self):
        writes = [("a", "PATCH", "configmaps/left", 200), ("b", "POST", "configmaps", 201), ("b", "PATCH", "pods/web-1", 200),
                  ("a", "PATCH", "scalingpolicies/web/status", 200), ("a", "PATCH", "pods/web-1", 200), ("a", "POST", "events", 201),
                  ("a", "PATCH", "pods/web-1", 409)]
        entries = [entry_of({"method": method, "path": f"/api/v1/namespaces/x/{path}", "user": user, "status": status, "version": number,
                             "body": '{"metadata":{"name":"left"}}'}) for number, (user, method, path, status) in enumerate(writes)]
        leads = Entry(version=-1, user="b", space="x", lease="autoscaler", object="", holder="B", status=201, seen=0)
        found = late_writes([leads, *filter(None, entries)], lease_of)
        self.assertEqual([entry.object for entry in found.late], ["pods/web-1"])
        self.assertEqual((found.writes, found.between, found.refused), ({"configmaps": 2, "pods": 2, "status": 1}, 2, 1))

    def test_one_that_handed_its_lease_over_does_not_lead(self):
        found = self.found(("a", "A", 201), ("a", "B", 200), ("b", "B", 200), ("b", "web", 200), ("a", "web", 200))
        self.assertEqual([entry.user for entry in found.late], ["a"])
        self.assertEqual((found.taken, found.seized), (2, 0))

    def test_one_that_runs_out_is_seized(self):
        found = self.found(("a", "A", 201), ("b", "B", 200), ("b", "", 200), ("a", "A", 200))
        self.assertEqual((found.taken, found.seized), (3, 1))

    def test_who_takes_it_back_leads_again(self):
        found = self.found(("a", "A", 201), ("b", "B", 200), ("b", "web", 200), ("a", "A", 200), ("a", "web", 200), ("b", "web", 200))
        self.assertEqual([entry.user for entry in found.late], ["b"])


class Stops(unittest.TestCase):
    SERVER, LEASE = FakeServer, 3  # seconds: on a busy machine it answers too late for one of 1 s

    @classmethod
    def setUpClass(cls):
        if cls.SERVER is RealServer and RealServer.missing():
            raise unittest.SkipTest(RealServer.missing())

    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="as-stops-")
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self.everybody = [user for number in range(PAIRS) for user in users_of(number)]
        self.server = self.SERVER(os.path.join(self.folder, "server"))
        self.addCleanup(self.server.close)
        self.server.know(*USERS, *self.everybody)
        self.server.start()
        roles = f"/apis/{RBAC}/v1/clusterroles"
        self.server.call("POST", roles, {"metadata": {"name": "pairs"}, "rules": READS + WRITES + LEASES + OBJECTS})
        self.server.call("POST", roles.replace("roles", "rolebindings"), {
            "metadata": {"name": "pairs"}, "roleRef": {"apiGroup": RBAC, "kind": "ClusterRole", "name": "pairs"},
            "subjects": [{"apiGroup": RBAC, "kind": "User", "name": user} for user in self.everybody]})
        definition = subprocess.run([case.OPTIONS.build + "/controller/autoscaler", "schema", "--crd"], capture_output=True, check=True).stdout
        self.server.call("POST", DEFINITIONS, yaml.safe_load(definition))
        wait_until(self.policies_are_served, "ScalingPolicies to be served", 60)
        self.load = RestlessLoad()
        self.addCleanup(self.load.close)
        self.audit = Audit(self.server, self.everybody, lease_of)
        self.addCleanup(self.audit.end)

    def policies_are_served(self):
        try:
            return "items" in self.server.call("GET", "/apis/autoscaler.io/v1alpha1/namespaces/default/scalingpolicies")
        except OSError:
            return False

    def test_one_that_was_stopped_and_woken_writes_nothing_after_its_successor(self):
        rounds = Rounds(ROUNDS)
        pairs = [Pair(number, self) for number in range(PAIRS)]
        for pair in pairs:
            self.addCleanup(pair.end)
            pair.start()
        began = time.monotonic()
        threads = [threading.Thread(target=rounds.run, args=(pair,)) for pair in pairs]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        took = time.monotonic() - began
        time.sleep(2)  # those that were woken last tick once more
        self.audit.end()
        found = late_writes(self.audit.entries, lease_of)
        print(f"\n{rounds.done} stops by {PAIRS} pairs in {took:.0f} s: {dict(found.writes)} written, {found.refused} refused with "
              f"409, {found.between} written by one without the lease before its successor's first, {len(found.late)} after it; "
              f"leases taken {found.taken} times", flush=True)
        self.assertEqual(rounds.errors, [])
        self.assertEqual(rounds.done, ROUNDS)
        self.assertEqual(found.late, [])
        self.assertGreater(found.writes["sizes"], ROUNDS)
        self.assertEqual(set(found.writes), {"sizes", "status", "configmaps", "pods"})


class StopsOnARealServer(Stops):
    SERVER, LEASE = RealServer, 1


if __name__ == "__main__":
    case.main()
