"""Values that a chart's user may write: each a name, and what it lays over values.yaml."""

SHOP = {
    "name": "shop",
    "target": {"kubernetes": {"namespace": "shop", "kind": "Deployment", "name": "shop"}},
    "replicas": {"min": 2, "max": 20},
    "signals": {"cpu": {"source": "kubernetes", "resource": "cpu"}},
    "policies": [{"track": {"signal": "cpu", "target": "65%"}}],
}
CONFIG = {"config": {"workloads": [SHOP]}}
EVERYTHING_WATCHED = {"monitoring": {"serviceMonitor": {"enabled": True, "labels": {"release": "prometheus"}},
                                     "rules": {"enabled": True, "labels": {"release": "prometheus"}},
                                     "dashboard": {"enabled": True}}}

MATRIX = {
    "as it comes": {},
    "dry-run": {"dryRun": True, "features": {"deletionCost": True, "customTargets": True, "leases": True}},
    "a config of its own": {"existingConfigMap": "mine", "config": {"workloads": []}},
    "sources": {"config": {"controller": {"interval": "2s"}, "sources": {"prometheus": {"url": "http://p:9090"}}}},
    "one namespace": {"rbac": {"namespace": "shop"}},
    "somebody else's account": {"serviceAccount": {"create": False, "name": "robot"}, "rbac": {"create": False}},
    "every feature": {"features": {"customTargets": True, "deletionCost": True, "leases": True,
                                   "customMetrics": ["pods/requests", "services/depth"], "externalMetrics": ["queue"]}},
    "custom targets by name": {"features": {"customTargets": ["rollouts.argoproj.io", "replicationcontrollers"]}},
    "no feature": {"features": {each: False for each in ("targets", "events", "resourceMetrics")}},
    "several shards": {"replicas": 3, "shards": 3, "features": {"leases": True}},
    "policies": {"features": {"policies": True}},
    "policies alone": {"features": {"policies": True}, "config": {"workloads": []}, "crd": {"keep": False}},
    "policies of one namespace": {"features": {"policies": True}, "rbac": {"namespace": "shop"}, "crd": {"install": False}},
    "policies, dry-run": {"features": {"policies": True}, "dryRun": True},
    "several replicas": {"replicas": 3, "features": {"leases": True}},
    "watched replicas": {"replicas": 2, "features": {"leases": True}, "monitoring": {"rules": {"enabled": True}}},
    "several with journals": {"replicas": 2, "features": {"leases": True},
                              "persistence": {"enabled": True, "storageClass": "fast"}},
    "persistence": {"persistence": {"enabled": True}},
    "token": {"api": {"tokenSecret": "orders"}},
    "watched": EVERYTHING_WATCHED,
    "fenced": {"networkPolicy": {"enabled": True}},
    "fenced, with peers": {"networkPolicy": {
        "enabled": True, "from": [{"namespaceSelector": {"matchLabels": {"name": "monitoring"}}}],
        "egress": [{"ports": [{"port": 443}]}]}},
    "a pod with everything": {
        "image": {"repository": "registry.example:5000/autoscaler", "tag": "1.2", "pullSecrets": ["registry"]},
        "podAnnotations": {"a": "b"}, "podLabels": {"team": "web"}, "nodeSelector": {"disk": "ssd"},
        "tolerations": [{"operator": "Exists"}], "affinity": {"nodeAffinity": {}}, "priorityClassName": "high",
        "env": [{"name": "TOKEN", "value": "1"}], "volumes": [{"name": "ca", "secret": {"secretName": "ca"}}],
        "volumeMounts": [{"name": "ca", "mountPath": "/etc/ca", "readOnly": True}], "resources": None, "log": "human",
        "service": {"annotations": {"x": "y"}, "type": "NodePort", "port": 80}},
    "a long name": {"fullnameOverride": "x" * 80, **EVERYTHING_WATCHED},
    "another name": {"nameOverride": "sizes"},
}

# What the schema must refuse, by the path at which it does.
REFUSED = {
    "replica": ({"replica": 2}, []),
    "a text for a number": ({"replicas": "2"}, ["replicas"]),
    "a feature that is not there": ({"features": {"secrets": True}}, ["features"]),
    "any custom target": ({"features": {"customTargets": ["*.argoproj.io"]}}, ["features", "customTargets", 0]),
    "a wildcard": ({"features": {"customMetrics": ["*/*"]}}, ["features", "customMetrics", 0]),
    "any external metric": ({"features": {"externalMetrics": ["*"]}}, ["features", "externalMetrics", 0]),
    "a pull policy": ({"image": {"pullPolicy": "Sometimes"}}, ["image", "pullPolicy"]),
    "a wish": ({"monitoring": {"rules": {"stale": "soon"}}}, ["monitoring", "rules", "stale"]),
    "a key of the config": ({"config": {"workload": []}}, ["config"]),
}


def over(under, values):
    """`values` laid over `under`, as Helm lays them."""
    joined = dict(under)
    for key, value in values.items():
        if value is None:
            joined.pop(key, None)
        elif isinstance(value, dict) and isinstance(joined.get(key), dict):
            joined[key] = over(joined[key], value)
        else:
            joined[key] = value
    return joined
