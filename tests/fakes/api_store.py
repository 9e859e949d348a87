"""The objects of a fake API server: versions, lists, changes since a version, and who may do what."""

import base64
import copy
import json
import os
import threading
import time
import uuid

# group, version, plural -> kind, and whether it has a scale subresource.
RESOURCES = {
    ("", "v1", "pods"): ("Pod", False),
    ("", "v1", "events"): ("Event", False),
    ("", "v1", "configmaps"): ("ConfigMap", False),
    ("", "v1", "namespaces"): ("Namespace", False),
    ("", "v1", "services"): ("Service", False),
    ("", "v1", "serviceaccounts"): ("ServiceAccount", False),
    ("apps", "v1", "deployments"): ("Deployment", True),
    ("apps", "v1", "statefulsets"): ("StatefulSet", True),
    ("apps", "v1", "replicasets"): ("ReplicaSet", True),
    ("autoscaling", "v2", "horizontalpodautoscalers"): ("HorizontalPodAutoscaler", False),
    ("coordination.k8s.io", "v1", "leases"): ("Lease", False),
    ("policy", "v1", "poddisruptionbudgets"): ("PodDisruptionBudget", False),
    ("metrics.k8s.io", "v1beta1", "pods"): ("PodMetrics", False),
    ("apiextensions.k8s.io", "v1", "customresourcedefinitions"): ("CustomResourceDefinition", False),
    ("rbac.authorization.k8s.io", "v1", "clusterroles"): ("ClusterRole", False),
    ("rbac.authorization.k8s.io", "v1", "clusterrolebindings"): ("ClusterRoleBinding", False),
    ("rbac.authorization.k8s.io", "v1", "roles"): ("Role", False),
    ("rbac.authorization.k8s.io", "v1", "rolebindings"): ("RoleBinding", False),
}
CLUSTER_WIDE = {"namespaces", "clusterroles", "clusterrolebindings", "customresourcedefinitions"}
WITH_STATUS = set()  # custom resources whose status is written through its subresource alone
RBAC = "rbac.authorization.k8s.io", "v1"
KEPT_CHANGES = 20000


class Refusal(Exception):
    """An answer that is no success: (code, reason, message)."""

    def __init__(self, code, reason, message, details=None):
        super().__init__(message)
        self.code, self.reason, self.message, self.details = code, reason, message, details

    def status(self):
        body = {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure", "message": self.message,
                "reason": self.reason, "code": self.code}
        return dict(body, details=self.details) if self.details else body


def account_name(namespace, name):
    return f"system:serviceaccount:{namespace}:{name}"


def subject_name(subject):
    """Of a binding: a user's, a group's or a service account's."""
    return account_name(subject["namespace"], subject["name"]) if subject.get("kind") == "ServiceAccount" else subject["name"]


def long_name(resource):
    return resource[2] + ("." + resource[0] if resource[0] else "")


def now_text():
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())


def merge(into, patch):
    """RFC 7386."""
    if not isinstance(patch, dict):
        return patch
    result = dict(into) if isinstance(into, dict) else {}
    for key, value in patch.items():
        if value is None:
            result.pop(key, None)
        else:
            result[key] = merge(result.get(key), value)
    return result


def selected(obj, selector):
    """Whether the labels fit `a=b,c!=d,e,!f,g in (h,i)`."""
    labels = obj["metadata"].get("labels") or {}
    depth, parts, part = 0, [], ""
    for char in selector:
        depth += (char == "(") - (char == ")")
        if char == "," and depth == 0:
            parts.append(part)
            part = ""
        else:
            part += char
    for term in filter(None, (p.strip() for p in parts + [part])):
        if " in (" in term or " notin (" in term:
            key, operator, values = term.split(None, 2)
            has = labels.get(key) in [v.strip() for v in values.strip("()").split(",")]
            fits = has if operator == "in" else not has
        elif "!=" in term:
            key, value = term.split("!=")
            fits = labels.get(key) != value
        elif "=" in term:
            key, value = term.replace("==", "=").split("=")
            fits = labels.get(key) == value
        else:
            fits = (term[1:] not in labels) if term.startswith("!") else term in labels
        if not fits:
            return False
    return True


