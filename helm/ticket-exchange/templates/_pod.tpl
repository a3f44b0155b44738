{{/* What all pods have in common. */}}

{{- define "te.pod" -}}
serviceAccountName: {{ .root.Release.Name }}
automountServiceAccountToken: false
# Kubernetes would set PORT-like variables that our processes take for settings.
enableServiceLinks: false
securityContext:
  runAsNonRoot: true
  runAsUser: {{ .user }}
  runAsGroup: {{ .user }}
  fsGroup: {{ .user }}
  fsGroupChangePolicy: OnRootMismatch
  seccompProfile: {type: RuntimeDefault}
{{- with .root.Values.images.pullSecrets }}
imagePullSecrets:
  {{- range . }}
  - name: {{ . }}
  {{- end }}
{{- end }}
{{- with .root.Values.nodeSelector }}
nodeSelector: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .root.Values.tolerations }}
tolerations: {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{- define "te.container" -}}
imagePullPolicy: {{ .root.Values.images.pullPolicy }}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities: {drop: [ALL]}
{{- end }}

{{/* Not two on one node, nor in one zone, while there is another; pods of one version count. */}}
{{- define "te.spread" -}}
topologySpreadConstraints:
  {{- range list "kubernetes.io/hostname" "topology.kubernetes.io/zone" }}
  - maxSkew: 1
    topologyKey: {{ . }}
    whenUnsatisfiable: ScheduleAnyway
    labelSelector:
      matchLabels: {{- toYaml $.labels | nindent 8 }}
    {{- if $.perVersion }}
    matchLabelKeys: [pod-template-hash]
    {{- end }}
  {{- end }}
{{- end }}

{{/* Variables that come from Secrets, by what a process needs: a list of these words. */}}
{{- define "te.secrets" -}}
{{- $values := .root.Values }}
{{- if has "mongodb" .needs }}
{{- range list "auth" "tickets" "orders" "payments" "operations" }}
{{- if $values.mongodb.enabled }}
- name: TE_PASSWORD_{{ upper . }}
  valueFrom: {secretKeyRef: {name: {{ $values.mongodb.existingSecret }}, key: {{ . }}}}
{{- $user := printf "%s%s" $values.mongodb.databasePrefix . }}
- name: MONGODB_{{ upper . }}_URI
  value: mongodb://{{ $user }}:$(TE_PASSWORD_{{ upper . }})@{{ include "te.mongodb.members" $.root }}/?replicaSet=rs0&authSource={{ $user }}
{{- else }}
- name: MONGODB_{{ upper . }}_URI
  valueFrom: {secretKeyRef: {name: {{ $values.mongodb.external.existingSecret }}, key: MONGODB_{{ upper . }}_URI}}
{{- end }}
{{- end }}
{{- end }}
{{- if $values.temporal.apiKey.existingSecret }}
- name: TEMPORAL_API_KEY
  valueFrom: {secretKeyRef: {name: {{ $values.temporal.apiKey.existingSecret }}, key: TEMPORAL_API_KEY}}
{{- end }}
{{- if has "stripe" .needs }}
- name: STRIPE_SECRET_KEY
  valueFrom: {secretKeyRef: {name: {{ $values.stripe.existingSecret }}, key: STRIPE_SECRET_KEY}}
{{- end }}
{{- if has "webhook" .needs }}
- name: STRIPE_WEBHOOK_SECRET
  valueFrom: {secretKeyRef: {name: {{ $values.stripe.existingSecret }}, key: STRIPE_WEBHOOK_SECRET}}
{{- end }}
{{- if has "mail" .needs }}
- name: RESEND_API_KEY
  valueFrom: {secretKeyRef: {name: {{ $values.mail.existingSecret }}, key: RESEND_API_KEY}}
{{- end }}
{{- if has "signIn" .needs }}
{{- range $name, $provider := $values.signIn }}
{{- if $provider.clientId }}
- name: {{ upper $name }}_CLIENT_SECRET
  valueFrom: {secretKeyRef: {name: {{ $provider.existingSecret }}, key: {{ upper $name }}_CLIENT_SECRET}}
{{- end }}
{{- end }}
{{- end }}
{{- end }}

{{/* Where Temporal's certificates are, in a container that mounts them. */}}
{{- define "te.tlsMounts" -}}
{{- if .Values.temporal.tls.existingSecret }}
- {name: temporal-tls, mountPath: /etc/temporal-tls, readOnly: true}
{{- end }}
{{- end }}

{{- define "te.tlsVolumes" -}}
{{- if .Values.temporal.tls.existingSecret }}
- name: temporal-tls
  secret: {secretName: {{ .Values.temporal.tls.existingSecret }}, defaultMode: 0440}
{{- end }}
{{- end }}

{{/* Pods start anew when a setting changes. */}}
{{- define "te.podAnnotations" -}}
checksum/settings: {{ include "te.settings" . | sha256sum }}
{{- end }}
