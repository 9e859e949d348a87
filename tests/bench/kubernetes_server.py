"""A kube-apiserver of its own with etcd on loopback, or one that a kubeconfig names; and how it is asked."""

import base64
import http.client
import json
import os
import pathlib
import shutil
import socket
import ssl
import subprocess
import threading
import time
import urllib.parse
from concurrent.futures import ThreadPoolExecutor

import yaml

TOKEN = "secret-admin"


class Api:
    """Calls to one API server, each thread with a connection of its own."""

    def __init__(self, url, context, headers):
        self.url, self.context, self.headers = urllib.parse.urlsplit(url), context, headers
        self.own = threading.local()

    def connect(self, timeout=60):
        if self.url.scheme == "http":
            return http.client.HTTPConnection(self.url.netloc, timeout=timeout)
        return http.client.HTTPSConnection(self.url.netloc, context=self.context, timeout=timeout)

    def call(self, method, path, body=None, kind="application/json", missing_ok=False):
        data = None if body is None else json.dumps(body)
        headers = dict(self.headers, **({"Content-Type": kind} if data else {}))
        for again in range(6):
            try:
                if not hasattr(self.own, "connection"):
                    self.own.connection = self.connect()
                self.own.connection.request(method, path, data, headers)
                answer = self.own.connection.getresponse()
                text = answer.read()
            except (OSError, http.client.HTTPException):
                del self.own.connection
                continue
            if answer.status in (429, 503):
                time.sleep(0.2 * (again + 1))
                continue
            if missing_ok and answer.status in (404, 409):
                return None
            if answer.status >= 300:
                raise RuntimeError(f"{method} {path}: {answer.status} {text[:300]!r}")
            return json.loads(text) if text.startswith(b"{") else text
        raise RuntimeError(f"{method} {path}: no answer after several tries")

    def patch(self, path, body):
        return self.call("PATCH", path, body, "application/merge-patch+json")

    def each(self, run, items, threads=8):
        with ThreadPoolExecutor(threads) as pool:
            return list(pool.map(run, items))


def cpu_seconds(pid):
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class OwnServer:
    """Started where KUBEBUILDER_ASSETS names a folder with kube-apiserver, and etcd is on the PATH."""

    @staticmethod
    def program():
        found = pathlib.Path(os.environ.get("KUBEBUILDER_ASSETS", "/nonexistent")) / "kube-apiserver"
        return found if found.exists() and shutil.which("etcd") else None

    def __init__(self, folder):
        self.folder, self.processes = folder, []
        port, client, peer = (free_port() for _ in range(3))
        (folder / "tokens.csv").write_text(f'{TOKEN},admin,1,"system:masters"\n')
        subprocess.run(["openssl", "genrsa", "-out", folder / "sa.key", "2048"], check=True, capture_output=True)
        store = f"http://127.0.0.1:{client}"
        self.start("etcd", "etcd", f"--data-dir={folder}/etcd", f"--listen-client-urls={store}",
                   f"--advertise-client-urls={store}", f"--listen-peer-urls=http://127.0.0.1:{peer}", "--unsafe-no-fsync")
        self.start("kube-apiserver", self.program(), f"--etcd-servers={store}", "--bind-address=127.0.0.1",
                   "--advertise-address=127.0.0.1", f"--secure-port={port}", f"--cert-dir={folder}/certs",
                   f"--token-auth-file={folder}/tokens.csv", "--authorization-mode=RBAC",
                   "--service-cluster-ip-range=10.0.0.0/24", "--service-account-issuer=https://kubernetes.default.svc",
                   f"--service-account-key-file={folder}/sa.key", f"--service-account-signing-key-file={folder}/sa.key",
                   "--disable-admission-plugins=ServiceAccount", "--endpoint-reconciler-type=none", "--profiling=false")
        authority = folder / "certs/apiserver.crt"
        deadline = time.monotonic() + 90
        while not authority.exists() or not self.is_ready(port):
            if time.monotonic() > deadline or self.processes[1].poll() is not None:
                raise RuntimeError((folder / "kube-apiserver.log").read_text()[-2000:])
            time.sleep(0.2)
        self.kubeconfig = folder / "kubeconfig"
        self.kubeconfig.write_text(yaml.safe_dump({
            "current-context": "own", "contexts": [{"name": "own", "context": {"cluster": "own", "user": "own"}}],
            "clusters": [{"name": "own", "cluster": {"server": f"https://127.0.0.1:{port}",
                                                     "certificate-authority": str(authority)}}],
            "users": [{"name": "own", "user": {"token": TOKEN}}]}))

    def start(self, name, *command):
        with open(self.folder / f"{name}.log", "wb") as log:
            self.processes.append(subprocess.Popen(list(map(str, command)), stdout=log, stderr=log))

    @staticmethod
    def is_ready(port):
        try:
            asked = http.client.HTTPSConnection(f"127.0.0.1:{port}", timeout=5,
                                                context=ssl._create_unverified_context())
            asked.request("GET", "/readyz", headers={"Authorization": "Bearer " + TOKEN})
            return asked.getresponse().status == 200
        except OSError:
            return False

    def cpu(self, api):
        return {"etcd": cpu_seconds(self.processes[0].pid), "kube-apiserver": cpu_seconds(self.processes[1].pid)}

    def close(self):
        for process in reversed(self.processes):
            process.kill()
            process.wait()


class GivenServer:
    """One that runs already; its CPU is what its own /metrics say, and etcd's is not known."""

    def __init__(self, kubeconfig):
        self.kubeconfig = kubeconfig

    def cpu(self, api):
        page = api.call("GET", "/metrics").decode()
        line = next(line for line in page.splitlines() if line.startswith("process_cpu_seconds_total "))
        return {"kube-apiserver": float(line.split()[1])}

    def close(self):
        pass


def api_of(kubeconfig, context_name, folder):
    """Tokens and client certificates, in the file or beside it."""
    config = yaml.safe_load(pathlib.Path(kubeconfig).read_text())
    named = {kind: {each["name"]: each for each in config[kind]} for kind in ("contexts", "clusters", "users")}
    context = named["contexts"][context_name or config["current-context"]]["context"]
    cluster, user = named["clusters"][context["cluster"]]["cluster"], named["users"][context["user"]]["user"]

    def file_of(holder, key):
        if key + "-data" not in holder:
            return holder.get(key)
        (folder / key).write_bytes(base64.b64decode(holder[key + "-data"]))
        return folder / key

    tls = ssl.create_default_context(cafile=file_of(cluster, "certificate-authority"))
    if certificate := file_of(user, "client-certificate"):
        tls.load_cert_chain(certificate, file_of(user, "client-key"))
    token = user.get("token") or (pathlib.Path(user["tokenFile"]).read_text() if "tokenFile" in user else None)
    headers = {"User-Agent": "kubernetes_bench", **({"Authorization": "Bearer " + token} if token else {})}
    return Api(cluster["server"], tls, headers)


def free_port():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]
