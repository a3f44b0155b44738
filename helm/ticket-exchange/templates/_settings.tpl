{{/* Variables for all processes that are no secrets. */}}
{{- define "te.settings" -}}
{{- $values := .Values }}
{{- $own := dict
  "ENVIRONMENT" $values.environment
  "PUBLIC_URL" $values.publicUrl
  "TEMPORAL_ADDRESS" $values.temporal.address
  "TEMPORAL_NAMESPACE" $values.temporal.namespace
  "MONGODB_DATABASE_PREFIX" $values.mongodb.databasePrefix
  "STRIPE_PUBLISHABLE_KEY" $values.stripe.publishableKey
  "MAIL_FROM" $values.mail.from
  "WORKER_DEPLOYMENT" .Release.Name
}}
{{- with $values.temporal.uiUrl }}{{ $_ := set $own "TEMPORAL_UI_URL" . }}{{ end }}
{{- with $values.api.trustedProxies }}{{ $_ := set $own "TRUSTED_PROXIES" (join "," .) }}{{ end }}
{{- range $name, $provider := $values.signIn }}
{{- with $provider.clientId }}{{ $_ := set $own (printf "%s_CLIENT_ID" (upper $name)) . }}{{ end }}
{{- end }}
{{- if $values.temporal.tls.existingSecret }}
{{- $_ := set $own "TEMPORAL_TLS_CLIENT_CERT" "/etc/temporal-tls/tls.crt" }}
{{- $_ := set $own "TEMPORAL_TLS_CLIENT_KEY" "/etc/temporal-tls/tls.key" }}
{{- if $values.temporal.tls.ownCa }}{{ $_ := set $own "TEMPORAL_TLS_SERVER_CA" "/etc/temporal-tls/ca.crt" }}{{ end }}
{{- end }}
{{- range $name, $value := merge (dict) $values.settings $own }}
{{ $name }}: {{ $value | toString | quote }}
{{- end }}
{{- end }}
