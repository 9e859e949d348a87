"""The demo, shortened to a minute and left running: it loses nothing, its summary tells all that it
should, and what it says stops it all. Stopped in the middle, it leaves nothing behind."""

import contextlib
import json
import os
import pathlib
import pty
import re
import select
import shutil
import signal
import socket
import subprocess
import sys
import time
import unittest

import case
import demo
from rig import marked_processes, ports, wait_until

DEMO = [sys.executable, str(pathlib.Path(__file__).with_name("demo.py"))]


def is_alive(pid):
    """A zombie, whose new parent has not looked yet, is not."""
    with contextlib.suppress(OSError):
        return pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    return False


def processes_of(directory):
    """Every process of a demo: its parts name the directory as an argument, the instances carry it."""
    found = [p["pid"] for p in marked_processes(pathlib.Path(directory) / "instances")]
    for entry in pathlib.Path("/proc").iterdir():
        with contextlib.suppress(OSError):
            if entry.name.isdigit() and directory.encode() in (entry / "cmdline").read_bytes():
                found.append(int(entry.name))
    return found


def end(directory):
    for pid in processes_of(directory):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    shutil.rmtree(directory, ignore_errors=True)


class Whole(unittest.TestCase):
    def test_the_short_one_loses_nothing_and_its_last_line_stops_what_it_left(self):
        told = subprocess.run([*DEMO, "--build", case.OPTIONS.build, "--short", "--any-port", "--keep"],
                              capture_output=True, text=True, timeout=280)
        found = re.search(r"stop it with: (.*; rm -r (\S+))", told.stdout)
        self.assertTrue(found, told.stdout + told.stderr)
        command, directory = found.groups()
        pids = [int(pid) for pid in re.findall(r"kill (\d+)", command)]
        self.addCleanup(end, directory)
        self.assertEqual(told.returncode, 0, told.stdout)
        self.assertTrue(marked_processes(pathlib.Path(directory) / "instances"), "nothing was left running")
        self.assertTrue(all(is_alive(pid) for pid in pids))
        self.check_summary(told.stdout.partition("\nSummary\n")[2], pathlib.Path(directory))

        subprocess.run(["bash", "-c", command], check=True, timeout=120)
        self.assertEqual(processes_of(directory), [])
        self.assertFalse(any(is_alive(pid) for pid in pids))
        self.assertFalse(pathlib.Path(directory).exists())

    def check_summary(self, text, directory):
        def numbers(pattern):
            found = re.search(pattern, text)
            self.assertTrue(found, f"no line like {pattern} in:\n{text}")
            return [int(number) for number in found.groups()]

        with self.subTest("requests, and each that failed has a cause and the state of its instance"):
            requests, good = numbers(r"  requests +(\d+), (\d+) answered in full\n")
            meant = sum((end - begin) * rate for begin, end, rate in demo.story.steps_of(demo.SHORT))
            self.assertAlmostEqual(requests, meant, delta=0.05 * meant)
            causes = re.findall(r"  failed: (queue full|\d{3} \S{2}) +(\d+), on an instance that was (\w[\w ]*)\n", text)
            self.assertEqual(text.count("  failed"), len(causes) or 1)
            self.assertEqual(sum(int(count) for _, count, _ in causes), requests - good, text)
            self.assertEqual({cause for cause, _, _ in causes} - {"queue full"}, set())
            self.assertEqual(numbers(r"  lost at the client +(\d+)\n") + numbers(r"  lost to scaling +(\d+)\n"), [0, 0])

        log = [json.loads(line) for line in (directory / "controller.log").read_text().splitlines()]
        outs = [(int(l["from"]), int(l["to"])) for l in log if "reason" in l and int(l["to"]) > int(l["from"])]
        with self.subTest("peak and final size"):
            peak, final = numbers(r"  size +peak (\d+), at the end (\d+)\n")
            self.assertLessEqual(peak, max(to for _, to in outs))
            self.assertGreaterEqual(peak, 4)
            self.assertTrue(2 <= final < peak, (final, peak))

        with self.subTest("the time from each load step to enough capacity"):
            steps = re.findall(r" +(\d+) -> +(\d+)/s +([\d.]+) s\n", text)
            self.assertEqual([step[:2] for step in steps], [("60", "240"), ("240", "700")], text)
            self.assertTrue(all(0 < float(took) < 12 for _, _, took in steps), steps)

        with self.subTest("p95 before and after each scale-out"):
            p95 = re.findall(r" +(\d+) -> (\d+) +(no load|\d+ ms) -> (no load|\d+ ms)\n", text)
            self.assertEqual([(int(before), int(after)) for before, after, _, _ in p95], outs)
            self.assertTrue(any("no load" not in pair[2:] for pair in p95), p95)


