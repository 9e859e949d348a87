"""The image, built and run by a Docker engine of this test's own.

It needs root, Debian's docker.io and debootstrap, and Debian's mirror; where one of the first three is
missing it says so and skips. The engine has a folder of its own and no bridge, and leaves the host's
network and firewall alone. What is compiled outside is put into the image, so that nothing is
compiled in it.
"""

import argparse
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
SKIPPED = 77  # SKIP_RETURN_CODE in CMakeLists.txt
OPTIONS = None
CONFIG = """
controller: {listen: ":8080", journal: /var/lib/autoscaler/journal.db, interval: 1s}
workloads:
  - name: shop
    target: {process: {command: [/usr/bin/shop, "--port={port}"], ports: 9000-9009}}
    replicas: {min: 1, max: 4}
    signals: {cpu: {source: scrape, counter: process_cpu_seconds_total, capacity: 1}}
    policies: [{track: {signal: cpu, target: 65%}}, {schedule: {cron: 0 8 * * *, for: 10h, timeZone: Europe/Berlin, min: 2}}]
"""


def what_is_missing():
    if os.geteuid() != 0:
        return "this needs root"
    for program in ("dockerd", "debootstrap"):
        if shutil.which(program) is None:
            return f"{program} is not installed: ./dev image-test installs it"
    return None


