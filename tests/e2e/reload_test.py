"""The config file changes while the program runs and load comes in: as Kubernetes mounts a ConfigMap,
with a wrong one in between."""

import os

import case
from rig import wait_until

LOST = ("http", "refused", "reset", "timeout", "closed", "garbled", "no-connection")


class Reload(case.RigCase):
    def mount(self):
        """config.yaml -> ..data/config.yaml, ..data -> the folder of a version."""
        config = self.one.directory / "config.yaml"
        self.put(config.read_text())
        config.unlink()
        config.symlink_to("..data/config.yaml")

    def swap(self, edit):
        """Only the link of the folder changes, as the kubelet does it."""
        self.put(edit((self.one.directory / "config.yaml").read_text()))

    def put(self, text):
        version = self.one.directory / f"..v{self.versions}"
        self.versions += 1
        version.mkdir()
        (version / "config.yaml").write_text(text)
        (self.one.directory / "..tmp").symlink_to(version.name)
        os.rename(self.one.directory / "..tmp", self.one.directory / "..data")

    def messages(self, word):
        return [l["message"] for l in self.one.log_lines() if word in l["message"]]

    def gauge(self):
        return self.one.metric("autoscaler_config_last_reload_successful")

    def test_nothing_is_lost_and_a_wrong_one_changes_nothing(self):
        self.versions = 1
        rig = self.one = self.rig(max=4, policies="      - track: {signal: rps, perInstance: 55/s}\n")
        self.mount()
        rig.start_haproxy()
        rig.start_controller("--log", "json")
        wait_until(rig.in_service(2), "the first instances in service", 90)
        load = rig.start_load("900s@60")
        wait_until(lambda: len(load.seconds) >= 4, "load")
        before = {p["instance"]: p["pid"] for p in rig.processes()}
        tick, ticks = rig.get("/api/v1/workloads")["tick"], rig.metric("autoscaler_ticks_total")

        # Wrong: told with its place, once; what ran goes on, ready.
        self.swap(lambda text: text.replace("min: 2", "min: 9"))
        wait_until(lambda: self.gauge() == 0, "the wrong config is told")
        problems = rig.get("/api/v1/config")["problems"]
        self.assertIn("replicas", problems[0])
        self.assertIn("config.yaml:", problems[0])
        self.assertEqual(rig.get("/readyz", raw=True), "ok\n")
        self.assertEqual(rig.workload()["max"], 4)

        # Refused: what is opened at the start.
        self.swap(lambda text: text.replace("min: 9", "min: 2").replace(str(rig.listen), "1"))
        wait_until(lambda: self.messages("controller.listen: cannot change"), "the address is refused")
        self.assertEqual(self.gauge(), 0)

        # Good: one more at least, for the same load.
        self.swap(lambda text: text.replace('"127.0.0.1:1"', f'"127.0.0.1:{rig.listen}"').replace("min: 2", "min: 3"))
        wait_until(lambda: self.gauge() == 1, "the good config is taken up")
        self.assertEqual(rig.get("/api/v1/config")["problems"], [])
        self.assertEqual(self.messages("shop: replicas"), ["config: shop: replicas.min 2 -> 3"])
        self.assertEqual(len(self.messages("config not taken up")), 2, "each once")
        wait_until(rig.in_service(3), "a third one in service")
        after = {p["instance"]: p["pid"] for p in rig.processes()}
        self.assertEqual({k: after.get(k) for k in before}, before, "the first two have served on")
        wait_until(lambda: rig.get("/api/v1/workloads")["tick"] > tick + 3, "ticks go on in number")
        self.assertGreater(rig.metric("autoscaler_ticks_total"), ticks, "and so do the totals")
        # Windows go on: no reading was missing because of the reload.
        missing = [m for m in self.messages("could not be read") if "rps" in m]
        self.assertEqual(missing, [])
        wait_until(lambda: len(load.seconds) >= 12, "more load")

        # A workload that is taken out leaves its instances running.
        self.swap(lambda text: text.replace("- name: shop", "- name: other"))
        wait_until(lambda: self.messages("that are not in the config"), "the workload is gone")
        self.assertEqual({k: v for k, v in ((p["instance"], p["pid"]) for p in rig.processes()) if k in before}, before)
        lost = {kind: n for kind in LOST if (n := sum(second.get(kind, 0) for second in load.seconds))}
        self.assertEqual(lost, {})


if __name__ == "__main__":
    case.main()