class Terminal:
    """A demo with a terminal of its own, as a person has one."""

    def __init__(self, ports):
        arguments = [*DEMO, "--build", case.OPTIONS.build, "--ports", ",".join(map(str, ports))]
        self.pid, self.screen = pty.fork()
        if self.pid == 0:
            os.execv(arguments[0], arguments)
        self.text = ""
        self.code = None

    def read_until(self, pattern, seconds=120):
        until = time.monotonic() + seconds
        while not (found := re.search(pattern, self.text)):
            ready, _, _ = select.select([self.screen], [], [], max(0, until - time.monotonic()))
            if not ready:
                raise AssertionError(f"no {pattern} within {seconds} s:\n{self.text}")
            self.text += os.read(self.screen, 65536).decode()  # an error: the demo has ended
        return found

    def has_ended(self):
        if self.code is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            self.code = os.waitstatus_to_exitcode(status) if pid else None
        return self.code is not None

    def ends(self):
        wait_until(self.has_ended, f"the demo ends:\n{self.text}")
        return self.code

    def close(self):
        if self.screen is not None:
            os.close(self.screen)
            self.screen = None


class Stopped(unittest.TestCase):
    def setUp(self):
        self.ports = [ports.take(), ports.take()]
        self.demo = Terminal(self.ports)
        self.addCleanup(self.end)
        self.directory = self.demo.read_until(r"files in (\S+)").group(1)
        self.demo.read_until(r"\n +0s .*\n")  # under load
        self.assertGreaterEqual(len(marked_processes(pathlib.Path(self.directory) / "instances")), 2)
        self.assertGreaterEqual(len(processes_of(self.directory)), 5)  # HAProxy, controller, load

    def end(self):
        self.demo.close()
        if not self.demo.has_ended():
            os.kill(self.demo.pid, signal.SIGKILL)
            self.demo.ends()
        end(self.directory)

    def check_nothing_is_left(self):
        self.assertEqual(processes_of(self.directory), [])
        self.assertFalse(pathlib.Path(self.directory).exists())
        for port in self.ports:
            with socket.socket() as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                probe.bind(("127.0.0.1", port))

    def test_a_second_demo_is_told_the_port_and_ctrl_c_stops_the_first(self):
        ports = ",".join(map(str, self.ports))
        second = subprocess.Popen([*DEMO, "--build", case.OPTIONS.build, "--ports", ports],
                                  stdout=subprocess.PIPE, text=True)
        self.addCleanup(second.wait)
        self.addCleanup(second.terminate)
        wait_until(lambda: second.poll() is not None, "the second demo ends")
        self.assertEqual(second.returncode, 1)
        self.assertRegex(second.communicate()[0], rf"port {self.ports[0]} on 127.0.0.1.* is taken: is another demo running")
        self.assertFalse(self.demo.has_ended())

        for _ in range(10):  # an impatient one
            os.write(self.demo.screen, b"\x03")
            time.sleep(0.005)
        self.demo.read_until("stopped by SIGINT: nothing that the demo started is left")
        self.assertEqual(self.demo.ends(), 128 + signal.SIGINT)
        self.check_nothing_is_left()

    def test_a_kill_stops_all(self):
        os.kill(self.demo.pid, signal.SIGTERM)
        self.demo.read_until("stopped by SIGTERM: nothing that the demo started is left")
        self.assertEqual(self.demo.ends(), 128 + signal.SIGTERM)
        self.check_nothing_is_left()

    def test_a_terminal_that_is_closed_stops_all(self):
        self.demo.close()
        self.assertEqual(self.demo.ends(), 128 + signal.SIGHUP)
        self.check_nothing_is_left()


if __name__ == "__main__":
    case.main()
