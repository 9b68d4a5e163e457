{{- /* Generated from the kinds in Portal.Operator by ./build.sh generate. Do not edit. */}}
{{- define "genkit-portal.rules.install" -}}
- apiGroups:
    - apiextensions.k8s.io
  resources:
    - customresourcedefinitions
  verbs:
    - create
    - patch
{{- end }}
{{- define "genkit-portal.rules.leader-election" -}}
- apiGroups:
    - coordination.k8s.io
  resources:
    - leases
  verbs:
    - create
    - get
    - update
{{- end }}
{{- define "genkit-portal.rules.operator" -}}
- apiGroups:
    - genkit.dev
  resources:
    - datasets
    - evals
    - flowsets
    - flows
    - models
    - pluginconfigs
    - prompts
    - tools
  verbs:
    - get
    - list
    - watch
- apiGroups:
    - genkit.dev
  resources:
    - datasets/status
    - evals/status
    - flowsets/status
    - flows/status
    - models/status
    - pluginconfigs/status
    - prompts/status
    - tools/status
  verbs:
    - patch
- apiGroups:
    - genkit.dev
  resources:
    - datasets/finalizers
    - evals/finalizers
    - flowsets/finalizers
    - flows/finalizers
    - models/finalizers
    - pluginconfigs/finalizers
    - prompts/finalizers
    - tools/finalizers
  verbs:
    - update
- apiGroups:
    - ""
  resources:
    - configmaps
  verbs:
    - get
    - list
    - watch
    - create
    - patch
    - delete
- apiGroups:
    - ""
  resources:
    - services
  verbs:
    - get
    - list
    - watch
    - create
    - patch
- apiGroups:
    - apps
  resources:
    - deployments
  verbs:
    - get
    - list
    - watch
    - create
    - patch
- apiGroups:
    - ""
  resources:
    - pods
  verbs:
    - list
- apiGroups:
    - discovery.k8s.io
  resources:
    - endpointslices
  verbs:
    - list
    - watch
- apiGroups:
    - policy
  resources:
    - poddisruptionbudgets
  verbs:
    - get
    - list
    - watch
    - create
    - patch
    - delete
- apiGroups:
    - autoscaling
  resources:
    - horizontalpodautoscalers
  verbs:
    - get
    - list
    - watch
    - create
    - patch
    - delete
- apiGroups:
    - networking.k8s.io
  resources:
    - ingresses
  verbs:
    - get
    - list
    - watch
    - create
    - patch
    - delete
- apiGroups:
    - gateway.networking.k8s.io
  resources:
    - httproutes
  verbs:
    - get
    - list
    - watch
    - create
    - patch
    - delete
- apiGroups:
    - batch
  resources:
    - jobs
    - cronjobs
  verbs:
    - get
    - list
    - watch
    - create
    - patch
    - delete
- apiGroups:
    - ""
  resources:
    - serviceaccounts
  verbs:
    - get
    - create
    - patch
- apiGroups:
    - rbac.authorization.k8s.io
  resources:
    - roles
    - rolebindings
  verbs:
    - get
    - create
    - patch
- apiGroups:
    - ""
  resources:
    - secrets
  verbs:
    - list
    - watch
- apiGroups:
    - ""
  resources:
    - events
  verbs:
    - create
    - patch
{{- end }}
{{- define "genkit-portal.rules.portal" -}}
- apiGroups:
    - genkit.dev
  resources:
    - datasets
    - evals
    - flowsets
    - flows
    - models
    - pluginconfigs
    - prompts
    - tools
  verbs:
    - create
    - patch
    - delete
- apiGroups:
    - ""
  resources:
    - namespaces
    - pods
    - events
  verbs:
    - get
    - list
    - watch
- apiGroups:
    - ""
  resources:
    - pods/log
  verbs:
    - get
- apiGroups:
    - discovery.k8s.io
  resources:
    - endpointslices
  verbs:
    - get
    - list
    - watch
{{- end }}
{{- define "genkit-portal.rules.portal-reads" -}}
- apiGroups:
    - genkit.dev
  resources:
    - datasets
    - evals
    - flowsets
    - flows
    - models
    - pluginconfigs
    - prompts
    - tools
  verbs:
    - get
    - list
    - watch
- apiGroups:
    - ""
  resources:
    - configmaps
  verbs:
    - get
    - list
    - watch
- apiGroups:
    - ""
  resources:
    - services
  verbs:
    - get
    - list
    - watch
- apiGroups:
    - apps
  resources:
    - deployments
  verbs:
    - get
    - list
    - watch
- apiGroups:
    - discovery.k8s.io
  resources:
    - endpointslices
  verbs:
    - get
    - list
    - watch
- apiGroups:
    - policy
  resources:
    - poddisruptionbudgets
  verbs:
    - get
    - list
    - watch
- apiGroups:
    - autoscaling
  resources:
    - horizontalpodautoscalers
  verbs:
    - get
    - list
    - watch
- apiGroups:
    - networking.k8s.io
  resources:
    - ingresses
  verbs:
    - get
    - list
    - watch
- apiGroups:
    - gateway.networking.k8s.io
  resources:
    - httproutes
  verbs:
    - get
    - list
    - watch
- apiGroups:
    - batch
  resources:
    - jobs
    - cronjobs
  verbs:
    - get
    - list
    - watch
- apiGroups:
    - ""
  resources:
    - secrets
  verbs:
    - get
    - list
    - watch
{{- end }}
{{- define "genkit-portal.webhook.rules" -}}
- apiGroups:
    - genkit.dev
  apiVersions:
    - v1alpha1
  operations:
    - CREATE
    - UPDATE
  resources:
    - datasets
    - evals
    - flowsets
    - flows
    - models
    - pluginconfigs
    - prompts
    - tools
  scope: Namespaced
{{- end }}
