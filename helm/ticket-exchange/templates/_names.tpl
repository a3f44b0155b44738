{{/* Names and labels. Callers pass the root as "root" where they pass a dict. */}}

{{- define "te.labels" -}}
app.kubernetes.io/name: ticket-exchange
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .component }}
{{- end }}

{{- define "te.metadata" -}}
name: {{ .name }}
namespace: {{ .root.Release.Namespace }}
labels:
  {{- include "te.labels" . | nindent 2 }}
  app.kubernetes.io/managed-by: {{ .root.Release.Service }}
  helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version | replace "+" "_" }}
{{- end }}

{{/* The image of api, worker or bootstrap; a digest says all, so it stands without a tag. */}}
{{- define "te.image" -}}
{{- $images := .root.Values.images }}
{{- $name := printf "ticket-exchange-%s" .image }}
{{- if $images.registry }}{{ $name = printf "%s/%s" (trimSuffix "/" $images.registry) $name }}{{ end }}
{{- with .digest }}{{ $name }}@{{ . }}{{ else }}{{ $name }}:{{ .tag }}{{ end }}
{{- end }}

{{- define "te.currentImage" -}}
{{- $images := .root.Values.images }}
{{- include "te.image" (dict "root" .root "image" .image "digest" (get $images.digests .image) "tag" ($images.tag | default .root.Chart.AppVersion)) }}
{{- end }}

{{/* The version of today's workers: what was said, else what names their image. */}}
{{- define "te.buildId" -}}
{{- $images := .Values.images }}
{{- $named := $images.tag | default .Chart.AppVersion }}
{{- with $images.digests.worker }}{{ $named = . | trimPrefix "sha256:" | trunc 12 }}{{ end }}
{{- .Values.workers.buildId | default $named }}
{{- end }}

{{/* The same as part of a name. */}}
{{- define "te.slug" -}}
{{- . | lower | replace "." "-" | replace "_" "-" | trunc 30 | trimAll "-" }}
{{- end }}

{{- define "te.mongodb.members" -}}
{{- $root := . }}
{{- $hosts := list }}
{{- range $i := until (int .Values.mongodb.members) }}
{{- $hosts = append $hosts (printf "%s-mongodb-%d.%s-mongodb.%s.svc.%s:27017" $root.Release.Name $i $root.Release.Name $root.Release.Namespace $root.Values.networkPolicy.clusterDomain) }}
{{- end }}
{{- join "," $hosts }}
{{- end }}
