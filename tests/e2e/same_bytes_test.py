"""A decision is made of its document alone: the same inputs give the same bytes, in any process, in
any order of what has no order, and on processors without the instructions of this one."""

import copy
import json
import os
import pathlib
import random
import subprocess
import sys
import unittest

import case

PROGRAM = str(pathlib.Path(case.OPTIONS.build).resolve() / "controller/autoscaler")

# What the C library's mathematics choose between at start.
VARIANTS = ["glibc.cpu.hwcaps=-AVX512F,-AVX512VL", "glibc.cpu.hwcaps=-FMA,-FMA4,-AVX2,-AVX2_Usable,-FMA_Usable,-FMA4_Usable"]

SIGNALS = {
    "cpu": {"source": "scrape", "counter": "process_cpu_seconds_total", "capacity": 2},
    "rps": {"source": "scrape", "counter": "http_requests_total", "aggregate": "sum"},
    "queue": {"source": "json", "url": "http://queue.example/depth", "pointer": "/n", "whenMissing": {"do": "last", "for": "5m"}},
    "latency": {"source": "scrape", "histogram": "http_request_duration_seconds"},
    "errors": {"source": "scrape", "ratio": {"of": "http_requests_total", "matching": {"code": "5.."}}},
}
POLICIES = [
    {"name": "b", "track": {"signal": "cpu", "target": "65%"}},
    {"name": "a", "track": {"signal": "rps", "perInstance": "120/s"}},
    {"name": "d", "track": {"signal": "queue", "perInstance": 30}},
    {"name": "c", "threshold": {"out": {"any": [{"signal": "latency", "above": "500ms"}, {"signal": "errors", "above": "5%"}], "add": 2},
                                "in": {"all": [{"signal": "latency", "below": "100ms"}, {"signal": "cpu", "below": "30%"}], "for": 1, "remove": "10%"}}},
]
BOUNDS = [0.005, 0.05, 0.1, 0.25, 0.5, 1, 2.5, "+Inf"]


def instant(second):
    return f"2026-11-22T{9 + second // 3600:02}:{second // 60 % 60:02}:{second % 60:02}Z"


def reading(chance, signal):
    if chance.random() < 0.1:
        return {"missing": "timeout"}
    level = chance.uniform(0, 2)
    value = {"cpu": level / 2, "rps": level * 100, "queue": level * 300,
             "latency": {"bounds": BOUNDS, "rates": [chance.uniform(0, 10) for _ in BOUNDS]},
             "errors": {"numerator": level, "denominator": 20 * level}}[signal]
    return {"value": value, "at": instant(3600 - chance.randrange(20)), "window": "30s"}


def document(chance):
    """A workload of our own: any signals, any memory."""
    size = chance.randrange(1, 13)
    instances = [{"id": f"i{i:02}"} for i in range(size)]
    for each in instances:
        if chance.random() < 0.2:
            each["lifecycle"] = chance.choice(["warming", "draining", "launching", "failed"])
    signals = {}
    for name in SIGNALS:
        signals[name] = reading(chance, name) if name == "queue" else [
            {"instance": each["id"], **reading(chance, name)} for each in instances]
    history = {
        "recommendations": [{"ageSeconds": chance.randrange(400), "replicas": chance.randrange(15)} for _ in range(chance.randrange(4))],
        "scaleEvents": [{"ageSeconds": chance.randrange(30), "change": chance.randrange(-4, 5)} for _ in range(chance.randrange(3))]}
    return {"now": instant(3600),
            "policy": {"name": "checkout", "replicas": {"min": 1, "max": 20}, "signals": SIGNALS, "policies": POLICIES},
            "instances": instances, "signals": signals, "history": history}


def shuffled(chance, document):
    """The same in another order: keys, instances, their readings, policies."""
    def keys(value):
        if isinstance(value, dict):
            names = list(value)
            chance.shuffle(names)
            return {name: keys(value[name]) for name in names}
        return [keys(each) for each in value] if isinstance(value, list) else value
    other = copy.deepcopy(document)
    for part in [other["instances"], other["policy"]["policies"], *other["signals"].values()]:
        if isinstance(part, list):
            chance.shuffle(part)
    return keys(other)


def decide(document, **environment):
    ended = subprocess.run([PROGRAM, "decide", "-", "--output", "json"], capture_output=True, text=True,
                           input=json.dumps(document), timeout=60, env={**os.environ, **environment})
    assert ended.returncode == 0, ended.stderr
    return ended.stdout


def exponentials(variant):
    """What the C library under this variant makes of a thousand numbers: the test's own check."""
    program = "import ctypes; m = ctypes.CDLL('libm.so.6'); m.exp.restype = ctypes.c_double; m.exp.argtypes = [ctypes.c_double]\n" \
              "m.pow.restype = ctypes.c_double; m.pow.argtypes = [ctypes.c_double] * 2\n" \
              "print([(m.exp(i / 997), m.pow(1 + i / 997, 3.7)) for i in range(20000)])"
    return subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True,
                          env={**os.environ, "GLIBC_TUNABLES": variant}).stdout


class SameBytes(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        chance = random.Random(7)
        cls.documents = [document(chance) for _ in range(40)]
        cls.decisions = [decide(each) for each in cls.documents]

    def test_the_documents_lead_to_all_kinds_of_decisions(self):
        made = [json.loads(each) for each in self.decisions]
        self.assertGreater(len({(each["reason"], each["to"] - each["from"]) for each in made}), 5)

    def test_in_any_order(self):
        chance = random.Random(8)
        for each, decision in zip(self.documents, self.decisions):
            self.assertEqual(decide(shuffled(chance, each)), decision)

    def test_in_any_process_and_environment(self):
        for each, decision in zip(self.documents, self.decisions):
            self.assertEqual(decide(each, TZ="Asia/Tokyo", LC_ALL="C"), decision)

    def test_on_processors_that_can_do_less(self):
        for variant in VARIANTS:
            for each, decision in zip(self.documents, self.decisions):
                self.assertEqual(decide(each, GLIBC_TUNABLES=variant), decision)

    def test_that_the_variants_differ_where_the_processor_has_them(self):
        if "fma" not in pathlib.Path("/proc/cpuinfo").read_text():
            self.skipTest("this processor has no choice")
        self.assertNotEqual(exponentials(""), exponentials(VARIANTS[1]))


if __name__ == "__main__":
    case.main()
