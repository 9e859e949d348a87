"""API servers that a test starts, kills and hangs: the fake one, or a real one where KUBEBUILDER_ASSETS names a
folder with kube-apiserver, the convention of envtest. Both are asked over TLS, and keep what they hold when killed."""

import ctypes
import json
import os
import pathlib
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import time
import urllib.error
import urllib.request

import certificates
import ports

FAKES = pathlib.Path(__file__).resolve().parent
# Users by their tokens. What they may, but for those of system:masters, is what a test's RBAC objects say.
USERS = ("admin", "kubelet", "controller", "reader", "one", "two", "three", "looker")
MASTERS = ("admin", "kubelet")
METHODS = {"create": "POST", "update": "PUT", "patch": "PATCH", "delete": "DELETE", "deletecollection": "DELETE"}
FLOW = "/apis/flowcontrol.apiserver.k8s.io/v1/"
METRICS = ("metrics.k8s.io/v1beta1", "custom.metrics.k8s.io/v1beta2", "external.metrics.k8s.io/v1beta1")


def die_with_the_test(prctl=ctypes.CDLL(None).prctl):
    prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG


class ApiServer:
    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.port = ports.take()
        self.url = f"https://127.0.0.1:{self.port}"
        self.ca = self.folder / "ca.pem"
        self.process = None
        certificates.authority(self.folder)
        self.certify()
        self.know()

    def certify(self, by="ca"):
        """A new server certificate, of this authority, from the next start on."""
        certificates.signed(self.folder, "server", "IP:127.0.0.1,DNS:localhost,DNS:metrics.metrics.svc", by=by)
        self.context = ssl.create_default_context(cafile=self.folder / (by + ".pem"))

    def know(self, *users):
        """Whose tokens are good, from the next start on; all, where none is named."""
        groups = {user: "system:masters" for user in MASTERS}
        (self.folder / "tokens.csv").write_text(
            "".join(f'{user}-token,{user},{user},"{groups.get(user, "")}"\n' for user in users or USERS))

    def run(self, command, name):
        with open(self.folder / (name + ".log"), "ab") as log:
            return subprocess.Popen(command, stdout=log, stderr=log, preexec_fn=die_with_the_test)

    def start(self):
        self.process = self.run(self.command(), "api_server")
        end = time.monotonic() + 180
        while not self.is_ready():
            if self.process.poll() is not None or time.monotonic() > end:
                log = (self.folder / "api_server.log").read_text()
                raise RuntimeError("the API server has not started:\n" + log[-3000:])
            time.sleep(0.05)

    def is_ready(self):
        try:
            return self.text("GET", "/readyz") == "ok"
        except OSError:
            return False

    def stop(self):
        self.process.kill()
        self.process.wait()

    def pause(self):
        self.process.send_signal(signal.SIGSTOP)

    def resume(self):
        self.process.send_signal(signal.SIGCONT)

    def close(self):
        self.resume()
        self.stop()

    def text(self, method, path, body=None, content_type="application/json", token="admin-token", accept="application/json"):
        request = urllib.request.Request(self.url + path, method=method, headers={
            "Authorization": "Bearer " + token, "Content-Type": content_type, "User-Agent": "test", "Accept": accept},
            data=json.dumps(body).encode() if body is not None else None)
        with urllib.request.urlopen(request, context=self.context, timeout=60) as response:
            return response.read().decode()

    def call(self, *arguments, **options):
        return json.loads(self.text(*arguments, **options))


class FakeServer(ApiServer):
    past = []  # what was asked before it was killed

    def command(self):
        return [sys.executable, FAKES / "api_server.py", "--port", str(self.port), "--tokens", self.folder / "tokens.csv",
                "--state", self.folder / "state", "--cert", self.folder / "server.pem", "--key", self.folder / "server.key",
                "--client-ca", self.ca]

    def audit(self):
        """What was asked, in order: {method, path, body, user, status, agent, version}."""
        return self.past + self.call("GET", "/_control/audit")

    def stop(self):
        self.past = self.audit()
        super().stop()

    def page(self, path, body):
        """What an API of metrics answers to a GET of this path."""
        self.call("POST", "/_control/faults", {"pages": {path: body}})

    def compact(self):
        """What changed before now is forgotten: versions that are older are answered 410."""
        self.call("POST", "/_control/compact", {})

    def storm(self, user):
        """Everything that this user asks for is answered 429, until the calm."""
        self.call("POST", "/_control/faults", {"storm": user})

    def calm(self):
        self.storm("")


