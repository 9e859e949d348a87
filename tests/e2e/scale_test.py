"""Scaling out, through a spike and back in, without losing a request to it."""

import pathlib

import case
import story

STEPS = "4s@60,10s@260,8s@500,8s@120,14s@40"


class Scaling(case.RigCase):
    def run_once(self, number):
        rig = self.started(scale_down_window=6, max=12)
        watch = story.Watch(rig)
        csv = pathlib.Path(self.directory) / f"requests-{number}.csv"
        load = rig.start_load(STEPS, csv=csv)
        load.wait(120)
        watch.close()
        causes = story.failures_by_cause(rig, watch)
        requests = story.Requests(csv, load.zero)

        drained = [i for i in {n for _, s in watch.samples for n in s}
                   if any(s.get(i) == "draining" for _, s in watch.samples)]
        self.assertGreaterEqual(watch.peak(), 8, "the spike was never met: nothing was shown")
        self.assertTrue(drained, "nothing was drained: nothing was shown")
        self.assertEqual(story.lost_to_scaling(causes), {})
        for outcome in ("refused", "reset", "closed", "timeout", "garbled", "no-connection"):
            self.assertEqual(requests.count(outcome), 0, f"{outcome} at the client")
        # Full queues are allowed only while there are too few instances for the load; the signals
        # and the queues need some seconds to see the end of it.
        short = [at for at, _, _ in story.shortage(watch, load.zero, story.steps_of(STEPS))]
        late = [at for at, line in rig.log.lines
                if line["status"] == 503 and not any(at - 3 <= s <= at + 1 for s in short)]
        self.assertEqual(late, [], "full queues while there were enough instances")
        rig.close()
        self.rigs.remove(rig)

    def test_no_request_is_lost_in_three_runs_in_a_row(self):
        for number in range(3):
            with self.subTest(run=number):
                self.run_once(number)


if __name__ == "__main__":
    case.main()
