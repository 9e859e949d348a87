"""A config that changes under load: no request is lost, and what serves well is not given up for what
does not."""

import concurrent.futures
import os
import pathlib
import signal
import traceback

import case
from rig import Failure, Rig, wait_until

LOST = ("http", "refused", "reset", "timeout", "closed", "garbled", "no-connection")
GOOD_FLAGS = "--startup-delay, 500ms"


def change(rig, **settings):
    """As an operator does it: the controller ends, and starts with the other config."""
    rig.stop_controller()
    rig.write_config(**settings)
    rig.start_controller("--log", "json")


def wait_for_load(load, seconds):
    end = len(load.seconds) + seconds
    wait_until(lambda: len(load.seconds) >= end, f"{seconds} more seconds of load", seconds + 30)


def lost(load):
    return {kind: n for kind in LOST if (n := sum(second.get(kind, 0) for second in load.seconds))}


def instances(rig):
    return {p["instance"] for p in rig.processes()}


def a_rolling_change_of_the_command_loses_no_request(rig, load):
    old = instances(rig)
    change(rig, service_flags=GOOD_FLAGS + ', --seed, "2"')
    # The first newcomer has to show for a minute that the new command works.
    wait_until(lambda: not old & instances(rig), "all instances are new", 150)
    wait_until(rig.in_service(2), "two in service", 20)
    wait_for_load(load, 3)
    if lost(load):
        raise Failure(f"lost requests: {lost(load)}")


def a_bad_rollout_does_not_eat_the_good_instances(rig, load):
    good = rig.processes()
    names = {p["instance"] for p in good}
    change(rig, service_flags=GOOD_FLAGS + ", --exit-after, 8s")
    exited = lambda: {l["instance"] for l in rig.log_lines() if "failed: exited" in l["message"]}
    wait_until(lambda: len(exited()) >= 2, "two newcomers have come and gone", 90)
    if any(p not in rig.processes() for p in good):
        raise Failure(f"of {good} are left {rig.processes()}")
    serving = {n for n in names if rig.servers().get("as-" + n, {}).get("operational") == "2"}
    if serving != names:
        raise Failure(f"no longer up in HAProxy: {names - serving}")
    failed = [line for _, line in rig.log.lines if line["status"] != 200 and line["server"].removeprefix("as-") in names]
    if failed:
        raise Failure(f"failed on a good instance: {failed}")
    ok, offered = (sum(second[k] for second in load.seconds) for k in ("ok", "offered"))
    # What a newcomer had when it exited is lost, and a third of the load until a check has failed.
    if ok < 0.8 * offered:
        raise Failure(f"only {ok} of {offered} requests were served: {lost(load)}")


def a_renamed_workload_takes_over_the_backend_without_a_gap(rig, load):
    change(rig, name="store")
    wait_until(rig.in_service(2), "two in service", 60)
    wait_for_load(load, 10)
    workloads = sorted(n.split("-")[1] for n in rig.servers())
    if workloads != ["shop", "shop", "store", "store"]:
        raise Failure(f"what served before is ended by hand alone: {rig.servers()}")
    if lost(load):
        raise Failure(f"lost requests: {lost(load)}")
    for process in rig.processes():
        if process["instance"].startswith("shop-"):
            os.kill(process["pid"], signal.SIGTERM)
    wait_until(lambda: {n.split("-")[1] for n in rig.servers()} == {"store"}, "only new servers", 60)


STORIES = [
    a_rolling_change_of_the_command_loses_no_request,
    a_bad_rollout_does_not_eat_the_good_instances,
    a_renamed_workload_takes_over_the_backend_without_a_gap,
]


def tell(story, build, folder):
    """The whole of one story, beginning with two instances under load; what went wrong, or None."""
    rig = Rig(build, folder, min=2, max=4, policies="      - track: {signal: rps, perInstance: 55/s}\n",
              service_flags=GOOD_FLAGS)
    try:
        rig.start_haproxy()
        rig.start_controller("--log", "json")
        wait_until(rig.in_service(2), "the first instances in service", 40)
        load = rig.start_load("300s@60")
        wait_for_load(load, 3)
        story(rig, load)
        return None
    except Exception:  # whatever it was, the other stories go on
        return traceback.format_exc() + rig.log_tail(30)
    finally:
        rig.close()


class Changes(case.RigCase):
    def test_a_change_of_the_config_under_load(self):
        # Side by side: they wait more than they work.
        with concurrent.futures.ThreadPoolExecutor(len(STORIES)) as pool:
            folder = pathlib.Path(self.directory)
            told = {s: pool.submit(tell, s, case.OPTIONS.build, folder / str(i)) for i, s in enumerate(STORIES)}
            for story, outcome in told.items():
                with self.subTest(story.__name__):
                    wrong = outcome.result()
                    self.assertIsNone(wrong, wrong)


if __name__ == "__main__":
    case.main()
