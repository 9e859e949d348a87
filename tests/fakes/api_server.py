#!/usr/bin/env python3
"""A Kubernetes API server that keeps state, for tests: what a controller can see of a real one.

    api_server.py --tokens CSV [--port N] [--state FILE] [--cert PEM --key PEM [--client-ca PEM]] [--bookmark-ms N]

Prints "port N" once it listens. Users come with a token, as in a token auth file (token,user,uid,"group,group"),
or with a client certificate of the authority (common name, organizations); what they may is by RBAC objects, all
by the group system:masters. What tests set and read is under /_control, see Control. With --behind-aggregator it
serves APIs of metrics to a real API server, which has sorted out already who may what.
"""

import argparse
import csv
import http.server
import json
import pathlib
import socket
import ssl
import sys
import threading
import time
import urllib.parse

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from api_store import (CLUSTER_WIDE, RESOURCES, WITH_STATUS, Refusal, Store, account_name, described, long_name,  # noqa: E402
                       merge, scale_of, with_scale, with_status_of)

MERGE_PATCH = "application/merge-patch+json"
APPLY_PATCH = "application/apply-patch+yaml"


PARTIAL = {"kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1"}


def metadata_of(obj):
    return PARTIAL | {"metadata": obj["metadata"]}


class Control:
    """What tests set (POST, an object with some of these) and read (GET audit)."""

    def __init__(self, store, users):
        self.store = store
        self.users = users         # token -> {name, groups}
        self.lock = threading.Lock()
        self.audit = []
        self.throttle = 0          # so many requests are answered 429
        self.storm = ""            # and all of this user's
        self.retry_after = 1       # and asked to wait so many seconds
        self.fail = 0              # so many are answered with fail_status and a text that is no Status
        self.fail_status = 503
        self.fail_retry_after = 0  # seconds; 0: they do not say
        self.latency_ms = 0        # before each answer
        self.cut = 0               # so many answers end in the middle
        self.no_watch = False      # watches are answered 503
        self.watch_round = 0       # watches end when it grows
        self.cut_watches = False   # end them without the last chunk
        self.no_bookmarks = False  # watches tell nothing but changes
        self.end_at_once = False   # watches end before they have told anything
        self.pages = {}            # path -> what a GET of it is answered, whatever it is

    def token_of(self, namespace, account):
        user = account_name(namespace, account)
        with self.lock:
            self.users[user] = {"name": user, "groups": []}
        return {"kind": "TokenRequest", "metadata": {"name": account}, "status": {"token": user}}

    def take(self, name):
        with self.lock:
            left = getattr(self, name)
            if left > 0:
                setattr(self, name, left - 1)
            return left > 0

    def serve(self, method, path, body):
        if path == "audit":
            with self.lock:
                answer = list(self.audit)
                if method == "DELETE":
                    self.audit.clear()
            return answer
        if path == "expire":
            with self.lock:
                self.users.pop(body["token"], None)
        elif path == "faults":
            with self.lock:
                for name, value in body.items():
                    if not hasattr(self, name):
                        raise Refusal(400, "BadRequest", f"there is no {name}")
                    setattr(self, name, self.pages | value if name == "pages" else value)
        elif path == "compact":
            self.store.compact()
        elif path == "end_watches":
            with self.store.changed:
                self.cut_watches = body.get("cut", False)
                self.watch_round += 1
                self.store.changed.notify_all()
        else:
            raise Refusal(404, "NotFound", f"there is no /_control/{path}")
        return {}


def split_path(path):
    """/apis/GROUP/VERSION[/namespaces/NS]/PLURAL[/NAME[/SUB]] -> resource, namespace, name, subresource"""
    parts = path.strip("/").split("/")
    if parts[0] == "api":
        group, version, rest = "", parts[1], parts[2:]
    elif parts[0] == "apis" and len(parts) > 3:
        group, version, rest = parts[1], parts[2], parts[3:]
    else:
        return None
    namespace = ""
    if rest and rest[0] == "namespaces" and len(rest) > 2:
        namespace, rest = rest[1], rest[2:]
    if not rest or len(rest) > 3:
        return None
    return (group, version, rest[0]), namespace, rest[1] if len(rest) > 1 else "", rest[2] if len(rest) > 2 else ""


