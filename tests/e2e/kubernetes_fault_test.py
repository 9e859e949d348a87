"""API servers that die, hang, forget and refuse, and tokens that end: the program loses sight, and finds back."""

import signal
import time

import case
from kubernetes_case import READS, WEB, WRITES, KubernetesCase, on_both_servers


@on_both_servers
class Faults(KubernetesCase):
    def grow(self):
        """The load that it must answer to show that it is at work."""
        self.pods_use("240m")  # 96 % of the request, where 50 % is wanted
        # An API of metrics that has failed three times is left alone for up to a minute.
        self.wait(lambda: self.size() == 4, "4 pods at 96 %", 150)

    def restart(self):
        self.server.stop()
        self.server.start()

    def ticks(self):
        return self.web().get("tick", 0)

    def test_a_server_that_is_killed_and_comes_back(self):
        self.allow(READS + WRITES)
        controller = self.running()
        self.server.stop()
        seen = self.ticks()
        self.wait(lambda: self.ticks() > seen + 3, "ticks without the server")
        self.server.start()
        self.grow()
        self.assertIsNone(controller.poll())
        self.assertEqual(len(self.requests("/scale 200")), 2)

    def test_a_server_that_hangs_holds_up_nothing(self):
        self.allow(READS + WRITES)
        self.running()
        self.server.pause()
        self.addCleanup(self.server.resume)
        seen = self.ticks()
        self.wait(lambda: self.ticks() > seen + 3, "ticks while the server hangs")
        self.assertIn("ok: tick", self.page("/healthz"))
        self.server.resume()
        self.grow()

    def lists(self):
        return sum(line.startswith("GET /api/v1/namespaces/shop/pods?limit=") and line.endswith(" 200") for line in self.requests(""))

    def test_what_was_missed_and_is_forgotten_is_listed_anew(self):
        self.allow(READS + WRITES)
        controller = self.running()
        controller.send_signal(signal.SIGSTOP)
        self.restart()  # ends its watches
        self.call("PATCH", WEB + "/scale", {"spec": {"replicas": 3}}, content_type="application/merge-patch+json")
        self.wait(lambda: self.pods() == 3, "3 pods")
        # Neither etcd nor, after a start, the server's own memory knows a version that is older.
        self.server.compact()
        self.restart()
        lists = self.lists()
        controller.send_signal(signal.SIGCONT)
        self.wait(lambda: self.web().get("size") == 3 and sum(self.web()["instances"].values()) == 3, "what was missed")
        self.assertEqual(self.lists(), lists + 1)
        self.grow()

    def test_a_storm_of_refusals_delays_it_and_no_more(self):
        self.allow(READS + WRITES)
        self.running()
        self.server.storm("controller")
        self.pods_use("240m")
        began, before = time.monotonic(), len(self.requests(" 429"))
        self.wait(lambda: len(self.requests(" 429")) >= before + 3, "three refusals")
        # It is asked to wait a second each time, and no other request is sent meanwhile.
        self.assertLessEqual(len(self.requests(" 429")) - before, time.monotonic() - began + 2)
        self.assertEqual(self.size(), 2)
        self.server.calm()
        self.wait(lambda: self.size() == 4, "4 pods at 96 %")

    def test_a_token_that_is_over_gives_way_to_the_one_in_its_file(self):
        token = self.directory / "token"
        token.write_text("one-token\n")
        self.write_config(self.directory, "", identity=f"tokenFile: {token}")
        self.allow(READS + WRITES, ["one", "two"])
        self.running()
        self.server.know("admin", "kubelet", "two")
        self.addCleanup(self.know_all_again)
        self.restart()
        self.wait(lambda: self.says("401: Unauthorized"), "the refusal")
        token.write_text("two-token\n")
        self.grow()
        self.assertEqual(len(self.requests("/scale 200", user="two")), 1)

    def know_all_again(self):
        self.server.know()
        self.restart()


if __name__ == "__main__":
    case.main()
