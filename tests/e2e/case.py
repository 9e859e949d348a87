"""What every end-to-end test shares: a rig in a short-lived directory, and its logs when it fails."""

import argparse
import shutil
import sys
import tempfile
import unittest

from rig import Rig, wait_until

_parser = argparse.ArgumentParser()
_parser.add_argument("--build", default="build/dev")
OPTIONS, _rest = _parser.parse_known_args()


class RigCase(unittest.TestCase):
    def setUp(self):
        self.directory = tempfile.mkdtemp(prefix="as-e2e-")
        # The last of all: a test may have mounted something there.
        self.addCleanup(shutil.rmtree, self.directory, ignore_errors=True)
        self.rigs = []

    def tearDown(self):
        outcome = self._outcome.result
        failed = any(test is self for test, _ in outcome.failures + outcome.errors)
        for rig in self.rigs:
            if failed and rig.controller_log.exists():
                print("--- the controller's last words\n" + rig.log_tail(30), file=sys.stderr)
            rig.close()

    def rig(self, **settings):
        made = Rig(OPTIONS.build, self.directory, **settings)
        self.rigs.append(made)
        return made

    def started(self, **settings):
        """HAProxy and the controller running, the first instances in service."""
        rig = self.rig(**settings)
        rig.start_haproxy()
        rig.start_controller("--log", "json")
        self.wait_in_service(rig, rig.settings["min"])
        return rig

    def wait_in_service(self, rig, count, seconds=90):
        wait_until(rig.in_service(count), f"{count} instances in service; now {rig.instances()}", seconds)

    def wait(self, condition, what, seconds=60):
        return wait_until(condition, what, seconds)


def main():
    unittest.main(argv=[sys.argv[0], *_rest], verbosity=2)