def forbidden(user, verb, resource, namespace, name, sub):
    where = f'in the namespace "{namespace}"' if namespace else "at the cluster scope"
    subject = long_name(resource) + (f' "{name}"' if name else "")
    wanted = resource[2] + ("/" + sub if sub else "")
    return Refusal(403, "Forbidden", f'{subject} is forbidden: User "{user["name"]}" cannot {verb} resource "{wanted}" in '
                   f'API group "{resource[0]}" {where}', {"name": name, "group": resource[0], "kind": resource[2]})


def read_users(path):
    with open(path, newline="") as file:
        return {row[0]: {"name": row[1], "groups": row[3].split(",") if len(row) > 3 else []}
                for row in csv.reader(file) if row}


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # headers and body in one piece
    disable_nagle_algorithm = True
    store = control = None
    bookmark_s = 1.0
    is_behind_aggregator = False

    def log_message(self, *_):
        pass

    def user(self):
        if self.is_behind_aggregator:
            return {"name": self.headers.get("X-Remote-User", ""), "groups": ["system:masters"]}
        token = self.headers.get("Authorization", "").removeprefix("Bearer ")
        certificate = self.connection.getpeercert() if isinstance(self.connection, ssl.SSLSocket) else None
        if not token and certificate:
            names = [pair for part in certificate["subject"] for pair in part]
            return {"name": dict(names)["commonName"], "groups": [v for k, v in names if k == "organizationName"]}
        with self.control.lock:
            return self.control.users.get(token)

    def answer(self, status, body, content_type="application/json", headers=()):
        if isinstance(body, (dict, list)):
            pretty = self.headers.get("User-Agent", "").startswith(("curl", "Wget", "Mozilla"))
            body = json.dumps(body, indent=2 if pretty else None, separators=None if pretty else (",", ":"))
        data = body.encode()
        cut = not self.path.startswith("/_control") and self.control.take("cut")
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(data)))
        for name, value in headers:
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data[:len(data) // 2] if cut else data)
        self.wfile.flush()
        if cut:
            self.hang_up()

    def hang_up(self):
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RDWR)

    def handle_one(self):
        url = urllib.parse.urlsplit(self.path)
        query = {k: v[-1] for k, v in urllib.parse.parse_qs(url.query, keep_blank_values=True).items()}
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length).decode() if length else ""
        entry = {"method": self.command, "path": self.path, "body": body, "user": "", "status": 0,
                 "agent": self.headers.get("User-Agent", ""), "accept": self.headers.get("Accept", ""), "version": 0}
        try:
            if url.path.startswith("/_control/"):
                self.answer(200, self.control.serve(self.command, url.path[10:], json.loads(body or "{}")))
                return
            with self.control.lock:
                self.control.audit.append(entry)
            self.serve(url.path, query, body, entry)
        except Refusal as refusal:
            entry["status"] = refusal.code
            self.answer(refusal.code, refusal.status())
        except (ConnectionError, OSError):
            self.close_connection = True

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = handle_one

    def serve(self, path, query, body, entry):
        control = self.control
        if control.latency_ms:
            time.sleep(control.latency_ms / 1000)
        if control.take("throttle"):
            self.refuse(entry)
            return
        if control.take("fail"):
            entry["status"] = control.fail_status
            headers = [("Retry-After", str(control.fail_retry_after))] if control.fail_retry_after else []
            self.answer(control.fail_status, "service unavailable\n", "text/plain; charset=utf-8", headers)
            return
        user = self.user()
        if user is None:
            raise Refusal(401, "Unauthorized", "Unauthorized")
        entry["user"] = user["name"]
        if user["name"] == control.storm:
            self.refuse(entry)
            return
        if path in ("/readyz", "/livez", "/version"):
            entry["status"] = 200
            self.answer(200, "ok", "text/plain")
            return
        parts = path.strip("/").split("/")
        listed = described(*(["", parts[1]] if parts[0] == "api" else parts[1:])) if len(parts) == (
            2 if parts[0] == "api" else 3) else None
        if listed:
            entry["status"] = 200
            self.answer(200, listed)
            return
        parsed = split_path(path)
        if parsed and path in control.pages:
            verb = "get" if parsed[2] else "list"
            if not self.store.may(user, verb, *parsed):
                raise forbidden(user, verb, *parsed)
            entry["status"] = 200
            self.answer(200, control.pages[path])
            return
        if parsed is None or parsed[0] not in RESOURCES:
            entry["status"] = 404
            self.answer(404, "404 page not found\n", "text/plain; charset=utf-8")
            return
        status, answer = self.call(*parsed, query, body, entry, user)
        if answer is not None:
            entry["status"] = status
            entry["version"] = int(answer["metadata"].get("resourceVersion") or 0)
            self.answer(status, answer)

    def refuse(self, entry):
        entry["status"] = 429
        self.answer(429, "Too many requests, please try again later.\n", "text/plain; charset=utf-8",
                    [("Retry-After", str(self.control.retry_after))])

    def call(self, resource, namespace, name, sub, query, body, entry, user):
        watch = query.get("watch") in ("true", "1")
        method = self.command
        verb = {"POST": "create", "PUT": "update", "PATCH": "patch", "DELETE": "delete"}.get(
            method, "get" if name else "watch" if watch else "list")
        if not self.store.may(user, verb, resource, namespace, name, sub):
            raise forbidden(user, verb, resource, namespace, name, sub)
        selector = query.get("labelSelector", "")
        if verb == "watch":
            entry["status"] = 200  # until it turns out otherwise
            self.watch(resource, namespace, selector, query)
            return 200, None
        if verb == "list":
            listed = self.store.list(resource, namespace, selector, int(query.get("limit") or 0), query.get("continue"))
            if self.wants_metadata("PartialObjectMetadataList"):
                listed |= PARTIAL | {"kind": "PartialObjectMetadataList", "items": list(map(metadata_of, listed["items"]))}
            return 200, listed
        if verb == "get":
            found = self.store.find(resource, namespace, name)
            return 200, scale_of(resource, found) if sub == "scale" else found
        if verb == "delete":
            return 200, self.store.delete(resource, namespace, name)
        try:
            given = json.loads(body)
        except ValueError:
            raise Refusal(400, "BadRequest", "the object provided is unrecognized") from None
        if verb == "create" and sub == "token":
            return 201, self.control.token_of(namespace, name)
        if verb == "create":
            if not namespace and resource[2] not in CLUSTER_WIDE:
                raise Refusal(405, "MethodNotAllowed", "the server does not allow this method on the requested resource")
            return 201, self.store.create(resource, namespace, given)
        return self.change(verb, resource, namespace, name, sub, given)

    def wants_metadata(self, kind="PartialObjectMetadata"):
        """Of all that it takes, the first; of another kind than what is asked for, nothing."""
        wanted = self.headers.get("Accept", "").split(",")[0]
        return f";as={kind};g=meta.k8s.io;v=v1" in wanted

    def change(self, verb, resource, namespace, name, sub, given):
        content_type = self.headers.get("Content-Type", "").split(";")[0]
        if verb == "patch" and content_type not in (MERGE_PATCH, APPLY_PATCH):
            raise Refusal(415, "UnsupportedMediaType", f"the body of the request was in an unknown format: {content_type}")

        def changed(old):
            if sub == "scale":
                old_scale = scale_of(resource, old)
                return with_scale(old, merge(old_scale, given) if verb == "patch" else given)
            new = merge(old, given) if verb == "patch" else given
            if sub == "status":
                version = new["metadata"].get("resourceVersion")
                old["metadata"].update({"resourceVersion": version} if version else {})
                return dict(old, status=new.get("status", {}))
            return with_status_of(old, new) if resource in WITH_STATUS else new

        meta = given.get("metadata") or {}
        if verb == "update" and (meta.get("name") != name or meta.get("namespace", namespace) != namespace):
            raise Refusal(400, "BadRequest", f"the name of the object ({meta.get('name')}) does not match the name on the URL ({name})")
        if content_type == APPLY_PATCH and not sub and (resource, namespace, name) not in self.store.objects:
            given.setdefault("metadata", {})["name"] = name
            return 201, self.store.create(resource, namespace, given)
        new = self.store.update(resource, namespace, name, changed)
        return 200, scale_of(resource, new) if sub == "scale" else new

    def watch(self, resource, namespace, selector, query):
        control, mine = self.control, self.control.watch_round
        if control.no_watch:
            raise Refusal(503, "ServiceUnavailable", "no watches for now")
        end = time.monotonic() + float(query.get("timeoutSeconds") or 300)
        version = int(query.get("resourceVersion") or 0)
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        self.wfile.flush()
        if version == 0:
            listed = self.store.list(resource, namespace, selector, 0, None)
            for item in listed["items"]:
                self.event("ADDED", dict(item, kind=RESOURCES[resource][0]))
            version = int(listed["metadata"]["resourceVersion"])
        bookmarks = query.get("allowWatchBookmarks") in ("true", "1")
        bookmark = {"kind": RESOURCES[resource][0], "metadata": {"creationTimestamp": None},
                    "spec": {"containers": None}, "status": {}}
        next_bookmark = time.monotonic() + self.bookmark_s
        while True:
            left = end - time.monotonic()
            is_over = left <= 0 or control.watch_round != mine or control.end_at_once
            if is_over and control.cut_watches and not control.end_at_once and left > 0:
                self.hang_up()
                return
            if bookmarks and not control.no_bookmarks and (is_over or time.monotonic() >= next_bookmark):
                bookmark["metadata"]["resourceVersion"] = str(version)
                self.event("BOOKMARK", bookmark)
                next_bookmark = time.monotonic() + self.bookmark_s
            if is_over:
                break
            try:
                found, version = self.store.since(version, resource, namespace, selector,
                                                  min(left, max(0.0, next_bookmark - time.monotonic())))
            except Refusal as refusal:
                self.event("ERROR", refusal.status())
                break
            for kind, obj in found:
                self.event(kind, obj)
        self.wfile.write(b"0\r\n\r\n")
        self.wfile.flush()

    def event(self, kind, obj):
        if self.wants_metadata() and kind != "ERROR":
            obj = metadata_of(obj)
        line = json.dumps({"type": kind, "object": obj}, separators=(",", ":")).encode() + b"\n"
        self.wfile.write(b"%x\r\n%s\r\n" % (len(line), line))
        self.wfile.flush()


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 1024

    def handle_error(self, request, client_address):
        pass  # a client that has gone


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--port", type=int, default=0)
    options.add_argument("--tokens", required=True)
    options.add_argument("--state")
    options.add_argument("--cert")
    options.add_argument("--key")
    options.add_argument("--client-ca")
    options.add_argument("--behind-aggregator", action="store_true")
    options.add_argument("--bookmark-ms", type=int, default=1000)
    given = options.parse_args()
    Handler.store = Store(given.state)
    Handler.control = Control(Handler.store, read_users(given.tokens))
    Handler.bookmark_s = given.bookmark_ms / 1000
    Handler.is_behind_aggregator = given.behind_aggregator
    server = Server(("127.0.0.1", given.port), Handler)
    if given.cert:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(given.cert, given.key)
        if given.client_ca:
            context.load_verify_locations(given.client_ca)
            context.verify_mode = ssl.CERT_OPTIONAL
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    print("port", server.server_address[1], flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