class RealServer(ApiServer):
    """With an etcd, and the metrics APIs served by the fake behind the aggregator."""
    shared = None

    @staticmethod
    def missing():
        """What there is not, in one line; empty: there is all."""
        folder = os.environ.get("KUBEBUILDER_ASSETS", "")
        if not folder:
            return ("no real API server: set KUBEBUILDER_ASSETS to a folder with kube-apiserver "
                    "(`setup-envtest use -p path` prints one), and have etcd on the PATH")
        if not os.access(folder + "/kube-apiserver", os.X_OK):
            return f"no real API server: KUBEBUILDER_ASSETS={folder} has no kube-apiserver"
        return "" if shutil.which("etcd") else "no real API server: there is no etcd on the PATH"

    def __init__(self, folder):
        super().__init__(folder)
        subprocess.run(["openssl", "genrsa", "-out", self.folder / "sa.key", "2048"], check=True, capture_output=True)
        self.etcd_port, peer = ports.take(), f"http://127.0.0.1:{ports.take()}"
        client = f"http://127.0.0.1:{self.etcd_port}"
        self.etcd = self.run(["etcd", "--data-dir", self.folder / "etcd", "--listen-client-urls", client, "--advertise-client-urls",
                              client, "--listen-peer-urls", peer, "--initial-advertise-peer-urls", peer, "--initial-cluster",
                              "default=" + peer, "--unsafe-no-fsync"], "etcd")
        self.backend_port = ports.take()
        self.backend = self.run([sys.executable, FAKES / "api_server.py", "--port", str(self.backend_port), "--tokens",
                                 self.folder / "tokens.csv", "--cert", self.folder / "server.pem", "--key",
                                 self.folder / "server.key", "--behind-aggregator"], "backend")
        self.entries, self.position = {}, 0

    def command(self):
        places = {"folder": self.folder, "certificates": self.folder, "port": self.port, "etcd_port": self.etcd_port,
                  "policy": FAKES / "audit_policy.yaml"}
        flags = (FAKES / "kube_apiserver.flags").read_text().format(**places).split()
        return [os.environ["KUBEBUILDER_ASSETS"] + "/kube-apiserver", *flags]

    def start(self):
        """Before it is ready it may know no roles yet: what it is asked until then is marked."""
        before = len(self.audit())
        super().start()
        for entry in self.audit()[before:]:
            entry["starting"] = True

    def close(self):
        super().close()
        for process in (self.etcd, self.backend):
            process.kill()
            process.wait()

    def serve_metrics(self):
        """The metrics APIs, as metrics-server and an adapter register them."""
        self.call("POST", "/api/v1/namespaces", {"metadata": {"name": "metrics"}})
        self.call("POST", "/api/v1/namespaces/metrics/services", {"metadata": {"name": "metrics"}, "spec": {
            "type": "ExternalName", "externalName": "localhost"}})
        for api in METRICS:
            group, version = api.split("/")
            self.call("POST", "/apis/apiregistration.k8s.io/v1/apiservices", {"metadata": {"name": f"{version}.{group}"}, "spec": {
                "group": group, "version": version, "groupPriorityMinimum": 100, "versionPriority": 100, "insecureSkipTLSVerify": True,
                "service": {"namespace": "metrics", "name": "metrics", "port": self.backend_port}}})
        end = time.monotonic() + 120
        while not all(self.is_served(api) for api in METRICS):
            if time.monotonic() > end:
                raise RuntimeError("the aggregator does not find the metrics APIs")
            time.sleep(0.1)

    def is_served(self, api):
        try:
            return bool(self.text("GET", "/apis/" + api))
        except urllib.error.HTTPError:
            return False

    def page(self, path, body):
        request = urllib.request.Request(f"https://127.0.0.1:{self.backend_port}/_control/faults", method="POST",
                                         data=json.dumps({"pages": {path: body}}).encode())
        urllib.request.urlopen(request, context=self.context, timeout=20).close()

    def etcd_call(self, path, body):
        request = urllib.request.Request(f"http://127.0.0.1:{self.etcd_port}/v3/{path}", data=json.dumps(body).encode())
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.load(answer)

    def compact(self):
        """etcd forgets what changed before now. The server itself does after its next start: it goes on with what it keeps."""
        revision = self.etcd_call("maintenance/status", {})["header"]["revision"]
        self.etcd_call("kv/compaction", {"revision": revision, "physical": True})

    def storm(self, user):
        """A priority level of one seat, that refuses instead of queueing; a request whose body never ends has it."""
        schema = {"priorityLevelConfiguration": {"name": "storm"}, "matchingPrecedence": 2, "rules": [{
            "subjects": [{"kind": "User", "user": {"name": each}} for each in (user, "reader")],
            "resourceRules": [{"verbs": ["*"], "apiGroups": ["*"], "resources": ["*"], "namespaces": ["*"], "clusterScope": True}]}]}
        level = {"type": "Limited", "limited": {"nominalConcurrencyShares": 0, "lendablePercent": 0, "borrowingLimitPercent": 0,
                                                "limitResponse": {"type": "Reject"}}}
        self.call("POST", FLOW + "prioritylevelconfigurations", {"metadata": {"name": "storm"}, "spec": level})
        self.call("POST", FLOW + "flowschemas", {"metadata": {"name": "storm"}, "spec": schema})
        self.call("POST", "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings", {
            "metadata": {"name": "storm"}, "subjects": [{"kind": "User", "name": "reader"}],
            "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "cluster-admin"}})
        end = time.monotonic() + 60
        while not self.is_stormy(user):
            if time.monotonic() > end:
                raise RuntimeError("the API server refuses nothing")
            time.sleep(0.1)

    def is_stormy(self, user):
        plain = socket.create_connection(("127.0.0.1", self.port))
        self.seat = self.context.wrap_socket(plain, server_hostname="127.0.0.1")
        self.seat.sendall(b"POST /api/v1/namespaces/default/configmaps HTTP/1.1\r\nHost: storm\r\nContent-Length: 9\r\n"
                          b"Content-Type: application/json\r\nAuthorization: Bearer reader-token\r\n\r\n{")
        time.sleep(0.1)  # it must be there first
        try:
            self.text("GET", "/api/v1/pods", token=user + "-token")
        except urllib.error.HTTPError as error:
            return error.code == 429
        return False

    def calm(self):
        self.seat.close()
        self.call("DELETE", "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings/storm")
        self.call("DELETE", FLOW + "flowschemas/storm")
        self.call("DELETE", FLOW + "prioritylevelconfigurations/storm")

    def audit(self):
        with open(self.folder / "audit.log", "a+", encoding="utf-8") as log:
            log.seek(self.position)
            for line in iter(log.readline, ""):
                if not line.endswith("\n"):
                    break  # it is being written
                self.position = log.tell()
                event = json.loads(line)
                self.entries[event["auditID"]] = self.entry(event)  # of a watch: the last of two
        return list(self.entries.values())

    @staticmethod
    def entry(event):
        body = json.dumps(event.get("requestObject", ""), separators=(",", ":"))
        meta = event.get("responseObject", {}).get("metadata") or {}
        return {"method": METHODS.get(event["verb"], "GET"), "path": event["requestURI"], "body": body,
                "user": event["user"].get("username", ""), "status": event.get("responseStatus", {}).get("code", 0),
                "agent": event.get("userAgent", ""), "version": int(meta.get("resourceVersion") or 0), "starting": False}
