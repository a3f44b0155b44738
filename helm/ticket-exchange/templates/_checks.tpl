{{/*
What the schema cannot say: values that are missing or do not go together. All of them at once, each
a sentence that names the value.
*/}}
{{- define "te.checks" -}}
{{- $v := .Values }}
{{- $wrong := list }}
{{- if or (gt (len .Release.Name) 40) (contains "." .Release.Name) }}
{{- $wrong = append $wrong "The release's name may have 40 letters at most and no dot, since other names begin with it." }}
{{- end }}
{{- if not $v.publicUrl }}
{{- $wrong = append $wrong "publicUrl is missing: the address in people's browsers, such as https://tickets.example.com." }}
{{- end }}
{{- if not $v.temporal.address }}
{{- $wrong = append $wrong "temporal.address is missing: host:port of Temporal's frontend. The chart brings none of its own; docs/deployment.md says how to get one." }}
{{- end }}
{{- if not $v.stripe.existingSecret }}
{{- $wrong = append $wrong "stripe.existingSecret is missing: the name of a Secret with STRIPE_SECRET_KEY and STRIPE_WEBHOOK_SECRET." }}
{{- end }}
{{- if not $v.stripe.publishableKey }}
{{- $wrong = append $wrong "stripe.publishableKey is missing: the pk_… key that browsers use." }}
{{- end }}
{{- if not $v.mail.existingSecret }}
{{- $wrong = append $wrong "mail.existingSecret is missing: the name of a Secret with RESEND_API_KEY." }}
{{- end }}
{{- if not $v.mail.from }}
{{- $wrong = append $wrong "mail.from is missing: the sender of all mail, at a domain that Resend knows." }}
{{- end }}
{{- range $name, $provider := $v.signIn }}
{{- if and $provider.clientId (not $provider.existingSecret) }}
{{- $wrong = append $wrong (printf "signIn.%s.existingSecret is missing: the name of a Secret with %s_CLIENT_SECRET." $name (upper $name)) }}
{{- end }}
{{- end }}
{{- if $v.mongodb.enabled }}
{{- if not $v.mongodb.existingSecret }}
{{- $wrong = append $wrong "mongodb.existingSecret is missing: the name of a Secret with keyfile, auth, tickets, orders, payments and operations. For a MongoDB of your own set mongodb.enabled to false." }}
{{- end }}
{{- if mod (int $v.mongodb.members) 2 | eq 0 }}
{{- $wrong = append $wrong "mongodb.members must be odd: half of an even number is no majority." }}
{{- end }}
{{- if $v.mongodb.external.existingSecret }}
{{- $wrong = append $wrong "mongodb.external.existingSecret is set and mongodb.enabled is true: choose one MongoDB." }}
{{- end }}
{{- else }}
{{- if not $v.mongodb.external.existingSecret }}
{{- $wrong = append $wrong "mongodb.external.existingSecret is missing: the name of a Secret with MONGODB_AUTH_URI and its four sisters, since mongodb.enabled is false." }}
{{- end }}
{{- if and $v.networkPolicy.enabled (not $v.networkPolicy.mongodb) }}
{{- $wrong = append $wrong "networkPolicy.mongodb is empty: nobody could reach your MongoDB. Name its peers, such as [{ipBlock: {cidr: 10.1.0.0/24}}]." }}
{{- end }}
{{- end }}
{{- if and $v.networkPolicy.enabled (not $v.networkPolicy.temporal) }}
{{- $wrong = append $wrong "networkPolicy.temporal is empty: nobody could reach Temporal. Name its peers." }}
{{- end }}
{{- if $v.ingress.enabled }}
{{- if not $v.ingress.tlsSecret }}
{{- $wrong = append $wrong "ingress.tlsSecret is missing: the name of a Secret of type kubernetes.io/tls for the host of publicUrl." }}
{{- end }}
{{- if not $v.api.trustedProxies }}
{{- $wrong = append $wrong "api.trustedProxies is empty: behind the ingress all people would share the limits of one address. Name the networks of the ingress controller's pods." }}
{{- end }}
{{- end }}
{{- if eq $v.images.tag "latest" }}
{{- $wrong = append $wrong "images.tag must not be latest: purchases are pinned to the version that it names, and latest names none." }}
{{- end }}
{{- range $name, $_ := $v.settings }}
{{- if regexMatch "(SECRET|PASSWORD|API_KEY|_URI|TOKEN)" $name }}
{{- $wrong = append $wrong (printf "settings.%s looks like a secret: settings are readable by everybody who may read ConfigMaps. Secrets are named by existingSecret." $name) }}
{{- end }}
{{- end }}
{{- $slugs := list (include "te.slug" (include "te.buildId" .)) }}
{{- range $v.workers.previous }}
{{- $slug := include "te.slug" .buildId }}
{{- if has $slug $slugs }}
{{- $wrong = append $wrong (printf "workers.previous names %s twice, or it is the version of today; two versions cannot have the same name." .buildId) }}
{{- end }}
{{- $slugs = append $slugs $slug }}
{{- end }}
{{- range $queue, $pool := $v.workers.queues }}
{{- with $pool.autoscaling }}{{ if gt (int .min) (int .max) }}
{{- $wrong = append $wrong (printf "workers.queues.%s.autoscaling: min is more than max." $queue) }}
{{- end }}{{ end }}
{{- range $name, $_ := $pool.settings }}
{{- if has $name (list "WORKER_QUEUES" "WORKER_BUILD_ID" "WORKER_DEPLOYMENT" "WORKER_GRACEFUL_SECONDS" "WORKER_METRICS_ADDRESS") }}
{{- $wrong = append $wrong (printf "workers.queues.%s.settings.%s: the chart sets it." $queue $name) }}
{{- end }}
{{- end }}
{{- end }}
{{- if gt (int $v.api.autoscaling.min) (int $v.api.autoscaling.max) }}
{{- $wrong = append $wrong "api.autoscaling: min is more than max." }}
{{- end }}
{{- if $wrong }}
{{- fail (printf "\n\nThese values are not right yet:\n  - %s\n" (join "\n  - " $wrong)) }}
{{- end }}
{{- end }}