class Store:
    def __init__(self, state_file=None):
        self.changed = threading.Condition(threading.RLock())
        self.state_file = state_file
        self.objects = {}  # (resource, namespace, name) -> object
        self.version = 1000
        self.changes = []  # (version, type, resource, object)
        self.oldest = self.version  # changes after this one are still known
        if state_file and os.path.exists(state_file):
            with open(state_file) as file:
                state = json.load(file)
            self.version = self.oldest = state["version"]
            self.objects = {tuple([tuple(key[0])] + key[1:]): obj for key, obj in state["objects"]}
            for key, obj in self.objects.items():
                if key[0][2] == "customresourcedefinitions":
                    define(obj)

    def _record(self, kind, resource, obj):
        self.changes.append((self.version, kind, resource, copy.deepcopy(obj)))
        if len(self.changes) > KEPT_CHANGES:
            self.oldest = self.changes[0][0]
            del self.changes[0]
        if self.state_file:
            with open(self.state_file + ".new", "w") as file:
                json.dump({"version": self.version, "objects": list(self.objects.items())}, file)
            os.replace(self.state_file + ".new", self.state_file)
        self.changed.notify_all()

    def find(self, resource, namespace, name):
        obj = self.objects.get((resource, namespace, name))
        if obj is None:
            raise Refusal(404, "NotFound", f'{long_name(resource)} "{name}" not found',
                          {"name": name, "group": resource[0], "kind": resource[2]})
        return obj

    def compact(self):
        """Nobody can go on from a version that was seen so far."""
        with self.changed:
            self.version += 1
            self.oldest = self.version
            self.changes.clear()
            self.changed.notify_all()

    def may(self, user, verb, resource, namespace, name, sub):
        """By the roles that are bound to the user, as RBAC has it."""
        if "system:masters" in user["groups"]:
            return True
        wanted = resource[2] + ("/" + sub if sub else "")
        with self.changed:
            roles = [o for key, o in self.objects.items()
                     if key[0][:2] == RBAC and key[0][2].endswith("bindings") and key[1] in ("", namespace)]
            rules = [rule for binding in roles if any(
                subject_name(s) in [user["name"], *user["groups"]] for s in binding.get("subjects") or [])
                     for rule in self._rules(binding)]
        return any({"*", verb} & set(rule["verbs"]) and {"*", resource[0]} & set(rule.get("apiGroups", [])) and
                   {"*", wanted, "*/" + sub if sub else wanted} & set(rule.get("resources", [])) and
                   (not rule.get("resourceNames") or name in rule["resourceNames"]) for rule in rules)

    def _rules(self, binding):
        kind = {"Role": "roles", "ClusterRole": "clusterroles"}[binding["roleRef"]["kind"]]
        namespace = binding["metadata"].get("namespace", "") if kind == "roles" else ""
        return self.objects.get(((*RBAC, kind), namespace, binding["roleRef"]["name"]), {}).get("rules") or []

    def create(self, resource, namespace, obj):
        with self.changed:
            meta = obj.setdefault("metadata", {})
            if "name" not in meta:
                meta["name"] = meta.get("generateName", "") + uuid.uuid4().hex[:5]
            key = (resource, namespace, meta["name"])
            if key in self.objects:
                raise Refusal(409, "AlreadyExists", f'{long_name(resource)} "{meta["name"]}" already exists',
                              {"name": meta["name"], "group": resource[0], "kind": resource[2]})
            if namespace:
                meta["namespace"] = namespace
            self.version += 1
            meta.update(uid=str(uuid.uuid4()), creationTimestamp=now_text(), resourceVersion=str(self.version),
                        generation=1)
            if resource in WITH_STATUS:
                obj.pop("status", None)
            obj["kind"] = RESOURCES[resource][0]
            obj["apiVersion"] = "/".join(filter(None, resource[:2]))
            self.objects[key] = obj
            if resource[2] == "customresourcedefinitions":
                define(obj)
            self._record("ADDED", resource, obj)
            return obj

    def update(self, resource, namespace, name, change):
        """`change(old)` gives the new object. One that is the same stays as it is."""
        with self.changed:
            old = self.find(resource, namespace, name)
            new = change(copy.deepcopy(old))
            wanted = new["metadata"].get("resourceVersion")
            if wanted and wanted != old["metadata"]["resourceVersion"]:
                raise Refusal(409, "Conflict", f'Operation cannot be fulfilled on {long_name(resource)} "{name}": the '
                              "object has been modified; please apply your changes to the latest version and try again",
                              {"name": name, "group": resource[0], "kind": resource[2]})
            for field in ("uid", "creationTimestamp", "resourceVersion", "generation", "namespace", "name"):
                if field in old["metadata"]:
                    new["metadata"][field] = old["metadata"][field]
            if new == old:
                return old
            self.version += 1
            new["metadata"]["resourceVersion"] = str(self.version)
            if new.get("spec") != old.get("spec"):
                new["metadata"]["generation"] += 1
            self.objects[(resource, namespace, name)] = new
            self._record("MODIFIED", resource, new)
            return new

    def delete(self, resource, namespace, name):
        with self.changed:
            obj = copy.deepcopy(self.find(resource, namespace, name))
            del self.objects[(resource, namespace, name)]
            if resource[2] == "customresourcedefinitions":
                undefine(obj)
            self.version += 1
            obj["metadata"]["resourceVersion"] = str(self.version)
            self._record("DELETED", resource, obj)
            return obj

    def list(self, resource, namespace, selector, limit, token):
        with self.changed:
            version, after = self.version, None
            if token:
                try:
                    version, after = json.loads(base64.b64decode(token))
                except ValueError:
                    raise Refusal(400, "BadRequest", "continue key is not valid") from None
                if version < self.oldest:
                    raise Refusal(410, "Expired", "The provided continue parameter is too old")
            keys = sorted(k[1:] for k in self.objects if k[0] == resource and (not namespace or k[1] == namespace))
            keys = [k for k in keys if (after is None or list(k) > after) and selected(self.objects[(resource, *k)], selector)]
            metadata = {"resourceVersion": str(version)}
            if limit and len(keys) > limit:
                keys = keys[:limit]
                metadata["continue"] = base64.b64encode(json.dumps([version, list(keys[-1])]).encode()).decode()
            items = [{k: v for k, v in self.objects[(resource, *key)].items() if k not in ("kind", "apiVersion")}
                     for key in keys]
            return {"kind": RESOURCES[resource][0] + "List", "apiVersion": "/".join(filter(None, resource[:2])),
                    "metadata": metadata, "items": items}

    def since(self, version, resource, namespace, selector, wait):
        """Changes after `version`, and the version up to which that is all. Waits for one."""
        with self.changed:
            if version < self.oldest:
                raise Refusal(410, "Expired", f"too old resource version: {version} ({self.oldest})")
            if version >= self.version and wait > 0:
                self.changed.wait(wait)
                if version < self.oldest:
                    raise Refusal(410, "Expired", f"too old resource version: {version} ({self.oldest})")
            found = []
            for change in reversed(self.changes):
                if change[0] <= version:
                    break
                if change[2] == resource and (not namespace or change[3]["metadata"].get("namespace") == namespace):
                    if selected(change[3], selector):
                        found.append((change[1], change[3]))
            return list(reversed(found)), max(version, self.version)


