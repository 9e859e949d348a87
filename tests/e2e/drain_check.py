"""One scale-in under load: exits with 1 when a request is lost to it. The mutant that does not drain
must fail here, and the program must not."""

import pathlib
import sys

import case
import story


class Draining(case.RigCase):
    def test_scale_in_under_load_loses_nothing(self):
        rig = self.started(scale_down_window=3, max=8)
        watch = story.Watch(rig)
        csv = pathlib.Path(self.directory) / "requests.csv"
        load = rig.start_load("8s@300,12s@70", csv=csv)
        load.wait(60)
        watch.close()
        requests = story.Requests(csv, load.zero)
        self.assertGreaterEqual(watch.peak(), 4)
        self.assertLess(len(rig.processes()), watch.peak(), "nothing was taken away")
        self.assertEqual(story.lost_to_scaling(story.failures_by_cause(rig, watch)), {})
        for outcome in ("refused", "reset", "closed", "timeout", "garbled"):
            self.assertEqual(requests.count(outcome), 0, f"{outcome} at the client")


if __name__ == "__main__":
    case.main()
