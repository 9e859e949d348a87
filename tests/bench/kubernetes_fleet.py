"""Deployments and their pods as objects of an API server, and a metrics server behind its aggregator."""

import base64
import http.client
import http.server
import json
import socket
import ssl
import subprocess
import threading
import time
import urllib.parse

SPACE = "autoscaler-bench"
METRICS = "v1beta1.metrics.k8s.io"
SERVICES = f"/api/v1/namespaces/{SPACE}/services"
TEMPLATE = "5d9c7b8f6d"  # as a ReplicaSet would name its pods by
MOMENT = "0000-00-00T00:00:00Z"  # of the answer: metrics-server writes it into each item
APISERVICES = "/apis/apiregistration.k8s.io/v1/apiservices"


def stamp(ago=0.0):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - ago))


def labels_of(pod):
    return {"app": pod.rsplit("-", 2)[0], "pod-template-hash": TEMPLATE}


def app_name(number):
    return f"app-{number:04}"


def app_path(space, number=None):
    return f"/apis/apps/v1/namespaces/{space}/deployments" + ("" if number is None else "/" + app_name(number))


class Fleet:
    """Written by many threads, in turn to each of the namespaces. No controller may make pods of these Deployments
    (they are paused), and no scheduler takes the pods."""

    def __init__(self, api, apps, pods_each, namespaces=1):
        self.api, self.apps, self.pods_each = api, apps, pods_each
        self.spaces = [SPACE] + [f"{SPACE}-{n}" for n in range(1, namespaces)]
        self.pods = [(self.space_of(a), f"{app_name(a)}-{TEMPLATE}-{p:05}") for a in range(apps) for p in range(pods_each)]

    def space_of(self, number):
        return self.spaces[number % len(self.spaces)]

    def write(self):
        for space in self.spaces:
            self.api.call("POST", "/api/v1/namespaces", {"metadata": {"name": space}})
            self.api.call("POST", f"/api/v1/namespaces/{space}/serviceaccounts", {"metadata": {"name": "default"}},
                          missing_ok=True)
        self.api.each(self.write_app, range(self.apps))
        self.api.each(lambda numbered: self.write_pod(numbered[0], *numbered[1]), enumerate(self.pods))

    def write_app(self, number):
        labels = {"app": app_name(number)}
        self.api.call("POST", app_path(self.space_of(number)), {"metadata": {"name": app_name(number), "labels": labels}, "spec": {
            "paused": True, "replicas": self.pods_each, "selector": {"matchLabels": labels},
            "template": {"metadata": {"labels": labels}, "spec": self.pod_spec()}}})
        self.api.patch(app_path(self.space_of(number), number) + "/status", {"status": {
            "replicas": self.pods_each, "readyReplicas": self.pods_each, "observedGeneration": 1}})

    def write_pod(self, number, space, name):
        labels, pods = labels_of(name), f"/api/v1/namespaces/{space}/pods"
        self.api.call("POST", pods, {"metadata": {"name": name, "labels": labels}, "spec": self.pod_spec()})
        conditions = [{"type": kind, "status": "True", "lastTransitionTime": stamp(3600)}
                      for kind in ("Initialized", "Ready", "ContainersReady", "PodScheduled")]
        running = {"name": "app", "ready": True, "started": True, "restartCount": 0, "image": "shop:1.2.3",
                   "imageID": "shop@sha256:" + "0" * 64, "state": {"running": {"startedAt": stamp(3600)}}}
        address = f"10.{64 + number // 65536}.{number // 256 % 256}.{number % 256}"
        self.api.patch(f"{pods}/{name}/status", {"status": {
            "phase": "Running", "startTime": stamp(3600), "conditions": conditions, "containerStatuses": [running],
            "podIP": address, "podIPs": [{"ip": address}], "qosClass": "Burstable"}})

    @staticmethod
    def pod_spec():
        return {"schedulerName": "nobody", "automountServiceAccountToken": False, "containers": [{
            "name": "app", "image": "shop:1.2.3", "ports": [{"name": "http", "containerPort": 8080}],
            "env": [{"name": "DATABASE", "value": "db.shop.svc"}, {"name": "LOG_LEVEL", "value": "info"}],
            "resources": {"requests": {"cpu": "500m", "memory": "256Mi"}, "limits": {"memory": "512Mi"}},
            "readinessProbe": {"httpGet": {"path": "/healthz", "port": "http"}}}]}

    def remove(self):
        for space in self.spaces:
            self.api.call("DELETE", f"/api/v1/namespaces/{space}", missing_ok=True)

    def resize(self, replicas):
        """As they were."""
        self.api.each(lambda n: self.api.patch(app_path(self.space_of(n), n), {"spec": {"replicas": replicas}}),
                      range(self.apps))


def as_list(items):
    return json.dumps({"kind": "PodMetricsList", "apiVersion": "metrics.k8s.io/v1beta1", "metadata": {}, "items": items},
                      separators=(",", ":")).encode()


