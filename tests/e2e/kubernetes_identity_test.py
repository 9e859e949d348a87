"""Who the program is to an API server: tokens, files that are replaced, client certificates, plugins, service accounts."""

import pathlib
import subprocess
import sys

import case
from kubernetes_case import FAKES, READS, WRITES, KubernetesCase, on_both_servers

sys.path.insert(0, str(FAKES))
import certificates  # noqa: E402

# In a mount namespace of its own, with what a pod finds: the machine's files stay as they are.
IN_A_POD = """set -e
mount -t tmpfs none /run
mkdir -p {mount}
cp {directory}/account/* {mount}
unset KUBECONFIG
exec env KUBERNETES_SERVICE_HOST=127.0.0.1 KUBERNETES_SERVICE_PORT={port} {program} run --config {directory}/config.yaml
"""
PODS = "/api/v1/namespaces/shop/pods"
MOUNT = "/var/run/secrets/kubernetes.io/serviceaccount"
PLUGIN = """#!/bin/sh
echo '{"kind": "ExecCredential", "apiVersion": "client.authentication.k8s.io/v1", "status": {"token": "controller-token"}}'
"""


@on_both_servers
class Identity(KubernetesCase):
    def setUp(self):
        super().setUp()
        self.allow(READS + WRITES)

    def signed(self, name, by="ca"):
        certificates.signed(self.server.folder, name, subject="/O=scalers/CN=controller", by=by)
        return self.server.folder / (name + ".pem"), self.server.folder / (name + ".key")

    def authority(self, name):
        if not (self.server.folder / (name + ".pem")).exists():
            certificates.authority(self.server.folder, name)
        return self.server.folder / (name + ".pem")

    def test_a_client_certificate(self):
        certificate, key = self.signed("controller")
        self.write_config(self.directory, "", identity=f"client-certificate: {certificate}, client-key: {key}")
        self.running()
        self.assertEqual(self.requests(" 403") + self.requests(" 401"), [])

    def test_a_client_certificate_of_somebody_else(self):
        self.authority("other")
        certificate, key = self.signed("stranger", by="other")
        self.write_config(self.directory, "", identity=f"client-certificate: {certificate}, client-key: {key}")
        self.start_controller()
        self.wait(lambda: self.web().get("errors"), "the refusal")
        self.assertEqual(self.size(), 1)

    def test_a_plugin(self):
        plugin = self.directory / "plugin"
        plugin.write_text(PLUGIN)
        plugin.chmod(0o700)
        self.write_config(self.directory, "", identity="exec: {apiVersion: client.authentication.k8s.io/v1, command: ./plugin}")
        self.running()

    def test_a_server_of_another_authority_is_not_told_who_we_are(self):
        self.server.ca, good = self.authority("other"), self.server.ca
        self.addCleanup(setattr, self.server, "ca", good)
        self.write_config(self.directory, "controller")
        self.server.ca = good
        self.start_controller()
        self.wait(lambda: self.says("certificate"), "the refusal")
        self.assertEqual(self.requests(""), [])
        self.assertEqual(self.size(), 1)

    def test_an_authority_that_is_replaced(self):
        mine = self.directory / "ca.pem"
        mine.write_text(self.server.ca.read_text())
        good, self.server.ca = self.server.ca, mine
        self.write_config(self.directory, "controller")
        self.server.ca = good
        self.running()
        self.wait(lambda: {pod["status"]["phase"] for pod in self.call("GET", PODS)["items"]} == {"Running"}, "pods that run")
        self.kubelet.kill()  # it knows one authority alone
        new = self.authority("new")
        self.addCleanup(self.as_before)
        self.server.stop()
        self.server.certify("new")
        self.server.start()
        mine.write_text(new.read_text())
        self.pods_use("240m")
        self.wait(lambda: self.size() == 4, "4 pods at 96 %")

    def as_before(self):
        self.server.stop()
        self.server.certify()
        self.server.start()

    def test_in_a_pod(self):
        account = self.directory / "account"
        account.mkdir()
        (account / "token").write_text(self.account_token())
        (account / "ca.crt").write_text(self.server.ca.read_text())
        (account / "namespace").write_text("scaling")
        config = self.directory / "config.yaml"
        config.write_text(config.read_text().replace(f"kubeconfig: {self.directory}/kubeconfig", "qps: 50"))
        program = pathlib.Path(case.OPTIONS.build).resolve() / "controller/autoscaler"
        script = IN_A_POD.format(mount=MOUNT, directory=self.directory, port=self.server.port, program=program)
        with open(self.directory / "controller.log", "ab") as log:
            if subprocess.run(["unshare", "--mount", "true"], stderr=log, check=False).returncode != 0:
                self.skipTest("this needs to mount: run it as root")
            made = subprocess.Popen(["unshare", "--mount", "sh", "-c", script], stdout=log, stderr=log)
        self.addCleanup(lambda: (made.kill(), made.wait()))
        self.wait(lambda: self.size() == 2, "the minimum of 2")
        self.assertEqual([e["status"] for e in self.audit() if e["user"] == self.account and e["status"] >= 400], [])

    def account_token(self):
        """Of a real service account where the server gives them out, as the kubelet mounts it."""
        if self.SERVER.__name__ == "FakeServer":
            self.account = "controller"
            return "controller-token"
        accounts = "/api/v1/namespaces/scaling/serviceaccounts"
        self.call("POST", accounts, {"metadata": {"name": "autoscaler"}})
        self.addCleanup(lambda: self.call("DELETE", accounts + "/autoscaler"))
        self.account = "system:serviceaccount:scaling:autoscaler"
        self.allow(READS + WRITES, [self.account], name="in-a-pod")
        return self.call("POST", accounts + "/autoscaler/token", {
            "apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {"expirationSeconds": 3600}})["status"]["token"]


if __name__ == "__main__":
    case.main()
