"""What goes wrong in production, with the real parts: a clear message, and no wrong scale-in."""

import os
import pathlib
import signal
import socket
import subprocess

import case
from rig import Rig, wait_until


class Faults(case.RigCase):
    def said(self, rig, *words):
        return any(all(w in line["message"] for w in words) for line in rig.log_lines())

    def wait_said(self, rig, *words, seconds=20):
        self.wait(lambda: self.said(rig, *words), f"the log says {words}", seconds)

    def scale_ins(self, rig):
        return [l for l in rig.log_lines() if "reason" in l and int(l["to"]) < int(l["from"])]

    def test_every_instance_dead_is_replaced_and_is_no_reason_to_scale_in(self):
        rig = self.started()
        load = rig.start_load("12s@100")
        self.wait(lambda: len(load.seconds) > 4, "some seconds of load")
        for process in rig.processes():
            os.kill(process["pid"], signal.SIGKILL)
        self.wait_said(rig, "failed: exited")
        self.wait(lambda: rig.metric("autoscaler_instances", workload="shop", lifecycle="in_service") != 2,
                  "the loss is seen")
        self.wait_in_service(rig, 2)
        self.assertEqual(self.scale_ins(rig), [])
        names = [p["instance"] for p in rig.processes()]
        self.assertTrue(all(int(n.split("-")[1]) > 2 for n in names), f"new ids: {names}")
        load.process.kill()

    def test_haproxy_restarted_has_its_servers_back_within_two_ticks_of_answering(self):
        rig = self.started()
        rig.stop_haproxy()
        self.wait_said(rig, "balancer does not answer")
        before = rig.processes()
        rig.start_haproxy()
        ticks = rig.metric("autoscaler_ticks_total")
        self.wait(lambda: len(rig.servers()) == 2, "both servers are back")
        self.assertLessEqual(rig.metric("autoscaler_ticks_total") - ticks, 2)
        self.assertEqual(rig.processes(), before, "no instance was touched")
        self.assertEqual(self.scale_ins(rig), [])

    def test_haproxy_gone_or_hung_stops_no_instance_and_no_tick(self):
        rig = self.started(scale_down_window=0)
        rig.start_load("6s@200").wait(30)
        self.wait(lambda: len(rig.processes()) >= 3, "a third instance")
        rig.haproxy_process.send_signal(signal.SIGSTOP)
        before = len(rig.processes())
        self.wait_said(rig, "balancer does not answer")
        ticks = rig.metric("autoscaler_ticks_total")
        self.wait(lambda: rig.metric("autoscaler_ticks_total") >= ticks + 4, "ticks go on")
        self.assertGreaterEqual(len(rig.processes()), before, "nothing is stopped while HAProxy hangs")
        rig.haproxy_process.send_signal(signal.SIGCONT)
        self.wait_in_service(rig, 2, 40)

    def test_half_of_the_scrapes_failing_is_no_reason_to_scale_in(self):
        rig = self.started(min=4, scale_down_window=0, policies="      - track: {signal: cpu, target: 60%}\n")
        load = rig.start_load("30s@190")
        self.wait(lambda: len(load.seconds) > 6, "some seconds of load")
        stuck = rig.processes()[:2]
        for process in stuck:
            os.kill(process["pid"], signal.SIGSTOP)
        self.wait(lambda: rig.metric("autoscaler_read_errors_total", source="instance", reason="timeout"),
                  "scrapes time out")
        self.wait(lambda: self.said(rig, "could not be read"), "the log names who")
        self.assertEqual(self.scale_ins(rig), [])
        for process in stuck:
            os.kill(process["pid"], signal.SIGCONT)
        load.process.kill()

    def test_an_instance_that_never_becomes_healthy_is_not_added_for_ever(self):
        rig = self.rig(service_flags="--fail-health", startup_deadline="2s", min=3, max=6)
        rig.start_haproxy()
        rig.start_controller("--log", "json")
        self.wait_said(rig, "startupDeadline")
        self.wait_said(rig, "launches in a row came to nothing", seconds=30)
        launched = lambda: rig.metric("autoscaler_changes_total", change="launch", outcome="applied")
        # Three at first, then one at a time, 8 s, 16 s, ... apart.
        first = launched()
        self.assertLessEqual(first, 4)
        ticks = rig.metric("autoscaler_ticks_total")
        self.wait(lambda: rig.metric("autoscaler_ticks_total") >= ticks + 8, "eight more ticks")
        self.assertLessEqual(launched() - first, 2)
        self.assertEqual(rig.servers(), {}, "none of them was given traffic")

    def test_a_command_that_does_not_exist_is_named(self):
        rig = self.rig()
        config = rig.directory / "config.yaml"
        config.write_text(config.read_text().replace(rig.binary("sample-service"), "/no/such/service"))
        rig.start_haproxy()
        rig.start_controller("--log", "json")
        self.wait_said(rig, "/no/such/service", "does not exist")
        self.assertEqual(rig.processes(), [])
        self.assertIsNone(rig.controller.poll(), "the controller goes on")

    def test_ports_in_use_are_passed_over(self):
        rig = self.rig(min=2, max=2)
        taken = socket.socket()
        taken.bind(("127.0.0.1", rig.first_port))
        taken.listen()
        rig.start_haproxy()
        rig.start_controller("--log", "json")
        self.wait_in_service(rig, 2)
        ports = {int(s["port"]) for s in rig.servers().values()}
        self.assertNotIn(rig.first_port, ports)
        taken.close()

    def test_its_own_port_in_use_is_said_at_once(self):
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            rig = self.rig(listen=taken.getsockname()[1])
            rig.start_haproxy()
            rig.start_controller("--log", "json", wait=False)
            self.assertEqual(rig.controller.wait(timeout=20), 1)
            self.assertTrue(self.said(rig, "controller.listen", str(rig.listen)), rig.log_tail())

    def test_a_second_controller_on_one_journal_is_refused(self):
        rig = self.started()
        second = subprocess.run([rig.binary("autoscaler"), "run", "--config", str(rig.directory / "config.yaml")],
                                capture_output=True, text=True, timeout=20)
        self.assertEqual(second.returncode, 1)
        self.assertIn(str(rig.controller.pid), second.stderr)

    def test_a_backend_that_cannot_take_servers_is_refused_naming_the_line(self):
        rig = self.rig()
        rig.write_haproxy_config(algorithm="static-rr")
        rig.start_haproxy()
        rig.start_controller("--log", "json", wait=False)
        self.assertEqual(rig.controller.wait(timeout=20), 2)
        self.assertTrue(self.said(rig, "balance static-rr"), rig.log_tail())

    def test_servers_that_are_not_ours_are_never_touched(self):
        rig = self.rig()
        rig.write_haproxy_config(servers="  server legacy 127.0.0.1:1 disabled\n")
        rig.start_haproxy()
        before = rig.servers()["legacy"]
        rig.start_controller("--log", "json")
        self.wait_in_service(rig, 2)
        rig.stop_controller()
        self.assertEqual(rig.servers()["legacy"], before)

    def test_with_a_full_disk_under_the_journal_it_scales_out_but_not_in(self):
        if os.geteuid() != 0:
            self.skipTest("needs root, to mount a small disk: run the tests as root")
        state = pathlib.Path(self.directory) / "state"
        state.mkdir()
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(state)], check=True)
        self.addCleanup(subprocess.run, ["umount", "-l", str(state)])
        rig = self.started(scale_down_window=0)
        filler = state / "filler"
        full = os.open(filler, os.O_CREAT | os.O_WRONLY)
        with self.assertRaises(OSError):
            while True:
                os.write(full, b"x" * 4096)
        os.close(full)
        load = rig.start_load("25s@250")
        self.wait_said(rig, "journal cannot be written", seconds=40)
        self.assertEqual(rig.metric("autoscaler_journal_up"), 0)
        self.assertIn("journal", rig.get("/readyz", raw=True))
        self.wait(lambda: list(rig.instances().values()).count("in_service") >= 4, "it scales out all the same", 30)
        load.process.kill()
        ticks = rig.metric("autoscaler_ticks_total")
        self.wait(lambda: rig.metric("autoscaler_ticks_total") >= ticks + 8, "eight ticks without load", 30)
        self.assertEqual(self.scale_ins(rig), [], "no scale-in without a journal")
        filler.unlink()
        self.wait(lambda: rig.metric("autoscaler_journal_up") == 1, "the journal is written again", 90)
        self.wait_in_service(rig, 2, 60)

    def test_killed_and_started_again_it_adopts_what_runs(self):
        rig = self.started()
        before = rig.processes()
        rig.stop_controller(signal.SIGKILL)
        rig.start_controller("--log", "json")
        self.wait_in_service(rig, 2)
        self.assertEqual(rig.processes(), before)

    def test_stop_instances_drains_and_stops_everything(self):
        rig = self.rig()
        rig.start_haproxy()
        rig.start_controller("--log", "json", "--stop-instances")
        self.wait_in_service(rig, 2)
        self.assertEqual(rig.stop_controller(), 0)
        self.assertEqual((rig.processes(), rig.servers()), ([], {}))


if __name__ == "__main__":
    case.main()
