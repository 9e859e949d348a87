"""What the chart and the import must not let through, each broken on purpose."""


def chart(cases):
    return "autoscaler", "python3 tests/chart/chart_test.py --build {build} " + cases


def imported(cases):
    return "import_test", "{build}/tests/controller/import/import_test --gtest_filter=" + cases


CHART_MUTANTS = [
    (
        "several replicas write sizes without a Lease",
        "charts/autoscaler/templates/controller.yaml",
        "(gt (int .Values.replicas) 1) (not .Values.features.leases)",
        "(gt (int .Values.replicas) 9) (not .Values.features.leases)",
        *chart("Chart.test_two_never_write_sizes"),
    ),
    (
        "a dry-run may write",
        "charts/autoscaler/templates/_rules.tpl",
        "{{- $write := not .Values.dryRun -}}",
        "{{- $write := true -}}",
        *chart("Chart.test_dry_run_may_only_read"),
    ),
    (
        "a feature that is off keeps its rights",
        "charts/autoscaler/templates/_rules.tpl",
        "{{- if .resourceMetrics }}",
        "{{- if true }}",
        *chart("Chart.test_a_feature_that_is_off_asks_for_nothing"),
    ),
    (
        "an alert speaks of a metric that is not there",
        "charts/autoscaler/templates/prometheusrule.yaml",
        "max by (workload) (autoscaler_launch_failures_in_a_row{",
        "max by (workload) (autoscaler_launch_failures{",
        *chart("Watching.test_every_metric_is_documented"),
    ),
    (
        "a replica that stands still is hidden by one that ticks",
        "charts/autoscaler/templates/prometheusrule.yaml",
        "max by (pod) (autoscaler_last_tick_timestamp_seconds{",
        "max (autoscaler_last_tick_timestamp_seconds{",
        *chart("Watching.test_alerts_are_raised_for_what_they_say_and_for_nothing_else"),
    ),
    (
        "the values of the chart win over where it listens",
        "charts/autoscaler/templates/_helpers.tpl",
        "(merge $controller (default dict $given.controller))",
        "(merge (default dict $given.controller) $controller)",
        *chart("Chart.test_where_it_listens_and_writes_is_the_charts_affair"),
    ),
    (
        "two objects that are imported size one target",
        "controller/import/import.cc",
        "} else if (!targets_.insert({draft->name_space, draft->kind, draft->target}).second) {",
        "} else if (targets_.insert({draft->name_space, draft->kind, draft->target}); false) {",
        *imported("Import.OneTargetIsGivenToOneWorkload"),
    ),
    (
        "a trigger outside of its window keeps the size that it had",
        "controller/import/triggers.cc",
        'add("name: rest-", "end", "start", draft.min);',
        "",
        *imported("ImportScaledObject.CronAloneComesBackToTheMinimum"),
    ),
]
