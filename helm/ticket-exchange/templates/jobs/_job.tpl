{{/* A command of the bootstrap image that ends: root, component, command (a list), env, secrets. */}}
{{- define "te.job" -}}
backoffLimit: 6
activeDeadlineSeconds: 900
template:
  metadata:
    labels: {{- include "te.labels" . | nindent 6 }}
  spec:
    {{- include "te.pod" (dict "root" .root "user" 10001) | nindent 4 }}
    restartPolicy: Never
    containers:
      - name: {{ .component }}
        image: {{ include "te.currentImage" (dict "root" .root "image" "bootstrap") }}
        {{- include "te.container" . | nindent 8 }}
        args: {{- toYaml .command | nindent 10 }}
        envFrom:
          - configMapRef: {name: {{ .root.Release.Name }}-settings}
        {{- with include "te.secrets" (dict "root" .root "needs" (list)) | trim }}
        env: {{- . | nindent 10 }}
        {{- end }}
        resources: {{- toYaml .root.Values.jobs.resources | nindent 10 }}
        volumeMounts:
          - {name: tmp, mountPath: /tmp}
          {{- include "te.tlsMounts" .root | nindent 10 }}
          {{- with .secret }}
          - {name: secrets, mountPath: /secrets, readOnly: true}
          {{- end }}
    volumes:
      - {name: tmp, emptyDir: {sizeLimit: 64Mi}}
      {{- include "te.tlsVolumes" .root | nindent 6 }}
      {{- with .secret }}
      - name: secrets
        secret: {secretName: {{ . }}, defaultMode: 0440}
      {{- end }}
{{- end }}
