"""Who led and who wrote, by an API server's audit log: read along while it grows, and judged at the end.

Everything is judged that a leader writes, but for two kinds. A Lease is what says who leads; each write of it carries the
version that it was decided on, and of `-replicas` each writes its own annotation alone. An Event is news and no state: what
happened did happen, whoever leads when it is told, and nobody decides by it.
"""

import collections
import json
import threading
import time

from api_servers import RealServer

# A write of an object or of a Lease (with its `holder`, "" for nobody). `object`: of a size the name of the target, else
# what is written and the name, as in "status/web". Of one that succeeded `version` is the object's new one, which count up
# over all objects. `seen`: when it was read, monotonic.
Entry = collections.namedtuple("Entry", "version user space lease object holder status seen")
# `writes`: how many of each kind.
Found = collections.namedtuple("Found", "writes refused between late taken seized")
OTHERS = {"scalingpolicies": "status", "configmaps": "configmaps", "pods": "pods"}


def kind_of(entry):
    return entry.object.split("/")[0] if "/" in entry.object else "sizes"


def entry_of(request, seen=0.0):
    """None: of anything else. `request` as the servers' audit has it."""
    parts = request["path"].split("?")[0].split("/")
    if request["method"] not in ("PATCH", "POST", "PUT") or "namespaces" not in parts:
        return None
    common = {"version": request["version"], "user": request["user"], "status": request["status"], "seen": seen,
              "space": "".join(parts[parts.index("namespaces") + 1:][:1])}
    if parts[-1] == "scale":
        return Entry(lease="", object=parts[-2], holder=None, **common)
    plural, *name = parts[parts.index("namespaces") + 2:]
    if name and plural in OTHERS:
        return Entry(lease="", object=f"{OTHERS[plural]}/{name[0]}", holder=None, **common)
    if request["status"] not in (200, 201):
        return None  # of one whose client has gone not even the body is in the log
    body = json.loads(request["body"])
    if plural in OTHERS:  # made
        return Entry(lease="", object=f"{OTHERS[plural]}/{body['metadata']['name']}", holder=None, **common)
    if plural != "leases":
        return None
    return Entry(lease=body["metadata"]["name"], object="", holder=(body.get("spec") or {}).get("holderIdentity") or "", **common)


def is_done(entry):
    return entry.status in (200, 201)


class Standing:
    """Who leads by one Lease, and which objects it has written since."""

    def __init__(self):
        self.holder, self.user, self.written, self.taken, self.seized = "", "", set(), 0, 0

    def follow(self, entry):
        """What `entry` is: "lease", "write", "between" (before the leader's first to that object) or "late"."""
        if not entry.lease:
            if entry.user == self.user:
                self.written.add(entry.object)
                return "write"
            return "late" if entry.object in self.written else "between"
        gives_away = entry.user == self.user and entry.holder != self.holder
        leader = "" if gives_away or not entry.holder else entry.user
        if leader != self.user:
            self.seized += 1 if leader and self.user else 0  # from one who had neither handed it over nor left it
            self.user, self.written = leader, set()
            self.taken += 1 if leader else 0
        self.holder = entry.holder
        return "lease"


class Standings:
    """`lease_of(space, object)`: the namespace and name of the Lease that an object is written under."""

    def __init__(self, lease_of):
        self.lease_of, self.of = lease_of, collections.defaultdict(Standing)

    def follow(self, entry):
        lease = (entry.space, entry.lease) if entry.lease else self.lease_of(entry.space, entry.object)
        return self.of[lease].follow(entry)


def late_writes(entries, lease_of):
    """Objects that were written by one who did not lead, after its successor had written them."""
    standings, kinds = Standings(lease_of), collections.defaultdict(list)
    for entry in sorted(filter(is_done, entries), key=lambda entry: entry.version):
        kinds[standings.follow(entry)].append(entry)
    writes = collections.Counter(kind_of(entry) for kind in ("write", "between", "late") for entry in kinds[kind])
    return Found(writes=writes, refused=sum(1 for entry in entries if entry.status == 409 and not entry.lease), between=len(kinds["between"]),
                 late=kinds["late"], taken=sum(standing.taken for standing in standings.of.values()),
                 seized=sum(standing.seized for standing in standings.of.values()))


class Audit:
    """Reads along on a thread of its own, so that those who wait ask the server nothing. `users`: whose writes count."""

    def __init__(self, server, users, lease_of):
        self.server, self.users, self.entries, self.news = server, users, [], threading.Condition()
        self.standings, self.pending, self.is_over = Standings(lease_of), [], False
        self.interval = 0.02 if isinstance(server, RealServer) else 0.5  # seconds; of the fake all is asked for each time
        before = server.audit() if server.process else []  # of a server that many cases share
        self.position = server.position if isinstance(server, RealServer) else len(before)
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def run(self):
        while not self.is_over:
            self.take()
            time.sleep(self.interval)
        self.take()

    def end(self):
        self.is_over = True
        if self.thread.is_alive():
            self.thread.join()

    def take(self):
        now = time.monotonic()
        new = [entry_of(request, now) for request in self.requests() if request["user"] in self.users]
        with self.news:
            for entry in filter(None, new):
                self.entries.append(entry)
                if is_done(entry):
                    self.standings.follow(entry)
            self.news.notify_all()

    def requests(self):
        return self.of_a_log() if isinstance(self.server, RealServer) else self.of_the_fake()

    def of_the_fake(self):
        every = self.server.audit()
        self.pending += range(self.position, len(every))
        self.position = len(every)
        done = [index for index in self.pending if every[index]["status"]]
        self.pending = [index for index in self.pending if not every[index]["status"]]
        return [every[index] for index in done]

    def of_a_log(self):
        found = []
        with open(self.server.folder / "audit.log", encoding="utf-8") as log:
            log.seek(self.position)
            for line in iter(log.readline, ""):
                if not line.endswith("\n"):
                    break  # it is being written
                self.position = log.tell()
                if any(f'"verb":"{verb}"' in line for verb in ("create", "patch", "update")):
                    found.append(RealServer.entry(json.loads(line)))
        return found

    def leads_and_writes(self, lease, objects=1):
        """Who leads by this Lease (namespace, name) and has written so many objects since; "" where nobody has."""
        standing = self.standings.of[lease]
        return standing.user if len(standing.written) >= objects else ""

    def wait(self, condition, seconds):
        with self.news:
            found = self.news.wait_for(condition, seconds)
        if not found:
            raise TimeoutError(f"not within {seconds} s")
        return found
