"""The chart, rendered over a matrix of values: what comes out is whole, agrees with itself, and asks for
no more rights than its features need."""

import argparse
import json
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

import jsonschema
import yaml

from matrix import CONFIG, EVERYTHING_WATCHED, MATRIX, REFUSED, SHOP, over
from rendering import CHART, ROOT, Renderer

RENDERER = None
AUTOSCALER = None
CLUSTER_WIDE = {"ClusterRole", "ClusterRoleBinding", "CustomResourceDefinition"}
READING = {"get", "list", "watch"}
PRODUCED_BY_KUBERNETES = ["namespace", "service", "pod"]  # labels that a ServiceMonitor adds


def rendered(name, *flags):
    return RENDERER.objects(over(CONFIG, MATRIX[name]), *flags)


def of_kind(objects, *kinds):
    return [each for each in objects if each["kind"] in kinds]


def controller(objects):
    (found,) = of_kind(objects, "Deployment", "StatefulSet")
    return found


def rules(objects):
    return [rule for role in of_kind(objects, "Role", "ClusterRole") for rule in role["rules"]]


def verbs(objects, resource):
    return {verb for rule in rules(objects) if resource in rule["resources"] for verb in rule["verbs"]}


def over_the_matrix(check):
    def test(self):
        for name in MATRIX:
            with self.subTest(name):
                check(self, name, rendered(name, "-name", "blue", "-namespace", "ops"))
    return test


