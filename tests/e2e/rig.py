"""Real parts on loopback: HAProxy, the controller, the sample service under it, and load.

A Rig owns one directory and everything started in it; `close` stops all of it. Nothing here knows
what is being tested.
"""

import contextlib
import json
import os
import pathlib
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "fakes"))
import ports  # noqa: E402

HAPROXY_CONFIG = """\
global
  stats socket {socket} mode 600 level admin
  log 127.0.0.1:{log_port} len 4096 format raw local0
  maxconn 4000
defaults
  mode http
  log global
  log-format '{{"status":%ST,"server":"%s","term":"%tsc","ms":%Ta,"queue_ms":%Tw,"retries":"%rc"}}'
  timeout connect 2s
  timeout client 30s
  timeout server 30s
  timeout queue 10s
  # Nothing is tried twice and so nothing is hidden: a request that meets an instance which is not
  # there is counted as failed.
  retries 0
frontend front
  bind 127.0.0.1:{port}
  default_backend {backend}
backend {backend}
  balance {algorithm}
  option httpchk GET /healthz
  http-reuse safe
{servers}"""

CONFIG = """\
controller: {{interval: {interval}, listen: "127.0.0.1:{listen}", journal: {directory}/state/autoscaler.db{state}}}
workloads:
  - name: {name}
    target:
      process:
        command: [{service}, --port, "{{port}}", --workers, "4", --service-time, 50ms, --queue, "{queue}", {service_flags}]
        ports: {ports}
        logDirectory: {directory}/logs
        stopGrace: 10s
    loadBalancer:
      haproxy: {{socket: {directory}/haproxy.sock, backend: shop, checkInterval: 500ms}}
    replicas: {{min: {min}, max: {max}}}
    warmup: {warmup}
    startupDeadline: {startup_deadline}
    unhealthyAfter: 3s
    drainDeadline: 15s
    signals:
      cpu: {{source: scrape, counter: process_cpu_seconds_total, capacity: 4, window: 5s}}
      rps: {{source: balancer, value: requestRate, window: {rps_window}}}
      latency: {{source: scrape, histogram: http_request_duration_seconds, window: {latency_window}}}
      errors: {{source: balancer, value: errors, window: 5s}}
    policies:
{policies}
    behavior:
      scaleUp: {{policies: [{{type: Percent, value: 200, periodSeconds: 5}}]}}
      scaleDown: {{stabilizationWindowSeconds: {scale_down_window}}}
    cooldown: {{out: {cooldown_out}, in: {cooldown_in}}}
"""

# Capacity of one instance: 4 workers / 50 ms = 80 requests a second.
CAPACITY = 80

# rps is the balancer's: it counts what a full queue turned away too, where CPU ends at 100 %.
POLICIES = """\
      - track: {signal: rps, perInstance: 55/s}
      - track: {signal: cpu, target: 70%}
      - threshold:
          out: {any: [{signal: latency, above: 400ms}, {signal: errors, above: 5%}], add: 2, cooldown: 10s}
"""

# state_directory None: the config has none, and the files of the instances are beside the journal.
DEFAULTS = {
    "name": "shop", "state_directory": "instances", "interval": "1s", "min": 2, "max": 16, "warmup": "2s", "startup_deadline": "20s",
    "scale_down_window": 12, "policies": POLICIES, "service_flags": "--startup-delay, 500ms",
    "cooldown_out": "0s", "cooldown_in": "0s", "queue": 40, "rps_window": "3s", "latency_window": "5s",
}


class Failure(Exception):
    """Something that a test or the demo relies on did not come about."""


def wait_until(condition, what, seconds=60.0, every=0.05):
    """Polls `condition` until it gives something true, and returns that. `seconds`: a safety net, for busy machines."""
    end = time.monotonic() + seconds
    while True:
        result = condition()
        if result:
            return result
        if time.monotonic() > end:
            raise Failure(f"not within {seconds:g} s: {what}")
        time.sleep(every)


def marked_processes(state):
    """The processes that were started with this state directory, whoever knows of them."""
    marker = f"AUTOSCALER_STATE={state}".encode()
    found = []
    for entry in pathlib.Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        with contextlib.suppress(OSError):
            variables = (entry / "environ").read_bytes().split(b"\0")
            if marker in variables:
                named = dict(v.split(b"=", 1) for v in variables if b"=" in v)
                status = (entry / "stat").read_text().rpartition(")")[2].split()[0]
                if status != "Z":
                    found.append({"pid": int(entry.name), "port": int(named.get(b"PORT", b"0")),
                                  "instance": named.get(b"AUTOSCALER_INSTANCE", b"").decode()})
    return sorted(found, key=lambda p: p["instance"])


