"""What an instance of the real service carries within its SLO, learned under real load, and used.

Six minutes: a sample is ten seconds of it, and before 30 of them nothing is said.
"""

import math

import case

WORKERS, SERVICE_SECONDS, SLO = 4, 0.05, 0.5  # as the rig starts it; the SLO is a bucket's bound
STEPS = "40s@30,50s@45,60s@60,60s@70,230s@78"

POLICIES = f"""\
      - track: {{signal: rps, perInstance: learned}}
    slo: {{signal: latency, p95: {SLO * 1000:g}ms}}
"""


def share_later_than(seconds, rate):
    """Of the requests to an M/M/k, those that take longer: Erlang's C, and the wait and the work
    added as the two exponentials that they are."""
    work = 1 / SERVICE_SECONDS
    erlangs = rate * SERVICE_SECONDS
    terms = [erlangs**k / math.factorial(k) for k in range(WORKERS)]
    last = erlangs**WORKERS / math.factorial(WORKERS) / (1 - erlangs / WORKERS)
    waits = last / (sum(terms) + last)
    slack = WORKERS - 1 - erlangs
    return math.exp(-work * seconds) * (1 + waits * (1 - math.exp(-work * seconds * slack)) / slack)


def true_capacity():
    """The rate at which a twentieth of the requests takes longer than the SLO: 73.6 a second."""
    low, high = 1.0, WORKERS / SERVICE_SECONDS - 1e-6
    for _ in range(60):
        middle = (low + high) / 2
        if share_later_than(SLO, middle) < 0.05:
            low = middle
        else:
            high = middle
    return low


class Capacity(case.RigCase):
    def test_is_learned_and_sizes_the_service(self):
        # With the seed of the load each service time would be as long as the gap between requests.
        rig = self.started(min=1, max=3, policies=POLICIES, queue=400, latency_window="10s",
                           rps_window="10s", service_flags="--jitter, exponential, --seed, \"7\"")
        rig.start_load(STEPS)

        def learned():
            return rig.workload().get("learned", {}).get("capacity", {}).get("rps", {})

        self.wait(lambda: learned().get("samples", 0) > 3, "samples", 90)
        self.assertNotIn("perInstance", learned(), "nothing is said from a few samples")
        self.wait(lambda: "perInstance" in learned(), "a capacity", 400)
        found, truth = learned(), true_capacity()
        print(f"learned {found['perInstance']:.1f}/s of {truth:.1f}/s: {found['explanation']}")
        self.assertGreaterEqual(found["perInstance"], 0.75 * truth)
        self.assertLessEqual(found["perInstance"], 1.1 * truth)
        self.wait_in_service(rig, 2)
        self.assertIn("learned target", rig.log_tail(200))


if __name__ == "__main__":
    case.main()
