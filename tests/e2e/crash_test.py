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

# Points of an instance on its way out are reached by taking the load away, those of a failed one by
# killing an instance, all others by adding load.
LEAVING = ("drain", "detach", "terminate", "draining", "terminating")
AT_ONCE = 4  # stories side by side; they wait more than they work


def start_up(rig):
    """Two instances in service, and four where the story is one of leaving."""
    rig.start_haproxy()
    rig.start_controller("--log", "json")
    wait_until(rig.in_service(2), "two instances in service", 40)


def crash(rig, point, proof):
    subject = point.split(".")[0]
    start_up(rig)
    if subject in LEAVING:
        load = rig.start_load("40s@200")
        wait_until(lambda: list(rig.instances().values()).count("in_service") >= 4, "four in service", 40)
    rig.stop_controller(signal.SIGKILL)
    rig.start_controller("--log", "json", binary="autoscaler-crash", wait=False,
                         environment={"AUTOSCALER_CRASH_AT": point, "AUTOSCALER_CRASH_PROOF": str(proof)})
    if subject in LEAVING:
        load.process.kill()
    elif subject == "failed":
        wait_until(rig.ready_or_dead, "a first tick")
        os.kill(rig.processes()[0]["pid"], signal.SIGKILL)
    else:
        rig.start_load("40s@200")
    wait_until(lambda: rig.controller.poll() is not None, f"{point} is reached", 40)
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


def recover(rig, point):
    rig.start_controller("--log", "json")
    first = rig.metric("autoscaler_ticks_total") or 0
    healthy = {p["instance"] for p in rig.processes()}
    wait_until(lambda: (rig.metric("autoscaler_ticks_total") or 0) >= first + 2, "two ticks")
    registered = {name.removeprefix("as-") for name in rig.servers()}
    instances = rig.instances()
    missing = {i for i in healthy - registered if instances.get(i) in ("ready", "warming", "in_service")}
    if missing:
        raise Failure(f"not registered within two ticks: {missing}")
    # The story's resize was written down together with its cooldown, before anything was done.
    if point.split(".")[0] in ("launch", "attach") and point != "launch.planned":
        left = rig.get("/api/v1/workloads/shop")["workload"]["cooldown"]["outSecondsLeft"]
        if not left > 0:
            raise Failure("the cooldown after the scale-out is forgotten")
    wait_until(lambda: settled(rig), f"one truth: {rig.instances()} {rig.processes()} {rig.servers()}", 60)


def tell(build, directory, point):
    """The whole story of one point; what went wrong, or None."""
    folder = pathlib.Path(directory) / point
    proof = folder / "proof"
    proof.mkdir(parents=True)
    rig = Rig(build, folder, max=6, scale_down_window=0, warmup="1s", cooldown_out="60s",
              service_flags="--startup-delay, 1200ms")
    try:
        crash(rig, point, proof)
        recover(rig, point)
        return None
    except Exception:  # whatever it was, the other stories go on
        return traceback.format_exc() + rig.log_tail()
    finally:
        rig.close()


class Crashes(case.RigCase):
    def test_every_point_is_hit_and_survived(self):
        listing = pathlib.Path(case.OPTIONS.build) / "tests/e2e/crash/crash-points"
        points = subprocess.run([listing], capture_output=True, text=True, check=True).stdout.split()
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