class LogSink:
    """Takes HAProxy's log lines over UDP, with the time at which each came."""

    def __init__(self):
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
        self.socket.bind(("127.0.0.1", 0))
        self.socket.settimeout(0.2)
        self.port = self.socket.getsockname()[1]
        self.lines = []
        self.closing = False
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    def _run(self):
        while not self.closing:
            try:
                line = self.socket.recv(8192)
            except TimeoutError:
                continue
            start = line.find(b"{")
            if start >= 0:
                with contextlib.suppress(ValueError):
                    self.lines.append((time.time(), json.loads(line[start:])))

    def close(self):
        self.closing = True
        self.thread.join()
        self.socket.close()


class Load:
    """A running load generator and what it says each second."""

    def __init__(self, process):
        self.process = process
        self.zero = None
        self.seconds = []
        self.total = None
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    def _run(self):
        for line in self.process.stdout:
            with contextlib.suppress(ValueError):
                said = json.loads(line)
                if "zero_epoch_s" in said:
                    self.zero = said["zero_epoch_s"]
                elif "second" in said:
                    self.seconds.append(said)
                else:
                    self.total = said

    def wait(self, seconds):
        self.process.wait(timeout=seconds)
        self.thread.join()
        return self.total


class Rig:
    def __init__(self, build, directory, **settings):
        self.build = pathlib.Path(build).resolve()
        self.directory = pathlib.Path(directory).resolve()
        for folder in ("state", "logs"):
            (self.directory / folder).mkdir(parents=True, exist_ok=True)
        self.settings = {**DEFAULTS, **settings}
        self.state = self.directory / (self.settings["state_directory"] or "state")
        self.listen = self.settings.get("listen") or ports.take()
        self.front = self.settings.get("front") or ports.take()
        # Unix socket paths end at 107 characters: the directory must be short.
        self.haproxy_socket = self.directory / "haproxy.sock"
        self.first_port = ports.take(self.settings["max"] * 2)
        self.log = LogSink()
        self.haproxy_process = None
        self.controller = None
        self.loads = []
        self.controller_log = self.directory / "controller.log"
        self.write_haproxy_config()
        self.write_config()

    # Parts ------------------------------------------------------------------------------------
    def binary(self, name):
        for folder in ("controller", "tests/e2e/service", "tests/e2e/load", "tests/e2e/crash"):
            found = self.build / folder / name
            if found.exists():
                return str(found)
        raise Failure(f"{name} is not built under {self.build}")

    def write_haproxy_config(self, servers="", algorithm="leastconn", backend="shop"):
        (self.directory / "haproxy.cfg").write_text(HAPROXY_CONFIG.format(
            socket=self.haproxy_socket, log_port=self.log.port, port=self.front,
            servers=servers, algorithm=algorithm, backend=backend))

    def write_config(self, **changes):
        self.settings.update(changes)
        last = self.first_port + 2 * self.settings["max"] - 1
        text = CONFIG.format(
            directory=self.directory, listen=self.listen, service=self.binary("sample-service"),
            state=f", stateDirectory: {self.state}" if self.settings["state_directory"] else "",
            ports=f"{self.first_port}-{last}",
            **{k: self.settings[k] for k in DEFAULTS if k != "state_directory"})
        (self.directory / "config.yaml").write_text(text)

    def start_haproxy(self):
        self.haproxy_process = subprocess.Popen(
            ["/usr/sbin/haproxy", "-db", "-f", str(self.directory / "haproxy.cfg")],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait_until(lambda: self.haproxy("show info", quiet=True), "HAProxy's socket answers")

    def stop_haproxy(self):
        self.haproxy_process.kill()
        self.haproxy_process.wait()

    def start_controller(self, *arguments, binary="autoscaler", environment=None, wait=True):
        with open(self.controller_log, "ab") as log:
            self.controller = subprocess.Popen(
                [self.binary(binary), "run", "--config", str(self.directory / "config.yaml"), *arguments],
                stdout=subprocess.DEVNULL, stderr=log, env={**os.environ, **(environment or {})})
        if wait:
            wait_until(self.ready_or_dead, "the controller's first tick")
            if self.controller.poll() is not None:
                raise Failure(f"the controller ended with {self.controller.returncode}:\n{self.log_tail()}")
        return self.controller

    def ready_or_dead(self):
        return self.controller.poll() is not None or self.get("/api/v1/workloads", quiet=True)

    def stop_controller(self, sig=signal.SIGTERM, seconds=60):
        if self.controller is not None and self.controller.poll() is None:
            self.controller.send_signal(sig)
            self.controller.wait(timeout=seconds)
        return self.controller.returncode if self.controller is not None else None

    def start_load(self, steps, csv=None, **flags):
        command = [self.binary("load-generator"), "--url", f"http://127.0.0.1:{self.front}/work", "--steps", steps]
        if csv:
            command += ["--csv", str(csv)]
        for name, value in flags.items():
            command += ["--" + name.replace("_", "-"), str(value)]
        load = Load(subprocess.Popen(command, stdout=subprocess.PIPE, text=True))
        self.loads.append(load)
        return load

    def close(self):
        """Stops everything that was started here; what is left running would be somebody's bug."""
        for load in self.loads:
            if load.process.poll() is None:
                load.process.kill()
            load.process.wait()
            load.thread.join()
            load.process.stdout.close()
        if self.controller is not None and self.controller.poll() is None:
            self.controller.send_signal(signal.SIGCONT)
            self.controller.kill()
            self.controller.wait()
        if self.haproxy_process is not None and self.haproxy_process.poll() is None:
            self.haproxy_process.send_signal(signal.SIGCONT)
            self.stop_haproxy()
        self.log.close()
        wait_until(lambda: not self.kill_instances(), "the instances are killed")

    def kill_instances(self):
        """Those that there were."""
        found = self.processes()
        for process in found:
            with contextlib.suppress(ProcessLookupError):
                os.kill(process["pid"], signal.SIGKILL)
        return found

    # What they show ---------------------------------------------------------------------------
    def get(self, path, quiet=False, raw=False):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.listen}{path}", timeout=20) as answer:
                text = answer.read().decode()
                return text if raw else json.loads(text)
        except urllib.error.HTTPError as error:
            return error.read().decode() if raw else None
        except (OSError, ValueError):
            if quiet:
                return None
            raise

    def instances(self):
        """Lifecycle by instance, as the controller sees it."""
        answer = self.get(f"/api/v1/workloads/{self.settings['name']}/instances", quiet=True) or {}
        return {i["id"]: i["lifecycle"] for i in answer.get("instances", [])}

    def workload(self):
        """All that the API says of the workload at its last tick."""
        return (self.get(f"/api/v1/workloads/{self.settings['name']}", quiet=True) or {}).get("workload", {})

    def metric(self, name, **labels):
        """The value of one series of the controller's /metrics, or None."""
        for line in (self.get("/metrics", quiet=True, raw=True) or "").splitlines():
            if not line.startswith(name):
                continue
            series, _, value = line.rpartition(" ")
            if series.split("{")[0] == name and all(f'{k}="{v}"' in series for k, v in labels.items()):
                return float(value)
        return None

    def haproxy(self, command, quiet=False):
        try:
            with socket.socket(socket.AF_UNIX) as control:
                control.settimeout(20)
                control.connect(str(self.haproxy_socket))
                control.sendall(command.encode() + b"\n")
                answer = b""
                while chunk := control.recv(65536):
                    answer += chunk
                return answer.decode()
        except OSError:
            if quiet:
                return None
            raise

    def servers(self):
        """HAProxy's own table of the backend: address, administrative and operational state."""
        rows = {}
        for line in (self.haproxy("show servers state shop", quiet=True) or "").splitlines():
            words = line.split(" ")
            if len(words) > 18 and words[0].isdigit():
                rows[words[3]] = {"address": words[4], "operational": words[5], "admin": int(words[6]),
                                  "port": words[18]}
        return rows

    def processes(self):
        """Every process on this host that carries our marker: what really runs."""
        return marked_processes(self.state)

    def answering(self):
        """Port by instance of every process that passes its health check, asked directly."""
        found = {}
        for process in self.processes():
            with contextlib.suppress(OSError):
                page = f"http://127.0.0.1:{process['port']}/healthz"
                with urllib.request.urlopen(page, timeout=1) as answer:
                    if answer.status == 200:
                        found[process["instance"]] = process["port"]
        return found

    def log_lines(self):
        """The controller's log, one dictionary a line."""
        lines = []
        for line in self.controller_log.read_text().splitlines():
            with contextlib.suppress(ValueError):
                lines.append(json.loads(line))
        return lines

    def log_tail(self, count=15):
        return "\n".join(self.controller_log.read_text().splitlines()[-count:])

    def in_service(self, count):
        return lambda: list(self.instances().values()).count("in_service") == count
