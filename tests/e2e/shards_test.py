"""Three replicas divide three shards among themselves; one is killed, one is stopped, and both come back."""

import re
import signal
import time
import urllib.error
import urllib.request

import case
from kubernetes_case import READS, WRITES, KubernetesCase, on_both_servers
from late_writes import Audit, late_writes
from restless_load import RestlessLoad

LEASES = [{"apiGroups": ["coordination.k8s.io"], "resources": ["leases"], "verbs": ["create"]},
          {"apiGroups": ["coordination.k8s.io"], "resources": ["leases"], "verbs": ["get", "patch"],
           "resourceNames": ["autoscaler-0", "autoscaler-1", "autoscaler-2", "autoscaler-replicas"]},
          {"apiGroups": [""], "resources": ["configmaps"], "verbs": ["create"]},
          {"apiGroups": [""], "resources": ["configmaps"], "verbs": ["get", "patch"],
           "resourceNames": ["autoscaler-0-state", "autoscaler-1-state", "autoscaler-2-state"]}]
USERS = ("one", "two", "three")
NAMES = [f"web-{number}" for number in range(9)]
SHARDS = 3
DURATION = 6
CONFIG = """\
controller:
  interval: 1s
  listen: "127.0.0.1:0"
  journal: {directory}/autoscaler.db
  kubernetes:
    kubeconfig: {directory}/kubeconfig
    lease: {{name: autoscaler, namespace: scaling, shards: {shards}, duration: {duration}s, renew: 1s}}
workloads:
"""
WORKLOAD = """\
  - name: {name}
    target: {{kubernetes: {{namespace: shop, name: {name}}}}}
    replicas: {{min: 1, max: 1000}}
    signals: {{load: {{source: json, url: "{load}/{user}/{name}", pointer: ""}}}}
    policies: [{{track: {{signal: load, perInstance: 100}}}}]
    behavior: none
    guards: {{flapBudget: none}}
"""
WORD = (1 << 64) - 1


def score(candidate, key):
    """As docs/decisions/0009-shards.md has it."""
    number = 0xcbf29ce484222325
    for byte in f"{candidate}/{key}".encode():
        number = (number ^ byte) * 0x100000001b3 & WORD
    number = number + 0x9e3779b97f4a7c15 & WORD
    number = (number ^ number >> 30) * 0xbf58476d1ce4e5b9 & WORD
    number = (number ^ number >> 27) * 0x94d049bb133111eb & WORD
    return number ^ number >> 31


def lease_of(_, name):
    """Of a workload, or of what is left beside a Lease."""
    if name.startswith("configmaps/"):
        return "scaling", name.removeprefix("configmaps/").removesuffix("-state")
    return "scaling", f"autoscaler-{max(range(SHARDS), key=lambda shard: score(shard, name))}"


