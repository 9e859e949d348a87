"""The demo, shortened to a minute and left running: it loses nothing, and what it says stops it all."""

import contextlib
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import unittest

import case
from rig import marked_processes

DEMO = pathlib.Path(__file__).with_name("demo.py")


class Demo(unittest.TestCase):
    def test_the_short_one_loses_nothing_and_its_last_line_stops_what_it_left(self):
        told = subprocess.run([sys.executable, DEMO, "--build", case.OPTIONS.build, "--short", "--any-port", "--keep"],
                              capture_output=True, text=True, timeout=240)
        found = re.search(r"stop it with: (.*; rm -r (\S+))", told.stdout)
        self.assertTrue(found, told.stdout + told.stderr)
        command, directory = found.groups()
        pids = [int(pid) for pid in re.findall(r"kill (\d+)", command)]
        self.addCleanup(self.end, directory, pids)
        self.assertEqual(told.returncode, 0, told.stdout)
        self.assertTrue(marked_processes(pathlib.Path(directory) / "instances"), "nothing was left running")
        self.assertTrue(all(self.is_alive(pid) for pid in pids))

        subprocess.run(["bash", "-c", command], check=True, timeout=90)
        self.assertEqual(marked_processes(pathlib.Path(directory) / "instances"), [])
        self.assertFalse(any(self.is_alive(pid) for pid in pids))
        self.assertFalse(pathlib.Path(directory).exists())

    def is_alive(self, pid):
        """A zombie, whose new parent has not looked yet, is not."""
        with contextlib.suppress(OSError):
            return pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
        return False

    def end(self, directory, pids):
        for pid in pids + [p["pid"] for p in marked_processes(pathlib.Path(directory) / "instances")]:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        shutil.rmtree(directory, ignore_errors=True)


if __name__ == "__main__":
    case.main()
