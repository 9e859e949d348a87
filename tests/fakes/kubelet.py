#!/usr/bin/env python3
"""Makes the pods that Deployments, StatefulSets and ReplicaSets ask for, and takes them away, in an API server
that has no controllers: `kubelet.py URL TOKEN [--ready-ms N] [--gone-ms N] [--ca PEM]`. Runs until it is killed."""

import argparse
import itertools
import json
import ssl
import time
import urllib.error
import urllib.request

KINDS = ("deployments", "statefulsets", "replicasets")
COST = "controller.kubernetes.io/pod-deletion-cost"


class Api:
    def __init__(self, url, token, ca):
        self.url, self.token = url, token
        self.context = ssl.create_default_context(cafile=ca) if ca else None

    def call(self, method, path, body=None, content_type="application/json"):
        request = urllib.request.Request(self.url + path, method=method, headers={
            "Authorization": "Bearer " + self.token, "Content-Type": content_type, "User-Agent": "kubelet"},
            data=json.dumps(body).encode() if body is not None else None)
        with urllib.request.urlopen(request, context=self.context, timeout=10) as response:
            return json.load(response)

    def patch(self, path, body):
        return self.call("PATCH", path, body, "application/merge-patch+json")


def timestamp():
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())


class Kubelet:
    def __init__(self, api, ready_s, gone_s):
        self.api, self.ready_s, self.gone_s = api, ready_s, gone_s
        self.number = itertools.count()
        self.born, self.dying = {}, {}  # path of the pod -> since when

    def turn(self):
        pods = self.api.call("GET", "/api/v1/pods")["items"]
        for kind in KINDS:
            for owner in self.api.call("GET", "/apis/apps/v1/" + kind)["items"]:
                self.size(kind, owner, [p for p in pods if self.belongs(p, owner)])
        for pod in pods:
            self.age(pod)

    @staticmethod
    def path(pod):
        return f"/api/v1/namespaces/{pod['metadata']['namespace']}/pods/{pod['metadata']['name']}"

    @staticmethod
    def belongs(pod, owner):
        wanted = owner["spec"]["selector"]["matchLabels"].items()
        return (pod["metadata"]["namespace"] == owner["metadata"]["namespace"] and
                wanted <= (pod["metadata"].get("labels") or {}).items())

    def size(self, kind, owner, pods):
        meta = owner["metadata"]
        living = [p for p in pods if self.path(p) not in self.dying]
        missing = owner["spec"].get("replicas", 1) - len(living)
        for _ in range(missing):
            self.start(meta, owner["spec"])
        # Those go first that cost the least, then the youngest.
        living.sort(key=lambda p: int((p["metadata"].get("annotations") or {}).get(COST, 0)))
        for pod in living[:max(0, -missing)]:
            self.dying[self.path(pod)] = time.monotonic()
        count = len(pods) + max(0, missing)
        if (owner.get("status") or {}).get("replicas", 0) != count:
            self.api.patch(f"/apis/apps/v1/namespaces/{meta['namespace']}/{kind}/{meta['name']}/status",
                           {"status": {"replicas": count, "observedGeneration": meta.get("generation", 1)}})

    def start(self, meta, spec):
        template = spec.get("template") or {}
        pod = {"metadata": {"name": f"{meta['name']}-{next(self.number)}",
                            "labels": dict(spec["selector"]["matchLabels"]),
                            "annotations": (template.get("metadata") or {}).get("annotations") or {}},
               "spec": template.get("spec") or {"containers": [{"name": "app", "image": "none"}]}}
        made = self.api.call("POST", f"/api/v1/namespaces/{meta['namespace']}/pods", pod)
        self.born[self.path(made)] = time.monotonic()
        self.report(made, "Pending", "False")

    def report(self, pod, phase, ready):
        ip = f"127.0.0.{2 + abs(hash(pod['metadata']['name'])) % 250}"
        self.api.patch(self.path(pod) + "/status", {"status": {
            "phase": phase, "startTime": timestamp(), "podIP": ip if phase == "Running" else None,
            "conditions": [{"type": "Ready", "status": ready, "lastTransitionTime": timestamp()}]}})

    def age(self, pod):
        path, now = self.path(pod), time.monotonic()
        if path in self.dying:
            if now - self.dying[path] >= self.gone_s:
                del self.dying[path]
                self.api.call("DELETE", path + "?gracePeriodSeconds=0")
        elif (pod.get("status") or {}).get("phase") == "Pending":
            if now - self.born.setdefault(path, now) >= self.ready_s:
                self.report(pod, "Running", "True")


def main():
    options = argparse.ArgumentParser()
    options.add_argument("url")
    options.add_argument("token")
    options.add_argument("--ready-ms", type=int, default=200)
    options.add_argument("--gone-ms", type=int, default=200)
    options.add_argument("--ca")
    given = options.parse_args()
    kubelet = Kubelet(Api(given.url, given.token, given.ca), given.ready_ms / 1000, given.gone_ms / 1000)
    while True:
        try:
            kubelet.turn()
        except (urllib.error.URLError, OSError, ValueError):
            pass  # the server is away, or somebody else was first: the next turn sees it anew
        time.sleep(0.05)


if __name__ == "__main__":
    main()
