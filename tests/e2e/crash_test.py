"""Killed with SIGKILL at every named point and started again: no instance leaks, none is registered
twice, every healthy one is registered within two ticks, no cooldown is forgotten."""

import collections
import concurrent.futures
import os
import pathlib
import signal
import subprocess
import traceback

import case
from rig import Failure, Rig, wait_until

# Points of an instance on its way out are reached from four instances without load, those of a
# failed one by killing an instance, all others by adding load.
LEAVING = ("drain", "detach", "terminate", "draining", "terminating")
ARRIVING = ("launch", "attach", "launching", "ready", "warming")
BEFORE_ANY_INTENT = ("launch.planned", "drain.planned")
# One policy alone, so that every resize is its own and starts its own cooldown too.
POLICIES = """\
      - threshold:
          out: {any: [{signal: rps, above: 100/s}], add: 2}
          in: {all: [{signal: rps, below: 50/s}], remove: 2}
          cooldown: 10m
"""
AT_ONCE = 4  # stories side by side; they wait more than they work
TRIES = 4


class TooSlow(Exception):
    """This machine was too busy for the test to look in time: nothing is known, neither good nor bad."""


def crash(rig, point, proof):
    subject = point.split(".")[0]
    leaving = subject in LEAVING
    rig.write_config(min=4 if leaving else 2)
    rig.start_haproxy()
    rig.start_controller("--log", "json")
    wait_until(rig.in_service(rig.settings["min"]), "the first instances in service", 90)
    rig.stop_controller(signal.SIGKILL)
    rig.write_config(min=2)
    rig.start_controller("--log", "json", binary="autoscaler-crash", wait=False,
                         environment={"AUTOSCALER_CRASH_AT": point, "AUTOSCALER_CRASH_PROOF": str(proof)})
    if subject == "failed":
        wait_until(rig.ready_or_dead, "a first tick")
        os.kill(rig.processes()[0]["pid"], signal.SIGKILL)
    elif not leaving:
        rig.start_load("600s@200")
    wait_until(lambda: rig.controller.poll() is not None, f"{point} is reached", 120)
    for each in rig.loads:
        each.process.kill()
    if not (proof / point).exists():
        raise Failure(f"{point} was never hit; the controller ended with {rig.controller.returncode}")
    if rig.controller.returncode != -signal.SIGKILL:
        raise Failure(f"the controller ended with {rig.controller.returncode}")


def settled(rig):
    """What the controller says, what runs and what HAProxy has are the same, each once."""
    instances = rig.instances()
    serving = {i for i, lifecycle in instances.items() if lifecycle in ("warming", "in_service")}
    processes = collections.Counter(p["instance"] for p in rig.processes())
    addresses = collections.Counter((s["address"], s["port"]) for s in rig.servers().values())
    if any(n > 1 for n in processes.values()) or any(n > 1 for n in addresses.values()):
        raise Failure(f"something is there twice: {processes} {addresses}")
    servers = {name.removeprefix("as-") for name in rig.servers()}
    return len(serving) >= 2 and set(instances) == serving == servers == set(processes)


def check_cooldowns(rig, point):
    """A resize was written down together with its cooldowns, before anything was done."""
    subject = point.split(".")[0]
    if subject not in LEAVING + ARRIVING or point in BEFORE_ANY_INTENT:
        return
    left = rig.workload()["cooldown"]
    if not left["inSecondsLeft"] > 0:
        raise Failure("the cooldown before a scale-in is forgotten")
    if subject in ARRIVING and not left["outSecondsLeft"] > 0:
        raise Failure("the cooldown after the scale-out is forgotten")
    # The load is gone: the policy's `in` mark is past, and its own cooldown all that stops it.
    wait_until(lambda: rig.workload()["decision"]["proposals"][0].get("cooling"),
               f"the policy's own cooldown is remembered: {rig.workload()['decision']}")


def registered_in_time(rig, leaving):
    """After its second tick HAProxy has every instance that answered its health check at the restart,
    once and in use. One that answers only later has two ticks from then on. The processes and HAProxy
    are asked, the controller's own word counts for the number of its ticks alone."""
    ports = rig.answering()
    due = dict.fromkeys(ports, 2)  # the tick after which the instance must be registered
    times = {}  # how often it was, then
    rig.start_controller("--log", "json", wait=False)

    def ticks():
        return int(rig.metric("autoscaler_ticks_total") or 0)

    def all_are_seen():
        done = ticks()
        if done >= min((due[i] for i in due if i not in times), default=2):
            in_use = collections.Counter(int(s["port"]) for s in rig.servers().values() if s["admin"] == 0)
            now = ticks()
            for instance in due.keys() - times.keys():
                if done >= due[instance]:
                    if now > due[instance]:
                        raise TooSlow(f"between two ticks: {now}, {due}")
                    times[instance] = in_use[ports[instance]]
        for instance, port in rig.answering().items():
            if instance not in due:
                ports[instance], due[instance] = port, max(2, ticks() + 2)
        return done >= 2 and times.keys() >= {p["instance"] for p in rig.processes()}

    wait_until(all_are_seen, f"every instance answers: {rig.processes()}, {due}")
    wrong = {i: n for i, n in times.items() if n != 1}
    if leaving and len(wrong) <= 2 and not any(wrong.values()):  # 4 were to become 2
        wait_until(lambda: not wrong.keys() & {p["instance"] for p in rig.processes()},
                   f"what HAProxy sends nothing to ends: {wrong}")
    elif wrong:
        raise Failure(f"within two ticks not registered once: {wrong}, {due}, {rig.servers()}")


def recover(rig, point):
    registered_in_time(rig, leaving=point.split(".")[0] in LEAVING)
    check_cooldowns(rig, point)
    wait_until(lambda: settled(rig), f"one truth: {rig.instances()} {rig.processes()} {rig.servers()}", 120)


def tell(build, directory, point):
    """What went wrong, or None."""
    for turn in range(TRIES):
        try:
            return tell_once(build, pathlib.Path(directory) / f"{point}-{turn}", point)
        except TooSlow as slow:
            print(f"  once more {point}: too slow to look {slow}", flush=True)
    return f"{TRIES} times too slow to look in time"


def tell_once(build, folder, point):
    """The whole story of one point."""
    proof = folder / "proof"
    proof.mkdir(parents=True)
    rig = Rig(build, folder, max=6, scale_down_window=0, warmup="1s", policies=POLICIES,
              cooldown_out="10m", cooldown_in="10m", service_flags="--startup-delay, 1200ms")
    try:
        crash(rig, point, proof)
        recover(rig, point)
        return None
    except TooSlow:
        raise
    except Exception:  # whatever it was, the other stories go on
        return traceback.format_exc() + rig.log_tail()
    finally:
        rig.close()


class Crashes(case.RigCase):
    def test_every_point_is_hit_and_survived(self):
        listing = pathlib.Path(case.OPTIONS.build) / "tests/e2e/crash/crash-points"
        points = subprocess.run([listing], capture_output=True, text=True, check=True).stdout.split()
        points = [p for p in points if not p.startswith("resize.")]  # of scales, which are not on a host
        self.assertGreaterEqual(len(points), 30)
        with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
            stories = {p: pool.submit(tell, case.OPTIONS.build, self.directory, p) for p in points}
            for point, story in stories.items():
                with self.subTest(point=point):
                    wrong = story.result()
                    print(f"  {'FAILED' if wrong else 'survived'} {point}", flush=True)
                    self.assertIsNone(wrong, wrong)


if __name__ == "__main__":
    case.main()
