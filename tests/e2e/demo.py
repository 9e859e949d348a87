"""./dev demo: a real service behind a real HAProxy under real load, sized live."""

import argparse
import contextlib
import os
import pathlib
import shutil
import signal
import sys
import tempfile
import time

import story
from rig import CAPACITY, Failure, Rig

# Up in steps, into a spike, and back down: about three minutes, and a minute with --short.
LONG = "20s@60,25s@180,25s@360,20s@900,25s@300,25s@120,30s@40"
SHORT = "8s@60,10s@240,12s@700,12s@150,14s@40"
FRONT, LISTEN = 18000, 18080
# Ctrl-C, a kill, and a terminal that was closed.
STOPS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Stopped(BaseException):
    """Told to stop before the end, by a signal."""


def stop(number, _frame):
    be_deaf()
    raise Stopped(number)


def be_deaf():
    """What is being stopped is stopped to the end, however often that is asked for."""
    for each in STOPS:
        signal.signal(each, signal.SIG_IGN)


def two_ports(text):
    front, listen = (int(part) for part in text.split(","))
    return front, listen


def parse():
    parser = argparse.ArgumentParser(prog="./dev demo", description=__doc__)
    parser.add_argument("--build", default="build/release", help=argparse.SUPPRESS)
    parser.add_argument("--short", action="store_true", help="one minute instead of three")
    parser.add_argument("--keep", action="store_true", help="leave everything running at the end")
    parser.add_argument("--ports", type=two_ports, default=(FRONT, LISTEN), metavar="N,M",
                        help=f"HAProxy's and the controller's, instead of {FRONT},{LISTEN}")
    parser.add_argument("--any-port", action="store_true", help="on free ports")
    return parser.parse_args()


def say(text=""):
    try:
        print(text, flush=True)
    except OSError:  # nobody reads on: the terminal or the pipe is closed
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        stop(signal.SIGHUP, None)


def claim_ports(front, listen):
    """A second demo beside the first must say so, not fail somewhere later."""
    import socket
    for port, what in ((front, "HAProxy"), (listen, "the controller")):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                raise Failure(f"port {port} on 127.0.0.1, which the demo wants for {what}, is taken: is another "
                              "demo running (stop it, or use --any-port or --ports)?") from None


class Table:
    """One line a second: load, p95, errors, instances by state, and what was decided and why."""

    STATES = ["launching", "ready", "warming", "in_service", "draining"]

    def __init__(self, rig, load):
        self.rig, self.load = rig, load
        self.seen_decisions = 0
        say(f"{'time':>5} {'load/s':>7} {'ok/s':>6} {'503':>5} {'lost':>5} {'p95 ms':>7}   "
            f"{'start':>5} {'ready':>5} {'warm':>5} {'serve':>5} {'drain':>5}   decision")

    def decisions(self):
        lines = [l for l in self.rig.log_lines() if "reason" in l]
        new = lines[self.seen_decisions:]
        self.seen_decisions = len(lines)
        return [l["message"] for l in new]

    def row(self, second):
        states = list(self.rig.instances().values())
        counts = " ".join(f"{states.count(s) or '.':>5}" for s in self.STATES)
        p95 = second.get("p95_ms")
        lost = sum(second.get(k, 0) for k in ("refused", "reset", "timeout", "closed", "garbled", "no-connection"))
        said = self.decisions()
        say(f"{second['second']:>4}s {second['offered']:>7} {second['ok']:>6} {second['http']:>5} {lost:>5} "
            f"{p95 if p95 is not None else '-':>7}   {counts}   {said[-1] if said else ''}")


def scale_outs(rig):
    """(time, from, to) of every scale-out in the controller's log."""
    import datetime
    found = []
    for line in rig.log_lines():
        if "reason" in line and int(line["to"]) > int(line["from"]):
            at = datetime.datetime.fromisoformat(line["time"].replace("Z", "+00:00")).timestamp()
            found.append((at, int(line["from"]), int(line["to"])))
    return found


