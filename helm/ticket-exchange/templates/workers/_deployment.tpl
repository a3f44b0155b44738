{{/*
One queue's workers of one version: root, queue (its name), pool (its values), buildId, image, and
replicas, or none to leave the number to an autoscaler.
*/}}
{{- define "te.worker" -}}
{{- $labels := include "te.labels" (dict "root" .root "component" "worker") | fromYaml }}
{{- $_ := set $labels "ticket-exchange/queue" .queue }}
{{- $_ := set $labels "ticket-exchange/build-id" .buildId }}
{{- $graceful := .root.Values.workers.gracefulSeconds }}
apiVersion: apps/v1
kind: Deployment
metadata:
  {{- include "te.metadata" (dict "root" .root "name" .name "component" "worker") | nindent 2 }}
    ticket-exchange/queue: {{ .queue }}
    ticket-exchange/build-id: {{ .buildId | quote }}
  annotations:
    # Purchases stay with the version that they began on. Helm leaves an old version running, and
    # whoever has seen that it is drained deletes it: docs/deployment.md.
    helm.sh/resource-policy: keep
spec:
  {{- if .replicas }}
  replicas: {{ .replicas }}
  {{- end }}
  strategy:
    rollingUpdate: {maxUnavailable: 0, maxSurge: 1}
  selector:
    matchLabels: {{- toYaml $labels | nindent 6 }}
  template:
    metadata:
      labels: {{- toYaml $labels | nindent 8 }}
      annotations: {{- include "te.podAnnotations" .root | nindent 8 }}
    spec:
      {{- include "te.pod" (dict "root" .root "user" 10001) | nindent 6 }}
      {{- include "te.spread" (dict "labels" $labels "perVersion" true) | nindent 6 }}
      # Steps under way may finish, then the process may close its connections.
      terminationGracePeriodSeconds: {{ add (ceil $graceful) 20 }}
      containers:
        - name: worker
          image: {{ .image }}
          {{- include "te.container" . | nindent 10 }}
          envFrom:
            - configMapRef: {name: {{ .root.Release.Name }}-settings}
          env:
            - {name: WORKER_QUEUES, value: {{ list .queue | toJson | quote }}}
            - {name: WORKER_BUILD_ID, value: {{ .buildId | quote }}}
            - {name: WORKER_GRACEFUL_SECONDS, value: {{ $graceful | quote }}}
            - {name: WORKER_METRICS_ADDRESS, value: "0.0.0.0:9464"}
            {{- range $name, $value := .pool.settings }}
            - {name: {{ $name }}, value: {{ $value | toString | quote }}}
            {{- end }}
            {{- include "te.secrets" (dict "root" .root "needs" (list "mongodb" "stripe" "mail")) | nindent 12 }}
          ports:
            - {name: metrics, containerPort: 9464}
          startupProbe:
            tcpSocket: {port: metrics}
            periodSeconds: 2
            failureThreshold: 60
          livenessProbe:
            tcpSocket: {port: metrics}
            periodSeconds: 20
            failureThreshold: 6
          readinessProbe:
            httpGet: {path: /metrics, port: metrics}
            periodSeconds: 10
            timeoutSeconds: 5
          resources: {{- toYaml .pool.resources | nindent 12 }}
          volumeMounts:
            - {name: tmp, mountPath: /tmp}
            {{- include "te.tlsMounts" .root | nindent 12 }}
      volumes:
        - {name: tmp, emptyDir: {sizeLimit: 64Mi}}
        {{- include "te.tlsVolumes" .root | nindent 8 }}
{{- end }}