@on_both_servers
class Shards(KubernetesCase):
    def setUp(self):
        super().setUp()
        self.kubelet.kill()  # sizes alone: a pod that never gets ready would hold back scale-in
        self.kubelet.wait()
        self.allow(READS + WRITES + LEASES, USERS)
        for name in NAMES:
            labels = {"app": name}
            self.call("POST", "/apis/apps/v1/namespaces/shop/deployments", {"metadata": {"name": name}, "spec": {
                "replicas": 1, "selector": {"matchLabels": labels}, "template": {
                    "metadata": {"labels": labels}, "spec": {"containers": [{"name": "app", "image": "none"}]}}}})
        self.load = RestlessLoad()
        self.addCleanup(self.load.close)
        self.audit_along = Audit(self.server, USERS, lease_of)
        self.addCleanup(self.audit_along.end)
        self.controllers, self.directories = {}, {}

    def start_replica(self, user):
        directory = self.directory / f"{user}-{time.monotonic_ns()}"
        directory.mkdir()
        self.write_config(directory, user)
        (directory / "config.yaml").write_text(
            CONFIG.format(directory=directory, shards=SHARDS, duration=DURATION) +
            "".join(WORKLOAD.format(name=name, user=user, load=self.load.url) for name in NAMES))
        self.directories[user] = directory
        self.controllers[user] = self.start_controller(directory=directory)

    def page(self, user, path):
        port = re.search(r"127\.0\.0\.1:(\d+)", (self.directories[user] / "controller.log").read_text()).group(1)
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=30) as response:
                return response.read().decode()
        except urllib.error.HTTPError as error:
            return error.read().decode()

    def leads(self, user, count):
        return self.page(user, "/readyz").startswith(f"ok: leads {count} of {SHARDS} shards")

    def each_leads_one(self):
        return all(self.leads(user, 1) for user in USERS)

    def seized(self):
        """How often a lease ran out and was taken, which in a move none does."""
        return sum(standing.seized for standing in self.audit_along.standings.of.values())

    def times_written(self, moment):
        """Of the workload that was written least often."""
        return min(sum(e.object == name for e in self.written_after(moment)) for name in NAMES)

    def written_after(self, moment):
        """Sizes."""
        return [e for e in self.audit_along.entries if e.object in NAMES and e.status == 200 and e.seen > moment]

    def all_are_written_by(self, users, moment):
        return {entry.object for entry in self.written_after(moment) if entry.user in users} == set(NAMES)

    def longest_gap(self, begin, end):
        """Between two writes of one workload, in seconds."""
        gaps = []
        for name in NAMES:
            at = [e.seen for e in self.audit_along.entries if e.object == name and e.status == 200 and begin <= e.seen <= end]
            gaps += [after - before for before, after in zip([begin] + at, at + [end])]
        return max(gaps)

    def follow(self, users, moment):
        """So long until all workloads are written by those who are left."""
        self.wait(lambda: self.all_are_written_by(users, moment), f"{users} to write all sizes")
        return max(min(e.seen for e in self.written_after(moment) if e.object == name and e.user in users) for name in NAMES) - moment

    def test_all_workloads_go_on_when_a_replica_dies_and_another_is_stopped(self):
        self.start_replica("one")
        self.wait(lambda: self.all_are_written_by(["one"], 0), "one to write all sizes")
        moved = time.monotonic()
        for user in ("two", "three"):
            self.start_replica(user)
        self.wait(lambda: "127.0.0.1" in (self.directories["three"] / "controller.log").read_text(), "the others to start")
        self.wait(self.each_leads_one, "each to lead one shard", 180)
        begin = time.monotonic()
        self.wait(lambda: self.all_are_written_by(USERS, begin), "all sizes to be written")
        gap = self.longest_gap(moved, time.monotonic())
        self.assertEqual({e.user for e in self.written_after(begin)}, set(USERS))
        self.wait(lambda: self.times_written(begin) >= 6, "all sizes to be written time and again")
        self.assertEqual(self.seized(), 0)
        # A tick: a second, and what this machine adds, which a fake server in Python keeps busy too.
        calm = self.longest_gap(begin, time.monotonic())
        self.assertIn('autoscaler_leader{lease="scaling/autoscaler-0"}', self.page("one", "/metrics"))

        killed = time.monotonic()
        self.controllers["one"].kill()
        after_death = self.follow(["two", "three"], killed)

        stopped = time.monotonic()
        self.controllers["two"].send_signal(signal.SIGSTOP)
        after_stop = self.follow(["three"], stopped)
        self.controllers["two"].send_signal(signal.SIGCONT)
        self.start_replica("one")
        self.wait(lambda: "127.0.0.1" in (self.directories["one"] / "controller.log").read_text(), "the first to be back")
        back, seized = time.monotonic(), self.seized()
        self.assertGreaterEqual(seized, 2)
        self.wait(self.each_leads_one, "each to lead one shard again", 180)  # who lost one to a busy machine waits longer
        self.wait(lambda: self.all_are_written_by(USERS, time.monotonic() - 5), "all sizes to be written")
        again = self.longest_gap(back, time.monotonic())
        self.assertEqual(self.seized(), seized)
        self.audit_along.end()
        found = late_writes(self.audit_along.entries, lease_of)
        print(f"\nticks left a workload alone for {calm:.1f} s, moves for {gap:.1f} and {again:.1f} s, a death {after_death:.1f} s, a stop {after_stop:.1f} s; "
              f"{dict(found.writes)} written, {found.refused} refused with 409, leases taken {found.taken} times", flush=True)
        self.assertEqual(found.late, [])
        self.assertEqual([line for user in USERS for line in self.requests(" 403", user)], [])
        # The lease, the time of the requests that take it, one tick, whoever else is dead, and how late that is seen; in a
        # move nobody waits for a lease.
        at_most = DURATION * 1.1 + calm + self.audit_along.interval
        self.assertLess(after_death, at_most)
        self.assertLess(after_stop, at_most)
        self.assertLess(max(gap, again), 0.85 * DURATION + 2 * (calm - 1))


if __name__ == "__main__":
    case.main()
