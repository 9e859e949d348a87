"""What happened while the rig was under load, sampled and counted: shared by the demo and the tests."""

import csv
import re
import threading
import time

from rig import CAPACITY

# A server that is none of HAProxy's, in its log: no server was chosen.
NO_SERVER = "<NOSRV>"


def percentile(values, q):
    """Nearest rank; None of nothing."""
    if not values:
        return None
    ordered = sorted(values)
    return ordered[max(0, min(len(ordered) - 1, int(q * len(ordered) + 0.999999) - 1))]


class Watch:
    """Samples the lifecycle of every instance four times a second, on a thread of its own."""

    def __init__(self, rig, every=0.25):
        self.rig = rig
        self.every = every
        self.samples = []  # (time, {instance: lifecycle})
        self.closing = threading.Event()
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    def _run(self):
        while not self.closing.wait(self.every):
            self.samples.append((time.time(), self.rig.instances()))

    def close(self):
        self.closing.set()
        self.thread.join()

    def lifecycle_at(self, instance, when):
        """The last one sampled before `when`; what the instance was when the request met it."""
        last = "unknown"
        for at, instances in self.samples:
            if at > when:
                break
            last = instances.get(instance, "gone")
        return last

    def sizes(self, *lifecycles):
        return [(at, sum(1 for l in instances.values() if l in lifecycles))
                for at, instances in self.samples]

    def peak(self):
        return max((n for _, n in self.sizes("warming", "in_service")), default=0)


class Requests:
    """The load generator's own account, one row a request."""

    def __init__(self, path, zero):
        self.rows = []
        with open(path, newline="") as file:
            for row in csv.DictReader(file):
                self.rows.append((zero + float(row["intended_ms"]) / 1000, float(row["latency_ms"]),
                                  row["status"], row["outcome"]))

    def between(self, begin, end):
        return [row for row in self.rows if begin <= row[0] < end]

    def p95(self, begin, end):
        return percentile([latency for at, latency, _, outcome in self.between(begin, end) if outcome == "ok"], 0.95)

    def count(self, outcome):
        return sum(1 for row in self.rows if row[3] == outcome)


def failures_by_cause(rig, watch):
    """Every response of HAProxy's log that is no success, by cause: what HAProxy says ended it, and
    what the instance was at that time. A full queue's 503 comes from the service itself, whole
    (termination '--')."""
    causes = {}
    for at, line in rig.log.lines:
        if line["status"] < 500 and line["term"][:2] == "--":
            continue
        began = at - max(0, line["ms"]) / 1000
        instance = line["server"].removeprefix("as-")
        full = line["status"] == 503 and line["term"][:2] == "--"
        state = "no server" if line["server"] == NO_SERVER else watch.lifecycle_at(instance, began)
        key = ("queue full" if full else f"{line['status']} {line['term'][:2]}", state)
        causes[key] = causes.get(key, 0) + 1
    return causes


def lost_to_scaling(causes):
    """The failures that must not be: everything but a full queue's 503."""
    return {key: count for key, count in causes.items() if key[0] != "queue full"}


def steps_of(text):
    """'20s@40,20s@160' as [(begin, end, rate)], in seconds from the start."""
    begin, steps = 0.0, []
    for part in text.split(","):
        seconds, rate = re.fullmatch(r"([\d.]+)s@([\d.]+)", part).groups()
        steps.append((begin, begin + float(seconds), float(rate)))
        begin += float(seconds)
    return steps


def time_to_capacity(watch, zero, steps):
    """For each step up: seconds until what is warming or in service can carry the new rate."""
    answers = []
    for before, step in zip(steps, steps[1:]):
        if step[2] <= before[2]:
            continue
        took = None
        for at, count in watch.sizes("warming", "in_service"):
            if zero + step[0] <= at < zero + step[1] and count * CAPACITY >= step[2]:
                took = at - zero - step[0]
                break
        answers.append((before[2], step[2], took))
    return answers


def shortage(watch, zero, steps):
    """The spans in which the load was above what was in service or warming: the only ones in which
    a queue may have been full."""
    spans = []
    for at, count in watch.sizes("warming", "in_service"):
        rate = next((r for begin, end, r in steps if begin <= at - zero < end), 0)
        if count * CAPACITY < rate:
            spans.append((at, rate, count))
    return spans