class Engine:
    """dockerd with everything of its own in one folder."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.socket = f"unix://{self.folder}/docker.sock"
        self.log = open(self.folder / "dockerd.log", "wb")
        self.process = subprocess.Popen(
            ["dockerd", "--data-root", self.folder / "data", "--exec-root", self.folder / "exec", "-H", self.socket,
             "--pidfile", self.folder / "pid", "--bridge=none", "--iptables=false", "--ip6tables=false",
             "--ip-forward=false", "--ip-masq=false"], stdout=self.log, stderr=subprocess.STDOUT)
        deadline = time.monotonic() + 60
        while self.docker("version", check=False).returncode != 0:
            if self.process.poll() is not None or time.monotonic() > deadline:
                self.stop()
                raise RuntimeError((self.folder / "dockerd.log").read_text(errors="replace")[-2000:])
            time.sleep(0.2)

    def docker(self, *arguments, check=True, **options):
        program = "/usr/bin/docker" if os.path.exists("/usr/bin/docker") else "docker"
        ran = subprocess.run([program, "-H", self.socket, *arguments], stdout=subprocess.PIPE,
                             stderr=subprocess.STDOUT, text=True, check=False,
                             env={**os.environ, "DOCKER_BUILDKIT": "0"}, **options)
        if check and ran.returncode != 0:
            raise AssertionError(f"docker {' '.join(map(str, arguments))}: {ran.stdout[-3000:]}")
        return ran

    def stop(self):
        self.process.terminate()
        try:
            self.process.wait(timeout=60)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.log.close()
        # The namespaces of networks stay mounted, innermost last.
        for line in reversed(pathlib.Path("/proc/mounts").read_text().splitlines()):
            mounted = line.split()[1]
            if mounted.startswith(f"{self.folder}/"):
                subprocess.run(["umount", mounted], check=True)


def base_image(engine):
    """Debian 12 as `debian:12-slim`, kept in the build folder for the next time."""
    packed = pathlib.Path(OPTIONS.build) / "image-base.tar"
    if not packed.exists():
        with tempfile.TemporaryDirectory(dir=OPTIONS.build) as folder:
            subprocess.run(["debootstrap", "--variant=minbase", "bookworm", f"{folder}/root"], check=True,
                           stdout=subprocess.DEVNULL)
            subprocess.run(["tar", "-C", f"{folder}/root", "-cf", f"{folder}/base.tar", "."], check=True)
            os.rename(f"{folder}/base.tar", packed)
    engine.docker("import", str(packed), "debian:12-slim")


def build(engine):
    with tempfile.TemporaryDirectory() as folder:
        context = pathlib.Path(folder)
        shutil.copy(ROOT / "Dockerfile", context)
        shutil.copytree(ROOT / "image", context / "image")
        (context / "prebuilt").mkdir()
        shutil.copy(pathlib.Path(OPTIONS.build) / "controller" / "autoscaler", context / "prebuilt")
        engine.docker("build", "--network", "host", "-t", "autoscaler:test", str(context))


def eventually(check, seconds=40):
    deadline = time.monotonic() + seconds
    while True:
        found = check()
        if found or time.monotonic() > deadline:
            return found
        time.sleep(0.2)


def traces_on_the_host():
    """What an engine would change in the network of its host."""
    links = sorted(os.listdir("/sys/class/net"))
    forwards = pathlib.Path("/proc/sys/net/ipv4/ip_forward").read_text().strip()
    rules = subprocess.run(["iptables", "-S"], stdout=subprocess.PIPE, text=True, check=False).stdout
    return links, forwards, rules


class Image(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.before = traces_on_the_host()
        cls.folder = tempfile.TemporaryDirectory(prefix="autoscaler-image-")
        cls.addClassCleanup(cls.folder.cleanup)
        cls.engine = Engine(cls.folder.name)
        cls.addClassCleanup(cls.engine.stop)
        base_image(cls.engine)
        build(cls.engine)
        (pathlib.Path(cls.folder.name) / "config.yaml").write_text(CONFIG)

    def docker(self, *arguments, check=True):
        return self.engine.docker(*arguments, check=check)

    def run_controller(self, *arguments):
        container = self.docker(
            "run", "--detach", "--network", "none", "--read-only", "--cap-drop", "ALL", "--security-opt",
            "no-new-privileges", "--tmpfs", "/var/lib/autoscaler:uid=65532,gid=65532", "--health-interval", "1s",
            "--volume", f"{self.folder.name}/config.yaml:/etc/autoscaler/config.yaml:ro", "autoscaler:test",
            *arguments).stdout.strip()
        self.addCleanup(self.docker, "rm", "--force", container, check=False)
        return container

    def inspected(self, container):
        return json.loads(self.docker("inspect", container).stdout)[0]

    def test_it_runs_read_only_as_nobody_in_particular_and_answers_its_probes(self):
        container = self.run_controller("run", "--config", "/etc/autoscaler/config.yaml", "--dry-run")
        healthy = eventually(lambda: self.inspected(container)["State"]["Health"]["Status"] == "healthy")
        self.assertTrue(healthy, self.docker("logs", container).stdout)
        asked = self.docker("exec", container, "/usr/bin/autoscaler", "health")
        self.assertRegex(asked.stdout, r"^ok: ")
        pid = self.inspected(container)["State"]["Pid"]
        status = pathlib.Path(f"/proc/{pid}/status").read_text()
        self.assertIn("Uid:\t65532\t65532\t65532\t65532", status)
        self.assertIn("CapEff:\t0000000000000000", status)
        self.docker("stop", container)
        self.assertEqual(self.inspected(container)["State"]["ExitCode"], 0, self.docker("logs", container).stdout)

    def test_it_is_unhealthy_where_nothing_listens(self):
        ran = self.docker("run", "--rm", "--network", "none", "autoscaler:test", "health", check=False)
        self.assertEqual(ran.returncode, 1, ran.stdout)

    def test_it_knows_time_zones(self):
        ran = self.docker("run", "--rm", "--network", "none", "--volume",
                          f"{self.folder.name}/config.yaml:/etc/autoscaler/config.yaml:ro", "autoscaler:test", "check",
                          "/etc/autoscaler/config.yaml")
        self.assertIn("Europe/Berlin", ran.stdout)

    def test_the_host_is_left_as_it_was(self):
        self.assertEqual(traces_on_the_host(), self.before)

    def test_there_is_no_shell(self):
        for shell in ("/bin/sh", "/bin/bash", "/usr/bin/perl", "/usr/bin/apt-get"):
            ran = self.docker("run", "--rm", "--network", "none", "--entrypoint", shell, "autoscaler:test", check=False)
            self.assertEqual(ran.returncode, 127, shell + ran.stdout)

    def test_it_says_what_it_is(self):
        image = self.inspected("autoscaler:test")
        self.assertEqual(image["Config"]["User"], "65532:65532")
        self.assertEqual(image["Config"]["Healthcheck"]["Test"], ["CMD", "/usr/bin/autoscaler", "health"])
        labels = image["Config"]["Labels"]
        self.assertEqual(labels["org.opencontainers.image.title"], "autoscaler")
        version = self.docker("run", "--rm", "autoscaler:test", "version").stdout.split()[-1]
        self.assertEqual(labels["org.opencontainers.image.version"], version)
        self.assertLess(image["Size"], 60e6)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", required=True, help="a build folder with the program in it")
    OPTIONS, rest = parser.parse_known_args()
    OPTIONS.build = os.path.abspath(OPTIONS.build)
    missing = what_is_missing()
    if missing:
        print(f"image: skipped: {missing}")
        sys.exit(SKIPPED)
    unittest.main(argv=[sys.argv[0], *rest])
