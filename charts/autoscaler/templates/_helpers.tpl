{{- define "autoscaler.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" -}}
{{- end -}}

{{- define "autoscaler.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 63 | trimSuffix "-" -}}
{{- else -}}
{{- $name := include "autoscaler.name" . -}}
{{- if contains $name .Release.Name -}}
{{- .Release.Name | trunc 63 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name $name | trunc 63 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{- define "autoscaler.selector" -}}
app.kubernetes.io/name: {{ include "autoscaler.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "autoscaler.labels" -}}
{{ include "autoscaler.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- end -}}

{{- define "autoscaler.serviceAccount" -}}
{{- if .Values.serviceAccount.create -}}
{{- default (include "autoscaler.fullname" .) .Values.serviceAccount.name -}}
{{- else -}}
{{- required "serviceAccount.name: name the ServiceAccount, or let the chart create one" .Values.serviceAccount.name -}}
{{- end -}}
{{- end -}}

{{- define "autoscaler.configMap" -}}
{{- default (include "autoscaler.fullname" .) .Values.existingConfigMap -}}
{{- end -}}

{{- /* The names of the Leases: of several shards one each, and the one in which replicas find each other. */ -}}
{{- define "autoscaler.leases" -}}
{{- $name := include "autoscaler.fullname" . -}}
{{- $names := list $name -}}
{{- if gt (int .Values.shards) 1 -}}
{{- $names = list (printf "%s-replicas" $name) -}}
{{- range $shard := until (int .Values.shards) -}}{{- $names = append $names (printf "%s-%d" $name $shard) -}}{{- end -}}
{{- end -}}
{{- toJson $names -}}
{{- end -}}

{{- /* ConfigMaps of what leaders leave: one beside the Lease of each shard. */ -}}
{{- define "autoscaler.states" -}}
{{- $name := include "autoscaler.fullname" . -}}
{{- $names := list (printf "%s-state" $name) -}}
{{- if gt (int .Values.shards) 1 -}}
{{- $names = list -}}
{{- range $shard := until (int .Values.shards) -}}{{- $names = append $names (printf "%s-%d-state" $name $shard) -}}{{- end -}}
{{- end -}}
{{- toJson $names -}}
{{- end -}}

{{- /* What the chart knows better than the values: where it listens, where it may write. */ -}}
{{- define "autoscaler.config" -}}
{{- $controller := dict "listen" ":8080" "journal" "/var/lib/autoscaler/journal.db" -}}
{{- if .Values.api.tokenSecret -}}
{{- $_ := set $controller "api" (dict "token" (dict "file" "/run/secrets/autoscaler/token")) -}}
{{- end -}}
{{- $kubernetes := dict -}}
{{- if not .Values.features.events -}}{{- $_ := set $kubernetes "events" false -}}{{- end -}}
{{- if and .Values.features.leases (not .Values.dryRun) -}}
{{- $lease := dict "name" (include "autoscaler.fullname" .) "namespace" .Release.Namespace -}}
{{- if gt (int .Values.shards) 1 -}}{{- $_ := set $lease "shards" (int .Values.shards) -}}{{- end -}}
{{- $_ := set $kubernetes "lease" $lease -}}
{{- end -}}
{{- if $kubernetes -}}{{- $_ := set $controller "kubernetes" $kubernetes -}}{{- end -}}
{{- $given := deepCopy .Values.config -}}
{{- $_ := set $given "controller" (merge $controller (default dict $given.controller)) -}}
{{- range $key := list "sources" "workloads" -}}
{{- if not (get $given $key) -}}{{- $_ := unset $given $key -}}{{- end -}}
{{- end -}}
{{- toYaml $given -}}
{{- end -}}