def define(definition):
    """The kinds of a CustomResourceDefinition are served from now on."""
    spec = definition["spec"]
    for version in spec["versions"]:
        subresources = version.get("subresources") or {}
        resource = (spec["group"], version["name"], spec["names"]["plural"])
        RESOURCES[resource] = (spec["names"]["kind"], "scale" in subresources)
        if "status" in subresources:
            WITH_STATUS.add(resource)


def undefine(definition):
    spec = definition["spec"]
    for version in spec["versions"]:
        RESOURCES.pop((spec["group"], version["name"], spec["names"]["plural"]), None)


def with_status_of(old, new):
    new = {key: value for key, value in new.items() if key != "status"}
    return dict(new, status=old["status"]) if "status" in old else new


def described(group, version):
    """An APIResourceList, or None."""
    found = [(plural, *what) for (g, v, plural), what in RESOURCES.items() if (g, v) == (group, version)]
    resources = [{"name": plural, "kind": kind, "namespaced": plural not in CLUSTER_WIDE} for plural, kind, _ in found]
    resources += [{"name": plural + "/scale", "kind": "Scale", "group": "autoscaling", "version": "v1"}
                  for plural, _, has_scale in found if has_scale]
    is_there = found or group in ("custom.metrics.k8s.io", "external.metrics.k8s.io")  # whose resources nobody lists
    return {"kind": "APIResourceList", "apiVersion": "v1", "groupVersion": f"{group}/{version}", "resources": resources} if is_there else None


def scale_of(resource, obj):
    labels = ((obj.get("spec") or {}).get("selector") or {}).get("matchLabels") or {}
    meta = {k: obj["metadata"][k] for k in ("name", "namespace", "uid", "resourceVersion", "creationTimestamp")}
    status = {"replicas": (obj.get("status") or {}).get("replicas", 0)}
    if (obj.get("status") or {}).get("selector"):
        status["selector"] = obj["status"]["selector"]
    if labels:
        status["selector"] = ",".join(f"{k}={v}" for k, v in sorted(labels.items()))
    return {"kind": "Scale", "apiVersion": "autoscaling/v1", "metadata": meta,
            "spec": {"replicas": obj["spec"].get("replicas", 1)}, "status": status}


def with_scale(obj, scale):
    replicas = (scale.get("spec") or {}).get("replicas")
    if not isinstance(replicas, int) or replicas < 0:
        raise Refusal(422, "Invalid", f'Scale.autoscaling "{obj["metadata"]["name"]}" is invalid: spec.replicas: Invalid '
                      f"value: {json.dumps(replicas)}: must be greater than or equal to 0")
    obj["spec"]["replicas"] = replicas
    version = (scale.get("metadata") or {}).get("resourceVersion")
    if version:
        obj["metadata"]["resourceVersion"] = version
    return obj
