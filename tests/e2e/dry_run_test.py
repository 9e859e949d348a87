"""A dry-run changes nothing in the world, and shows what it would have done."""

import case


class DryRun(case.RigCase):
    def test_the_world_is_the_same_before_and_after_a_load_that_would_have_scaled(self):
        rig = self.started(max=8, scale_down_window=3)
        rig.stop_controller()
        processes, servers = rig.processes(), rig.servers()
        self.assertEqual(len(processes), 2)
        live_journal = (rig.directory / "state/autoscaler.db").read_bytes()

        rig.start_controller("--dry-run", "--log", "json")
        load = rig.start_load("300s@320")
        peak = self.wait(lambda: (rig.metric("autoscaler_shadow_replicas", workload="shop") or 0) >= 5,
                         "a shadow size of 5 and more")
        self.assertTrue(peak)
        self.assertEqual(rig.metric("autoscaler_dry_run"), 1)
        self.assertGreater(rig.metric("autoscaler_wanted_replicas", workload="shop"), 2)
        load.process.kill()

        self.assertEqual(rig.processes(), processes)
        self.assertEqual(rig.servers(), servers)
        said = [l for l in rig.log_lines() if l.get("outcome") == "skipped"]
        self.assertTrue(said and "dry-run" in said[0]["message"], "the log says what would have been done")
        rig.stop_controller()
        self.assertEqual(rig.processes(), processes, "nor does its end change anything")
        self.assertEqual((rig.directory / "state/autoscaler.db").read_bytes(), live_journal,
                         "the live journal was written to")
        self.assertTrue((rig.directory / "state/autoscaler.dry-run.db").exists())


if __name__ == "__main__":
    case.main()
