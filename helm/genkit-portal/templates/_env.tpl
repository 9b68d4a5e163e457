{{- define "genkit-portal.env" -}}
- name: ASPNETCORE_URLS
  {{- if .Values.auth.oidc }}
  value: http://+:8080
  {{- else }}
  value: http://127.0.0.1:8080
  {{- end }}
- name: AllowedHosts
  {{- if .Values.auth.oidc }}
  value: {{ printf "%s;localhost;127.0.0.1" (include "genkit-portal.publicHost" .) | quote }}
  {{- else }}
  value: localhost;127.0.0.1
  {{- end }}
- name: Portal__Role
  {{- if or (not .Values.operator.enabled) (include "genkit-portal.separateOperator" .) }}
  value: portal
  {{- else }}
  value: all
  {{- end }}
{{ include "genkit-portal.env.common" . }}
- name: Portal__DataDirectory
  value: /data
{{- if .Values.database.existingSecret }}
- name: Portal__Database__Provider
  value: postgres
- name: Portal__Database__ConnectionStringFile
  value: /etc/genkit-portal/database/connection-string
{{- end }}
{{- with .Values.ingress.trustedProxies }}
- name: Portal__TrustedProxies
  value: {{ join "," . | quote }}
{{- end }}
- name: Portal__ReadOnly
  value: {{ .Values.portal.readOnly | quote }}
- name: Portal__Usage__RetentionDays
  value: {{ .Values.usage.retentionDays | quote }}
{{- with .Values.usage.token.existingSecret }}
- name: Portal__Usage__Token
  valueFrom:
    secretKeyRef:
      name: {{ . }}
      key: {{ $.Values.usage.token.key }}
{{- end }}
{{- if and .Values.operator.enabled (not (include "genkit-portal.separateOperator" .)) }}
{{ include "genkit-portal.env.operator" . }}
{{- end }}
{{- if include "genkit-portal.webhook" . }}
{{ include "genkit-portal.env.webhook" . }}
{{- end }}
{{- if .Values.auth.oidc }}
{{ include "genkit-portal.env.auth" . }}
{{- end }}
{{- with .Values.extraEnv }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{- define "genkit-portal.env.common" -}}
- name: Logging__LogLevel__Default
  value: {{ .Values.logLevel }}
- name: Portal__ManagementPort
  value: "8081"
- name: Portal__Cluster__Mode
  value: incluster
- name: Portal__Admission__Strict
  value: {{ .Values.admission.strict | quote }}
- name: Portal__Admission__RunnerImage
  value: {{ include "genkit-portal.runnerImage" . | quote }}
{{- end }}

{{- define "genkit-portal.env.webhook" -}}
- name: Portal__Admission__Port
  value: "9443"
- name: Portal__Admission__Service
  value: {{ include "genkit-portal.fullname" . }}-webhook
- name: Portal__Admission__Secret
  value: {{ include "genkit-portal.fullname" . }}-webhook
- name: Portal__Admission__Configuration
  value: {{ include "genkit-portal.fullname" . }}-webhook
{{- if .Values.admission.webhook.certManager.enabled }}
- name: Portal__Admission__CertificateDirectory
  value: /etc/genkit-portal/webhook
{{- end }}
{{- end }}

{{- define "genkit-portal.env.operator" -}}
- name: Portal__Operator__InstallDefinitions
  value: "false"
- name: Portal__Operator__LeaderElection
  value: {{ .Values.operator.leaderElection | quote }}
- name: Portal__Operator__Workers
  value: {{ .Values.operator.workers | quote }}
- name: Portal__Operator__WritesPerSecond
  value: {{ .Values.operator.writesPerSecond | quote }}
{{- with .Values.operator.namespaces }}
- name: Portal__Operator__Namespaces
  value: {{ join "," . | quote }}
{{- end }}
{{- with .Values.operator.shard }}
- name: Portal__Operator__Shard
  value: {{ . | quote }}
{{- end }}
{{- end }}

{{- define "genkit-portal.env.auth" -}}
- name: Portal__PublicUrl
  value: {{ .Values.auth.publicUrl | quote }}
- name: Portal__Auth__SessionIdle
  value: {{ .Values.auth.sessionIdle | quote }}
- name: Portal__Auth__SessionLifetime
  value: {{ .Values.auth.sessionLifetime | quote }}
{{- if .Values.auth.claimsMaxAge }}
- name: Portal__Auth__ClaimsMaxAge
  value: {{ .Values.auth.claimsMaxAge | quote }}
{{- end }}
- name: Portal__Auth__ImpersonateUsers
  value: {{ .Values.auth.impersonateUsers | quote }}
{{- if .Values.auth.keyCertificate.existingSecret }}
- name: Portal__Auth__KeyCertificateFile
  value: /etc/genkit-portal/keys/tls.crt
- name: Portal__Auth__KeyCertificateKeyFile
  value: /etc/genkit-portal/keys/tls.key
{{- end }}
{{- range $name, $provider := .Values.auth.oidc }}
- name: Portal__Auth__Oidc__{{ $name }}__Authority
  value: {{ $provider.authority | quote }}
- name: Portal__Auth__Oidc__{{ $name }}__ClientId
  value: {{ $provider.clientId | quote }}
{{- if $provider.clientSecret }}
- name: Portal__Auth__Oidc__{{ $name }}__ClientSecretFile
  value: /etc/genkit-portal/oidc/{{ $name }}/client-secret
{{- end }}
{{- with $provider.displayName }}
- name: Portal__Auth__Oidc__{{ $name }}__DisplayName
  value: {{ . | quote }}
{{- end }}
{{- with $provider.scopes }}
- name: Portal__Auth__Oidc__{{ $name }}__Scopes
  value: {{ . | quote }}
{{- end }}
{{- with $provider.groupsClaim }}
- name: Portal__Auth__Oidc__{{ $name }}__GroupsClaim
  value: {{ . | quote }}
{{- end }}
{{- if $provider.verifiesEmails }}
- name: Portal__Auth__Oidc__{{ $name }}__VerifiesEmails
  value: "true"
{{- end }}
{{- with $provider.userClaim }}
- name: Portal__Auth__Oidc__{{ $name }}__UserClaim
  value: {{ . | quote }}
{{- end }}
{{- with $provider.nameClaim }}
- name: Portal__Auth__Oidc__{{ $name }}__NameClaim
  value: {{ . | quote }}
{{- end }}
{{- end }}
{{- range $index, $binding := .Values.auth.roles }}
- name: Portal__Auth__Roles__{{ $index }}__Role
  value: {{ $binding.role }}
{{- with $binding.group }}
- name: Portal__Auth__Roles__{{ $index }}__Group
  value: {{ . | quote }}
{{- end }}
{{- with $binding.user }}
- name: Portal__Auth__Roles__{{ $index }}__User
  value: {{ . | quote }}
{{- end }}
{{- with $binding.provider }}
- name: Portal__Auth__Roles__{{ $index }}__Provider
  value: {{ . | quote }}
{{- end }}
- name: Portal__Auth__Roles__{{ $index }}__Namespaces
  value: {{ join " " $binding.namespaces | quote }}
{{- end }}
{{- end }}