class EveryRendering(unittest.TestCase):
    @over_the_matrix
    def test_objects_have_names_of_their_own(self, _, objects):
        seen = set()
        for each in objects:
            meta = each["metadata"]
            dots = "." if each["kind"] == "CustomResourceDefinition" else ""
            self.assertRegex(meta["name"], rf"^[a-z0-9]([-a-z0-9{dots}]{{0,61}}[a-z0-9])?$")
            self.assertEqual(each["kind"] in CLUSTER_WIDE, "namespace" not in meta, each["kind"])
            key = (each["kind"], meta.get("namespace"), meta["name"])
            self.assertNotIn(key, seen)
            seen.add(key)

    @over_the_matrix
    def test_labels_and_annotations_are_texts(self, _, objects):
        for each in objects:
            meta = each["metadata"]
            self.assertEqual(meta["labels"]["app.kubernetes.io/instance"], "blue")
            for value in {**meta["labels"], **meta.get("annotations", {})}.values():
                self.assertIsInstance(value, str)

    @over_the_matrix
    def test_selectors_find_the_pods(self, _, objects):
        pod = controller(objects)["spec"]["template"]
        selectors = [controller(objects)["spec"]["selector"]["matchLabels"]]
        for each in of_kind(objects, "Service"):
            selectors.append(each["spec"]["selector"])
        for each in of_kind(objects, "PodDisruptionBudget"):
            selectors.append(each["spec"]["selector"]["matchLabels"])
        for each in of_kind(objects, "NetworkPolicy"):
            selectors.append(each["spec"]["podSelector"]["matchLabels"])
        for each in pod["spec"].get("topologySpreadConstraints", []):
            selectors.append(each["labelSelector"]["matchLabels"])
        for selector in selectors:
            self.assertTrue(selector)
            self.assertLessEqual(selector.items(), pod["metadata"]["labels"].items())
        (service,) = of_kind(objects, "Service")
        for each in of_kind(objects, "ServiceMonitor"):
            wanted = each["spec"]["selector"]["matchLabels"].items()
            self.assertLessEqual(wanted, service["metadata"]["labels"].items())
            self.assertIn(each["spec"]["endpoints"][0]["port"], [port["name"] for port in service["spec"]["ports"]])

    @over_the_matrix
    def test_what_is_named_is_there(self, name, objects):
        spec = controller(objects)["spec"]["template"]["spec"]
        (container,) = spec["containers"]
        ports = {port["name"]: port["containerPort"] for port in container["ports"]}
        self.assertEqual(ports, {"http": 8080})
        for probe, path in (("livenessProbe", "/healthz"), ("readinessProbe", "/readyz")):
            self.assertEqual(container[probe]["httpGet"], {"path": path, "port": "http"})
        volumes = {each["name"] for each in spec["volumes"]}
        claims = controller(objects)["spec"].get("volumeClaimTemplates", [])
        volumes |= {each["metadata"]["name"] for each in claims}
        self.assertEqual(volumes, {each["name"] for each in container["volumeMounts"]})
        config = next(each for each in spec["volumes"] if each["name"] == "config")["configMap"]["name"]
        self.assertIn(config, ["mine", *[each["metadata"]["name"] for each in of_kind(objects, "ConfigMap")]])
        accounts = [each["metadata"]["name"] for each in of_kind(objects, "ServiceAccount")] or ["robot"]
        self.assertEqual([spec["serviceAccountName"]], accounts, name)
        for binding in of_kind(objects, "RoleBinding", "ClusterRoleBinding"):
            (subject,) = binding["subjects"]
            self.assertEqual((subject["name"], subject["namespace"]), (accounts[0], "ops"))
            role = (binding["roleRef"]["kind"], binding["metadata"].get("namespace"), binding["roleRef"]["name"])
            self.assertIn(role, [(each["kind"], each["metadata"].get("namespace"), each["metadata"]["name"])
                                 for each in of_kind(objects, "Role", "ClusterRole")])

    @over_the_matrix
    def test_the_container_has_no_way_out(self, _, objects):
        spec = controller(objects)["spec"]["template"]["spec"]
        self.assertTrue(spec["securityContext"]["runAsNonRoot"])
        self.assertGreater(spec["securityContext"]["runAsUser"], 0)
        self.assertEqual(spec["containers"][0]["securityContext"], {
            "allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True, "capabilities": {"drop": ["ALL"]}})

    @over_the_matrix
    def test_no_rule_has_a_wildcard_but_that_of_custom_targets(self, name, objects):
        for rule in rules(objects):
            self.assertNotIn("*", rule["verbs"])
            everywhere = "*" in rule["apiGroups"] or any("*" in each for each in rule["resources"])
            if everywhere:
                self.assertEqual((rule["apiGroups"], rule["resources"]), (["*"], ["*/scale"]), name)
                self.assertIs(MATRIX[name]["features"]["customTargets"], True)

    def test_custom_targets_by_name_need_no_wildcard(self):
        objects = rendered("custom targets by name")
        self.assertFalse(verbs(objects, "*/scale"))
        self.assertEqual(verbs(objects, "rollouts"), READING)
        self.assertEqual(verbs(objects, "rollouts/scale"), {"get", "update"})
        (core,) = [rule for rule in rules(objects) if rule["resources"] == ["replicationcontrollers"]]
        self.assertEqual(core["apiGroups"], [""])

    def test_values_fit_their_schema(self):
        schema = json.loads((CHART / "values.schema.json").read_text())
        jsonschema.Draft7Validator.check_schema(schema)
        given = yaml.safe_load((CHART / "values.yaml").read_text())
        for name, values in MATRIX.items():
            with self.subTest(name):
                jsonschema.validate(over(over(given, CONFIG), values), schema)


class Chart(unittest.TestCase):
    def test_the_schema_refuses_what_is_not_meant(self):
        schema = jsonschema.Draft7Validator(json.loads((CHART / "values.schema.json").read_text()))
        given = yaml.safe_load((CHART / "values.yaml").read_text())
        for name, (values, path) in REFUSED.items():
            with self.subTest(name):
                found = [list(error.absolute_path) for error in schema.iter_errors(over(given, values))]
                self.assertEqual(found, [path])

    def test_every_value_of_the_schema_is_written_down(self):
        schema = json.loads((CHART / "values.schema.json").read_text())["properties"]
        given = yaml.safe_load((CHART / "values.yaml").read_text())
        self.assertEqual(set(schema) - {"global"}, set(given))  # `global` is Helm's own
        for key in ("features", "image", "persistence", "rbac", "service", "networkPolicy", "api"):
            self.assertEqual(set(schema[key]["properties"]), set(given[key]), key)

    def test_a_feature_that_is_off_asks_for_nothing(self):
        self.assertEqual(rules(rendered("no feature")), [])
        self.assertEqual(of_kind(rendered("no feature"), "ClusterRole", "ClusterRoleBinding"), [])
        resources = {
            "targets": ["deployments/scale", "deployments", "horizontalpodautoscalers", "scaledobjects"],
            "customTargets": ["*/scale"], "events": ["events"], "customMetrics": ["pods/requests"],
            "externalMetrics": ["queue"],
            "leases": ["leases"]}
        for feature, asked in resources.items():
            on = over(CONFIG, MATRIX["every feature"])
            off = over(on, {"features": {feature: [] if feature.endswith("Metrics") else False}})
            for resource in asked:
                with self.subTest(resource):
                    self.assertTrue(verbs(RENDERER.objects(on), resource))
                    self.assertFalse(verbs(RENDERER.objects(off), resource))

    def test_pods_are_written_only_for_their_deletion_cost(self):
        self.assertEqual(verbs(rendered("as it comes"), "pods"), READING)
        self.assertEqual(verbs(rendered("every feature"), "pods"), READING | {"patch"})

    def test_sizes_are_written_through_the_subresource_alone(self):
        objects = rendered("every feature")
        self.assertEqual(verbs(objects, "deployments/scale"), {"get", "update"})
        self.assertEqual(verbs(objects, "deployments"), READING)

    def test_dry_run_may_only_read(self):
        objects = rendered("dry-run")
        self.assertTrue(rules(objects))
        self.assertLessEqual({verb for rule in rules(objects) for verb in rule["verbs"]}, READING)
        self.assertIn("--dry-run", controller(objects)["spec"]["template"]["spec"]["containers"][0]["args"])

    def test_rights_end_at_the_namespace_that_is_named(self):
        objects = rendered("one namespace")
        self.assertEqual(of_kind(objects, "ClusterRole", "ClusterRoleBinding"), [])
        self.assertEqual([each["metadata"]["namespace"] for each in of_kind(objects, "Role", "RoleBinding")],
                         ["shop", "shop"])
        elsewhere = dict(SHOP, target={"kubernetes": {"namespace": "mail", "name": "shop"}})
        refused = RENDERER.run({"config": {"workloads": [elsewhere]}, "rbac": {"namespace": "shop"}})
        self.assertEqual(refused.returncode, 1)
        self.assertIn("the workload shop is in the namespace mail, not in shop", refused.stderr)

    def test_two_never_write_sizes(self):
        alone = controller(rendered("as it comes"))
        self.assertEqual((alone["spec"]["replicas"], alone["spec"]["strategy"]), (1, {"type": "Recreate"}))
        refused = RENDERER.run(over(CONFIG, {"replicas": 2}))
        self.assertEqual(refused.returncode, 1)
        self.assertIn("replicas: without features.leases", refused.stderr)

    def test_the_leases_of_all_shards_may_be_written_and_no_others(self):
        def named(objects):
            return [name for role in of_kind(objects, "Role") for rule in role["rules"] if "leases" in rule["resources"]
                    for name in rule.get("resourceNames", [])]

        one, three = rendered("several replicas"), rendered("several shards")
        self.assertEqual([name.split("-")[-1] for name in named(one)], ["autoscaler"])
        self.assertEqual([name.split("-")[-1] for name in named(three)], ["replicas", "0", "1", "2"])
        lease = yaml.safe_load(of_kind(three, "ConfigMap")[0]["data"]["config.yaml"])["controller"]["kubernetes"]["lease"]
        self.assertEqual(lease["shards"], 3)

    def test_what_is_left_has_a_config_map_for_each_shard(self):
        named = [name for role in of_kind(rendered("several shards"), "Role") for rule in role["rules"]
                 if "configmaps" in rule["resources"] for name in rule.get("resourceNames", [])]
        self.assertEqual([name.split("autoscaler")[-1] for name in named], ["-0-state", "-1-state", "-2-state"])

    def test_several_replicas_are_spread_and_kept(self):
        objects = rendered("several replicas")
        self.assertEqual([each["spec"]["maxUnavailable"] for each in of_kind(objects, "PodDisruptionBudget")], [1])
        spread = controller(objects)["spec"]["template"]["spec"]["topologySpreadConstraints"]
        self.assertEqual([each["topologyKey"] for each in spread],
                         ["kubernetes.io/hostname", "topology.kubernetes.io/zone"])
        # One alone that may not be evicted would hold up every drain of its node.
        self.assertEqual(of_kind(rendered("as it comes"), "PodDisruptionBudget"), [])

    def test_replicas_share_a_lease_that_they_may_keep(self):
        objects = rendered("several replicas")
        (config,) = [each for each in of_kind(objects, "ConfigMap") if "config.yaml" in each["data"]]
        lease = yaml.safe_load(config["data"]["config.yaml"])["controller"]["kubernetes"]["lease"]
        (role,) = of_kind(objects, "Role")
        self.assertEqual(lease, {"name": "autoscaler", "namespace": role["metadata"]["namespace"]})
        self.assertEqual([(rule["resources"], rule["verbs"], rule.get("resourceNames")) for rule in role["rules"]],
                         [(["leases"], ["create"], None), (["leases"], ["get", "patch"], [lease["name"]]),
                          (["configmaps"], ["create"], None), (["configmaps"], ["get", "patch"], [lease["name"] + "-state"])])
        # One ends when another is there: no gap.
        self.assertNotIn("strategy", controller(objects)["spec"])

    def test_a_chart_without_workloads_says_so(self):
        refused = RENDERER.run({})
        self.assertEqual(refused.returncode, 1)
        self.assertIn("config.workloads: name at least one workload", refused.stderr)

    def test_the_config_is_one_that_the_controller_takes(self):
        for name in MATRIX:
            if name == "a config of its own":
                continue
            with self.subTest(name), tempfile.TemporaryDirectory() as folder:
                (config,) = [each for each in of_kind(rendered(name), "ConfigMap") if "config.yaml" in each["data"]]
                file = pathlib.Path(folder) / "config.yaml"
                file.write_text(config["data"]["config.yaml"])
                ran = subprocess.run([AUTOSCALER, "check", file], capture_output=True, text=True, check=False)
                self.assertEqual(ran.returncode, 0, ran.stdout + ran.stderr)
                read = yaml.safe_load(file.read_text())["controller"]
                self.assertEqual((read["listen"], read["journal"]), (":8080", "/var/lib/autoscaler/journal.db"))

    def test_where_it_listens_and_writes_is_the_charts_affair(self):
        objects = RENDERER.objects(over(CONFIG, {"config": {"controller": {"listen": "127.0.0.1:1", "interval": "2s"}}}))
        (config,) = of_kind(objects, "ConfigMap")
        self.assertEqual(yaml.safe_load(config["data"]["config.yaml"])["controller"],
                         {"listen": ":8080", "journal": "/var/lib/autoscaler/journal.db", "interval": "2s"})

    def test_a_new_config_is_taken_up_by_the_pod_that_runs(self):
        def pod(values):
            return controller(RENDERER.objects(over(CONFIG, values)))["spec"]["template"]
        self.assertEqual(pod({}), pod({"config": {"controller": {"interval": "2s"}}}))
        self.assertNotEqual(pod({}), pod({"log": "human"}))
        mounts = pod({})["spec"]["containers"][0]["volumeMounts"]
        self.assertNotIn("subPath", next(m for m in mounts if m["name"] == "config"), "never sees a change")

    def test_the_notes_name_the_release(self):
        notes = RENDERER.text(CONFIG, "-notes", "-name", "blue", "-namespace", "ops")
        self.assertIn("kubectl -n ops port-forward svc/blue-autoscaler 8080:8080", notes)
        self.assertIn("persistence.enabled=true", notes)


class Policies(unittest.TestCase):
    """ScalingPolicies: their definition, and what the controller may do with them."""

    def printed(self):
        ran = subprocess.run([AUTOSCALER, "schema", "--crd"], capture_output=True, text=True, check=True)
        return ran.stdout

    def test_the_charts_definition_is_what_the_program_prints(self):
        copy = CHART / "definitions" / "scalingpolicies.yaml"
        self.assertEqual(copy.read_text(), self.printed(), "autoscaler schema --crd > " + str(copy.relative_to(ROOT)))

    def test_it_is_rendered_whole(self):
        for name, keeps in (("policies", True), ("policies alone", False)):
            (crd,) = of_kind(rendered(name), "CustomResourceDefinition")
            self.assertEqual(crd["spec"], yaml.safe_load(self.printed())["spec"])
            self.assertEqual(crd["metadata"].get("annotations"), {"helm.sh/resource-policy": "keep"} if keeps else None)
        self.assertEqual(of_kind(rendered("policies of one namespace"), "CustomResourceDefinition"), [])
        self.assertEqual(of_kind(rendered("as it comes"), "CustomResourceDefinition"), [])

    def test_rights(self):
        self.assertEqual(verbs(rendered("as it comes"), "scalingpolicies"), set())
        self.assertEqual(verbs(rendered("policies"), "scalingpolicies"), READING)
        self.assertEqual(verbs(rendered("policies"), "scalingpolicies/status"), {"patch"})
        self.assertEqual(verbs(rendered("policies, dry-run"), "scalingpolicies"), READING)
        self.assertEqual(verbs(rendered("policies, dry-run"), "scalingpolicies/status"), set())

    def test_the_config_follows_them(self):
        for name, policies in (("policies", {}), ("policies of one namespace", {"namespace": "shop"})):
            (config,) = of_kind(rendered(name), "ConfigMap")
            read = yaml.safe_load(config["data"]["config.yaml"])
            self.assertEqual(read["controller"]["kubernetes"]["policies"], policies)


class Watching(unittest.TestCase):
    """Alerts and the dashboard speak of metrics that there are."""

    def setUp(self):
        self.objects = rendered("watched")
        documented = (ROOT / "docs" / "metrics.md").read_text()
        self.metrics = set(re.findall(r"^\| `(autoscaler_\w+)` \|", documented, re.MULTILINE))
        self.assertIn("autoscaler_wanted_replicas", self.metrics)

    def dashboard(self):
        (found,) = [each for each in of_kind(self.objects, "ConfigMap") if "autoscaler.json" in each["data"]]
        return json.loads(found["data"]["autoscaler.json"])

    def queries(self):
        return [target["expr"] for panel in self.dashboard()["panels"] for target in panel["targets"]]

    def alerts(self):
        (found,) = of_kind(self.objects, "PrometheusRule")
        return found["spec"]

    def promtool(self, rules_of, tests=None):
        with tempfile.TemporaryDirectory() as folder:
            file = pathlib.Path(folder) / "rules.yaml"
            file.write_text(yaml.safe_dump(rules_of))
            command = ["promtool", "check", "rules", file]
            if tests:
                (file.parent / "tests.yaml").write_text(yaml.safe_dump({"rule_files": [str(file)], **tests}))
                command = ["promtool", "test", "rules", file.parent / "tests.yaml"]
            ran = subprocess.run(command, capture_output=True, text=True, check=False)
        self.assertEqual(ran.returncode, 0, ran.stdout + ran.stderr)

    def test_promtool_takes_the_alerts(self):
        self.promtool(self.alerts())

    def test_alerts_are_raised_for_what_they_say_and_for_nothing_else(self):
        minute = "0+0x60"
        its = 'namespace="autoscaler", service="autoscaler", pod="a"'
        series = {f"autoscaler_{name[:-1]}, {its}}}" if name.endswith("}") else f"autoscaler_{name}{{{its}}}": values
                  for name, values in {
            # at its maximum; at a size that is fixed; below its maximum
            'wanted_replicas{workload="busy"}': "9+0x60", 'max_replicas{workload="busy"}': "9+0x60",
            'min_replicas{workload="busy"}': "1+0x60", 'wanted_replicas{workload="fixed"}': "3+0x60",
            'max_replicas{workload="fixed"}': "3+0x60", 'min_replicas{workload="fixed"}': "3+0x60",
            'wanted_replicas{workload="idle"}': "1+0x60", 'max_replicas{workload="idle"}': "9+0x60",
            'min_replicas{workload="idle"}': "1+0x60",
            'signal_missing{workload="busy", signal="cpu", reason="stale"}': "1+0x60",
            'launch_failures_in_a_row{workload="busy"}': "4+0x60",
            'slo_burn_rate{workload="busy"}': "7+0x60", 'slo_burn_rate{workload="idle"}': "5+0x60",
            'slo_budget_left_ratio{workload="busy"}': "-0.1+0x60", 'slo_budget_left_ratio{workload="idle"}': "0.1+0x60",
            'errors_total{source="cluster", reason="denied"}': "0+1x60",
            'errors_total{source="journal", reason="denied"}': "0+1x60",
            'target_contended{workload="busy"}': "1+0x60", 'dry_run': minute,
            'journal_up': minute, 'config_last_reload_successful': minute,
            'last_tick_timestamp_seconds': minute}.items()}
        # Another release, of which none of these speaks; a standby that ticks beside one that does not.
        series |= {key.replace('"autoscaler"', '"other"').replace('"busy"', '"theirs"').replace('"idle"', '"theirs"'):
                   values for key, values in series.items()}
        series[f"autoscaler_last_tick_timestamp_seconds{{{its}}}".replace('"a"', '"b"')] = "0+60x60"
        expected = {
            "AutoscalerAtMax": [{"workload": "busy"}], "AutoscalerDown": [], "AutoscalerNotTicking": [{"pod": "a"}],
            "AutoscalerSignalStale": [{"workload": "busy", "signal": "cpu", "reason": "stale"}],
            "AutoscalerLaunchesFail": [{"workload": "busy"}], "AutoscalerClusterErrors": [{"reason": "denied"}],
            "AutoscalerTargetContended": [{"workload": "busy"}],
            "AutoscalerBudgetBurning": [{"workload": "busy"}], "AutoscalerBudgetSpent": [{"workload": "busy"}],
            "AutoscalerJournalDown": [{"pod": "a"}], "AutoscalerConfigWrong": [{"pod": "a"}]}
        self.assertEqual(set(expected), {rule["alert"] for rule in self.alerts()["groups"][0]["rules"]})
        self.promtool(self.alerts(), {
            "evaluation_interval": "1m", "tests": [
                {"interval": "1m", "input_series": [{"series": key, "values": value} for key, value in series.items()],
                 "promql_expr_test": [{
                     "expr": f'count by (workload, signal, reason, pod) (ALERTS{{alertstate="firing", alertname="{name}"}})',
                     "eval_time": "40m",
                     "exp_samples": [{"labels": "{" + ", ".join(f'{k}="{v}"' for k, v in labels.items()) + "}", "value": 1}
                                     for labels in raised]} for name, raised in expected.items()]},
                # Without any series of it the controller is down.
                {"interval": "1m", "input_series": [{"series": "up", "values": minute}],
                 "promql_expr_test": [{"expr": 'count(ALERTS{alertstate="firing", alertname="AutoscalerDown"})',
                                       "eval_time": "40m", "exp_samples": [{"labels": "{}", "value": 1}]}]}]})

    def test_of_several_replicas_one_must_lead(self):
        self.objects = rendered("watched replicas")
        self.assertIn("AutoscalerNobodyLeads", {rule["alert"] for rule in self.alerts()["groups"][0]["rules"]})
        for second, raised in (("0+0x60", [{"labels": "{}", "value": 1}]), ("1+0x60", [])):
            self.promtool(self.alerts(), {"evaluation_interval": "1m", "tests": [{
                "interval": "1m", "input_series": [
                    {"series": f'autoscaler_leader{{namespace="autoscaler", service="autoscaler", pod="{pod}"}}', "values": values}
                    for pod, values in (("a", "0+0x60"), ("b", second))],
                "promql_expr_test": [{"expr": 'count(ALERTS{alertstate="firing", alertname="AutoscalerNobodyLeads"})',
                                      "eval_time": "40m", "exp_samples": raised}]}]})

    def test_a_fence_that_keeps_prometheus_out_is_refused(self):
        refused = RENDERER.run(over(CONFIG, over(EVERYTHING_WATCHED, {"networkPolicy": {"enabled": True}})))
        self.assertEqual(refused.returncode, 1)
        self.assertIn("networkPolicy.from: name where the Prometheus", refused.stderr)

    def test_promtool_takes_the_queries_of_the_dashboard(self):
        self.promtool({"groups": [{"name": "dashboard", "rules": [
            {"record": f"panel:{number}", "expr": query.replace("$workload", ".*")}
            for number, query in enumerate(self.queries())]}]})

    def test_every_metric_is_documented(self):
        expressions = [rule["expr"] for group in self.alerts()["groups"] for rule in group["rules"]] + self.queries()
        self.assertGreater(len(expressions), 15)
        for expression in expressions:
            for metric in re.findall(r"autoscaler_\w+", expression):
                self.assertIn(re.sub(r"_bucket$", "", metric), self.metrics, expression)

    def test_every_label_is_documented(self):
        documented = (ROOT / "docs" / "metrics.md").read_text()
        for rule in self.alerts()["groups"][0]["rules"]:
            for labels in re.findall(r"by \(([^)]*)\)", rule["expr"]) + re.findall(r"(\w+)=", rule["expr"]):
                for label in re.split(r",\s*", labels):
                    self.assertTrue(f"`{label}`" in documented or label in PRODUCED_BY_KUBERNETES, rule["expr"])

    def test_panels_do_not_overlap(self):
        taken = set()
        for panel in self.dashboard()["panels"]:
            at = panel["gridPos"]
            cells = {(x, y) for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"])}
            self.assertFalse(taken & cells, panel["title"])
            taken |= cells


class Rendering(unittest.TestCase):
    """The renderer does what Helm documents; the chart's test is worth no more than it."""

    def chart(self, template, values):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        path = pathlib.Path(folder.name)
        (path / "templates").mkdir()
        (path / "Chart.yaml").write_text("name: probe\nversion: 1.0.0\nappVersion: '2'\n")
        (path / "values.yaml").write_text(yaml.safe_dump(values))
        (path / "templates" / "_parts.tpl").write_text('{{ define "part" }}part of {{ .Chart.Name }}{{ end }}')
        (path / "templates" / "probe.yaml").write_text(template)
        return path

    def shown(self, template, values, over_them):
        return yaml.safe_load(RENDERER.text(over_them, chart=self.chart(template, values)))

    def test_values_are_laid_over(self):
        values = {"a": {"b": 1, "c": 2}, "list": [1, 2]}
        self.assertEqual(self.shown("v: {{ toJson .Values }}", values, {"a": {"b": None, "d": 4}, "list": [3]}),
                         {"v": {"a": {"c": 2, "d": 4}, "list": [3]}})

    def test_functions(self):
        template = """
include: {{ include "part" . | upper }}
tpl: {{ tpl "{{ .Values.n }} of {{ .Release.Name }}" . }}
fromYaml: {{ (fromYaml "a: {b: 7}").a.b }}
toYaml:
  {{- toYaml .Values.map | nindent 2 }}
lookup: {{ lookup "v1" "Secret" "ns" "name" | len }}
absent: "{{ .Values.nothing }}"
app: {{ .Chart.AppVersion }}"""
        self.assertEqual(self.shown(template, {"n": 5, "map": {"big": 1000000, "text": "1"}}, {}), {
            "include": "PART OF PROBE", "tpl": "5 of autoscaler", "fromYaml": 7,
            "toYaml": {"big": 1000000, "text": "1"}, "lookup": 0, "absent": "", "app": 2})

    def test_what_is_required_and_missing_is_said(self):
        chart = self.chart('v: {{ required "give it" .Values.it }}', {})
        refused = RENDERER.run({}, chart=chart)
        self.assertEqual(refused.returncode, 1)
        self.assertIn("give it", refused.stderr)
        self.assertEqual(yaml.safe_load(RENDERER.text({"it": 1}, chart=chart)), {"v": 1})


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", required=True, help="a build folder with the program in it")
    given, rest = parser.parse_known_args()
    RENDERER = Renderer(given.build)
    AUTOSCALER = pathlib.Path(given.build) / "controller" / "autoscaler"
    unittest.main(argv=[sys.argv[0], *rest])
