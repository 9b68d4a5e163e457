{{- define "genkit-portal.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 40 | trimSuffix "-" }}
{{- end }}

{{- /* Of every object: unique in the cluster for each release, so that two can live side by side. Short, because suffixes follow. */}}
{{- define "genkit-portal.fullname" -}}
{{- if .Values.fullnameOverride }}
{{- .Values.fullnameOverride | trunc 40 | trimSuffix "-" }}
{{- else if contains (include "genkit-portal.name" .) .Release.Name }}
{{- .Release.Name | trunc 40 | trimSuffix "-" }}
{{- else }}
{{- printf "%s-%s" .Release.Name (include "genkit-portal.name" .) | trunc 40 | trimSuffix "-" }}
{{- end }}
{{- end }}

{{- define "genkit-portal.selectorLabels" -}}
app.kubernetes.io/name: {{ include "genkit-portal.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "genkit-portal.labels" -}}
{{ include "genkit-portal.selectorLabels" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/part-of: genkit-portal
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- end }}

{{- /* "true" when the operator has a Deployment of its own. */}}
{{- define "genkit-portal.separateOperator" -}}
{{- if and .Values.operator.enabled (or .Values.operator.separate (not .Values.portal.enabled)) }}true{{ end }}
{{- end }}

{{- define "genkit-portal.operatorServiceAccountName" -}}
{{- if not (include "genkit-portal.separateOperator" .) }}
{{- include "genkit-portal.serviceAccountName" . }}
{{- else if .Values.serviceAccount.create }}
{{- printf "%s-operator" (include "genkit-portal.fullname" .) }}
{{- else }}
{{- include "genkit-portal.serviceAccountName" . }}
{{- end }}
{{- end }}

{{- define "genkit-portal.serviceAccountName" -}}
{{- if .Values.serviceAccount.create }}
{{- default (include "genkit-portal.fullname" .) .Values.serviceAccount.name }}
{{- else }}
{{- required "serviceAccount.name is needed when serviceAccount.create is false" .Values.serviceAccount.name }}
{{- end }}
{{- end }}

{{- define "genkit-portal.image" -}}
{{- with .Values.image }}
{{- if .registry }}{{ .registry }}/{{ end }}{{ .repository }}
{{- end }}
{{- if .Values.image.digest }}@{{ .Values.image.digest }}{{ else }}:{{ default .Chart.AppVersion .Values.image.tag }}{{ end }}
{{- end }}

{{- define "genkit-portal.runnerImage" -}}
{{- if .Values.runner.image }}
{{- .Values.runner.image }}
{{- else }}
{{- if .Values.image.registry }}{{ .Values.image.registry }}/{{ end }}genkit-portal/runner:{{ .Chart.AppVersion }}
{{- end }}
{{- end }}

{{- define "genkit-portal.publicHost" -}}
{{- (urlParse .Values.auth.publicUrl).hostname }}
{{- end }}

{{- /* "true" when the API server asks the webhook. Without cert-manager it makes its own certificates known, which takes a cluster-wide right. */}}
{{- define "genkit-portal.webhook" -}}
{{- if and .Values.admission.webhook.enabled (or .Values.portal.enabled (not .Values.operator.namespaces) .Values.admission.webhook.certManager.enabled) }}true{{ end }}
{{- end }}

{{- /* Of the portal, which knows what was released into protected namespaces; of the operator where there is none. */}}
{{- define "genkit-portal.webhookComponent" -}}
{{- if .Values.portal.enabled }}portal{{ else }}operator{{ end }}
{{- end }}

{{- define "genkit-portal.webhookServiceAccountName" -}}
{{- if .Values.portal.enabled }}
{{- include "genkit-portal.serviceAccountName" . }}
{{- else }}
{{- include "genkit-portal.operatorServiceAccountName" . }}
{{- end }}
{{- end }}

{{- /* Mistakes that a schema cannot say. */}}
{{- define "genkit-portal.check" -}}
{{- if not (or .Values.portal.enabled .Values.operator.enabled) }}
{{- fail "portal.enabled and operator.enabled are both false: nothing is left to install" }}
{{- end }}
{{- if and .Values.operator.namespaces (not (include "genkit-portal.separateOperator" .)) }}
{{- fail "operator.namespaces needs operator.separate, or portal.enabled: false: the pages show all namespaces" }}
{{- end }}
{{- if and .Values.auth.oidc (not .Values.auth.publicUrl) }}
{{- fail "auth.publicUrl is needed with auth.oidc: the address people open in their browser, such as https://portal.example.com" }}
{{- end }}
{{- if and .Values.ingress.enabled (not .Values.auth.oidc) }}
{{- fail "ingress.enabled needs a sign-in (auth.oidc): without one the pages are served on loopback only, for kubectl port-forward" }}
{{- end }}
{{- if and .Values.auth.roles (not .Values.auth.oidc) }}
{{- fail "auth.roles needs a sign-in (auth.oidc)" }}
{{- end }}
{{- if and (include "genkit-portal.separateOperator" .) (not .Values.operator.leaderElection) (gt (int .Values.operator.replicas) 1) }}
{{- fail "operator.replicas above 1 needs operator.leaderElection: otherwise all of them work at once" }}
{{- end }}
{{- if and (gt (int .Values.portal.replicas) 1) (not .Values.database.existingSecret) }}
{{- fail "portal.replicas above 1 needs database.existingSecret: SQLite is one pod's" }}
{{- end }}
{{- if and .Values.persistence.existingClaim (not .Values.persistence.enabled) }}
{{- fail "persistence.existingClaim is set, but persistence.enabled is false" }}
{{- end }}
{{- end }}
