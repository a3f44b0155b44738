{{/* An autoscaler by CPU for a Deployment. It grows at once and shrinks slowly. */}}
{{- define "te.autoscaler" -}}
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {{- include "te.metadata" . | nindent 2 }}
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: {{ .name }}}
  minReplicas: {{ .scaling.min }}
  maxReplicas: {{ .scaling.max }}
  metrics:
    - type: Resource
      resource: {name: cpu, target: {type: Utilization, averageUtilization: {{ .scaling.cpuPercent }}}}
  behavior:
    scaleDown: {stabilizationWindowSeconds: 300}
{{- end }}

{{/* One pod at a time, whatever drains nodes. */}}
{{- define "te.disruption" -}}
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {{- include "te.metadata" . | nindent 2 }}
spec:
  maxUnavailable: 1
  unhealthyPodEvictionPolicy: AlwaysAllow
  selector:
    matchLabels:
      {{- include "te.labels" . | nindent 6 }}
      {{- with .queue }}
      ticket-exchange/queue: {{ . }}
      {{- end }}
{{- end }}