def summary(rig, watch, load, csv, steps):
    requests = story.Requests(csv, load.zero)
    causes = story.failures_by_cause(rig, watch)
    lost = story.lost_to_scaling(causes)
    say("\nSummary")
    say(f"  requests                 {len(requests.rows)}, {requests.count('ok')} answered in full")
    if not causes:
        say("  failed                   none")
    for (cause, state), count in sorted(causes.items()):
        say(f"  failed: {cause:<16} {count}, on an instance that was {state}")
    client = {o: requests.count(o) for o in ("refused", "reset", "timeout", "closed", "garbled", "no-connection")}
    say(f"  lost at the client       {sum(client.values())}" + "".join(f" {k} {v}" for k, v in client.items() if v))
    say(f"  lost to scaling          {sum(lost.values())}")
    final = list(rig.instances().values())
    say(f"  size                     peak {watch.peak()}, at the end {final.count('in_service')}")
    say("  from a load step to enough capacity:")
    for before, after, took in story.time_to_capacity(watch, load.zero, steps):
        say(f"    {before:>4.0f} -> {after:>4.0f}/s          " + ("not within the step" if took is None else f"{took:.1f} s"))
    say("  p95 around each scale-out (5 s before it, and 5 to 10 s after):")
    for at, before, after in scale_outs(rig):
        pair = [requests.p95(at - 5, at), requests.p95(at + 5, at + 10)]
        said = " -> ".join("no load" if p is None else f"{p:.0f} ms" for p in pair)
        say(f"    {before:>2} -> {after:<2}               {said}")
    return sum(lost.values()) == 0 and sum(client.values()) == 0


def run(options, directory):
    steps_text = SHORT if options.short else LONG
    settings = {} if options.any_port else dict(zip(("front", "listen"), options.ports))
    if settings:
        claim_ports(**settings)
    rig = Rig(options.build, directory, **settings)
    watch = None
    keep = False
    try:
        say(f"HAProxy on http://127.0.0.1:{rig.front}, the controller on http://127.0.0.1:{rig.listen} "
            f"(/metrics, /api/v1/workloads), files in {directory}")
        say(f"One instance serves {CAPACITY} requests a second; the load is {steps_text}")
        rig.start_haproxy()
        # When kept, its SIGTERM is to end the instances too.
        rig.start_controller("--log", "json", *(["--stop-instances"] if options.keep else []))
        story_ready(rig)
        watch = story.Watch(rig)
        csv = pathlib.Path(directory) / "requests.csv"
        load = rig.start_load(steps_text, csv=csv)
        table = Table(rig, load)
        shown = 0
        while load.process.poll() is None or shown < len(load.seconds):
            if shown < len(load.seconds):
                table.row(load.seconds[shown])
                shown += 1
            else:
                time.sleep(0.1)
        load.wait(30)
        watch.close()
        good = summary(rig, watch, load, csv, story.steps_of(steps_text))
        keep = options.keep
        if keep:
            controller, haproxy = rig.controller.pid, rig.haproxy_process.pid
            say(f"\nLeft running (--keep): stop it with: kill {controller}; "
                f"tail --pid={controller} -f /dev/null; kill {haproxy}; rm -r {directory}")
        return 0 if good else 1
    finally:
        if not keep:
            be_deaf()
        if watch is not None:
            watch.close()
        if not keep:
            rig.close()
            end_children()


def end_children():
    """What a signal caught between its start and the line that takes note of it."""
    own = pathlib.Path(f"/proc/self/task/{os.getpid()}/children")
    for pid in own.read_text().split() if own.exists() else ():
        os.kill(int(pid), signal.SIGKILL)


def story_ready(rig):
    from rig import wait_until
    wait_until(lambda: list(rig.instances().values()).count("in_service") >= rig.settings["min"],
               "the first instances in service")


def main():
    options = parse()
    for each in STOPS:
        signal.signal(each, stop)
    directory = tempfile.mkdtemp(prefix="autoscaler-demo-")
    keep = False
    try:
        code = run(options, directory)
        keep = options.keep
        return code
    except Stopped as stopped:
        number = stopped.args[0]
        with contextlib.suppress(Stopped):
            say(f"\nstopped by {signal.Signals(number).name}: nothing that the demo started is left")
        return 128 + number
    except Failure as failure:
        say(f"demo: {failure}")
        return 1
    finally:
        if not keep:
            shutil.rmtree(directory, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