class Rescales:
    """Watches the Deployments: when each was first seen at another size."""

    def __init__(self, api, size):
        self.api, self.size = api, size
        self.seen, self.is_over = {}, False
        listed = api.call("GET", "/apis/apps/v1/deployments?limit=1")["metadata"]["resourceVersion"]
        threading.Thread(target=self.watch, args=(listed,), daemon=True).start()

    def watch(self, version):
        self.connection = self.api.connect(3600)
        self.connection.request("GET", f"/apis/apps/v1/deployments?watch=true&resourceVersion={version}&timeoutSeconds=3500",
                                headers=self.api.headers)
        try:
            for line in self.connection.getresponse():
                seen = json.loads(line)["object"]
                if seen["metadata"].get("namespace", "").startswith(SPACE) and seen["spec"]["replicas"] != self.size:
                    self.seen.setdefault(seen["metadata"]["name"], time.monotonic())
        except (OSError, ValueError, http.client.HTTPException):
            if not self.is_over:
                raise

    def close(self):
        self.is_over = True
        self.connection.sock.shutdown(socket.SHUT_RDWR)


class MetricsServer:
    """metrics.k8s.io for the fleet, over TLS, measured anew every 15 s as metrics-server does; a change of the load
    is there at once. Registered at the aggregator with a CA of its own."""

    def __init__(self, api, fleet, folder, host):
        self.api, self.fleet = api, fleet
        self.cores, self.taken, self.unasked = 0.25, 0.0, set()
        self.lock = threading.Lock()
        self.turned = threading.Condition(self.lock)
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days",
                        "2", "-subj", "/CN=metrics", "-addext", f"subjectAltName=DNS:metrics.{SPACE}.svc", "-keyout",
                        folder / "metrics.key", "-out", folder / "metrics.pem"], check=True, capture_output=True)
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(folder / "metrics.pem", folder / "metrics.key")
        self.server = http.server.ThreadingHTTPServer((host, 0), self.handler())
        self.server.daemon_threads = True
        self.server.socket = tls.wrap_socket(self.server.socket, server_side=True, do_handshake_on_connect=False)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.register(base64.b64encode((folder / "metrics.pem").read_bytes()).decode(), host)

    def register(self, authority, host):
        port = self.server.server_address[1]
        name = "localhost" if host == "127.0.0.1" else host
        self.api.call("POST", SERVICES, {"metadata": {"name": "metrics"}, "spec": {
            "type": "ExternalName", "externalName": name, "ports": [{"port": port}]}})
        self.api.call("POST", APISERVICES, {"metadata": {"name": METRICS}, "spec": {
            "group": "metrics.k8s.io", "version": "v1beta1", "groupPriorityMinimum": 100, "versionPriority": 100,
            "service": {"namespace": SPACE, "name": "metrics", "port": port}, "caBundle": authority}})
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            said = self.api.call("GET", f"{APISERVICES}/{METRICS}").get("status", {}).get("conditions", [])
            if any(c["type"] == "Available" and c["status"] == "True" for c in said):
                return
            time.sleep(0.3)
        raise RuntimeError(f"the aggregator does not reach the metrics server at {name}:{port}: {said}")

    def use(self, cores):
        with self.lock:
            self.cores, self.taken = cores, 0.0
        for space in self.fleet.spaces:
            self.current(space)

    def current(self, space, app=""):
        """The answer for all pods of a namespace, or for those of one Deployment."""
        with self.lock:
            if time.monotonic() - self.taken > 15:
                self.taken = time.monotonic()
                at, usage = stamp(), {"cpu": f"{int(self.cores * 1e9)}n", "memory": "181484Ki"}
                self.items, self.pages = {}, {}
                for own, pod in self.fleet.pods:
                    item = {"metadata": {"name": pod, "namespace": own, "creationTimestamp": MOMENT, "labels": labels_of(pod)},
                            "timestamp": at, "window": "15.041s", "containers": [{"name": "app", "usage": usage}]}
                    for whose in ((own, ""), (own, item["metadata"]["labels"]["app"])):
                        self.items.setdefault(whose, []).append(item)
            key = (space, app)
            if key not in self.pages:
                self.pages[key] = as_list(self.items.get(key, []))
            page = self.pages[key]
        return page.replace(MOMENT.encode(), stamp().encode())

    def wait_until_asked(self):
        """By whoever asks of all namespaces, in each of them."""
        with self.turned:
            self.unasked = set(self.fleet.spaces)
            self.turned.wait_for(lambda: not self.unasked, 60)

    def handler(metrics):
        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            wbufsize = -1
            disable_nagle_algorithm = True

            def log_message(self, *_):
                pass

            def do_GET(self):
                url = urllib.parse.urlsplit(self.path)
                selector = urllib.parse.parse_qs(url.query).get("labelSelector", [""])[0]
                if "/pods" in url.path:
                    body = metrics.current(url.path.split("/")[5], selector.partition("=")[2])
                else:
                    body = json.dumps({"kind": "APIResourceList", "apiVersion": "v1", "groupVersion": "metrics.k8s.io/v1beta1",
                                       "resources": [{"name": "pods", "namespaced": True, "kind": "PodMetrics",
                                                      "singularName": "", "verbs": ["get", "list"]}]}).encode()
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)
                self.wfile.flush()
                if "/pods" in url.path:
                    with metrics.turned:
                        metrics.unasked.discard(url.path.split("/")[5])
                        metrics.turned.notify_all()
        return Handler

    def close(self):
        self.api.call("DELETE", f"{APISERVICES}/{METRICS}", missing_ok=True)
        self.server.shutdown()
