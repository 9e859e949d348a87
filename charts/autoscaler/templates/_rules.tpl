{{- /* What the controller asks of the API server where its workloads are, feature by feature. */ -}}
{{- define "autoscaler.rules" -}}
{{- $write := not .Values.dryRun -}}
{{- with .Values.features }}
{{- if .targets }}
- apiGroups: [""]
  resources: [pods]
  verbs: [get, list, watch]
- apiGroups: [apps]
  resources: [deployments, statefulsets, replicasets]
  verbs: [get, list, watch]
- apiGroups: [apps]
  resources: [deployments/scale, statefulsets/scale, replicasets/scale]
  verbs: [get{{ if $write }}, update{{ end }}]
- apiGroups: [autoscaling]
  resources: [horizontalpodautoscalers]
  verbs: [get, list, watch]
- apiGroups: [keda.sh]
  resources: [scaledobjects]
  verbs: [get, list, watch]
{{- end }}
{{- if kindIs "slice" .customTargets }}
{{- range .customTargets }}
{{- $kind := splitn "." 2 . }}
- apiGroups: [{{ default "" $kind._1 | quote }}]
  resources: [{{ $kind._0 }}]
  verbs: [get, list, watch]
- apiGroups: [{{ default "" $kind._1 | quote }}]
  resources: [{{ $kind._0 }}/scale]
  verbs: [get{{ if $write }}, update{{ end }}]
{{- end }}
{{- else if .customTargets }}
- apiGroups: ["*"]
  resources: ["*/scale"]
  verbs: [get{{ if $write }}, update{{ end }}]
{{- end }}
{{- if .policies }}
- apiGroups: [autoscaler.io]
  resources: [scalingpolicies]
  verbs: [get, list, watch]
{{- if $write }}
- apiGroups: [autoscaler.io]
  resources: [scalingpolicies/status]
  verbs: [patch]
{{- end }}
{{- end }}
{{- if and .deletionCost $write }}
- apiGroups: [""]
  resources: [pods]
  verbs: [patch]
{{- end }}
{{- if and .events $write }}
- apiGroups: [""]
  resources: [events]
  verbs: [create, patch]
{{- end }}
{{- if .resourceMetrics }}
- apiGroups: [metrics.k8s.io]
  resources: [pods]
  verbs: [get, list]
{{- end }}
{{- with .customMetrics }}
- apiGroups: [custom.metrics.k8s.io]
  resources: {{ toJson . }}
  verbs: [get, list]
{{- end }}
{{- with .externalMetrics }}
- apiGroups: [external.metrics.k8s.io]
  resources: {{ toJson . }}
  verbs: [get, list]
{{- end }}
{{- end }}
{{- end -}}
