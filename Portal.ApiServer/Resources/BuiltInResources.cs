using Portal.ApiServer.Resources.Kinds;
using Portal.ApiServer.Schemas;
using Portal.ApiServer.Selectors;
using Portal.ApiServer.Tables;
using Portal.Kubernetes.Objects;

namespace Portal.ApiServer.Resources;

/// <summary>The kinds served without a CRD, one row each.</summary>
internal static class BuiltInResources
{
    private static readonly IReadOnlyList<string> s_readWrite = ["get", "patch", "update"];

    public static IReadOnlyList<ServedResource> All() =>
    [
        Core("Namespace", "namespaces", false, new NamespaceRules(), status: true, shortNames: ["ns"], verbs: [.. ServedResource.AllVerbs.Where(verb => verb != "deletecollection")], subresources: [new Subresource("finalize", "Namespace", ["update"])]),
        Core("ConfigMap", "configmaps", true, new ConfigMapRules(), shortNames: ["cm"]),
        Core("Secret", "secrets", true, new SecretRules()),
        Core("Service", "services", true, new ServiceRules(), status: true, shortNames: ["svc"], categories: ["all"]),
        Core("ServiceAccount", "serviceaccounts", true, ResourceRules.BuiltIn, shortNames: ["sa"], subresources: [new Subresource("token", "TokenRequest", ["create"], TokenRequest.Definition)]),
        Core("Pod", "pods", true, new PodRules(), status: true, shortNames: ["po"], categories: ["all"], subresources: [new Subresource("log", "Pod", ["get"])]),
        Core("Event", "events", true, new EventRules(), shortNames: ["ev"]),
        Core("PersistentVolumeClaim", "persistentvolumeclaims", true, new VolumeClaimRules(), status: true, shortNames: ["pvc"]),
        Core("Endpoints", "endpoints", true, ResourceRules.BuiltIn, shortNames: ["ep"]),
        Row("events.k8s.io", "v1", "Event", "events", true, new EventsV1Rules(), shortNames: ["ev"], form: EventForm.Form, storageApiVersion: "v1"),
        Row("apps", "v1", "Deployment", "deployments", true, new DeploymentRules(), status: true, scale: true, shortNames: ["deploy"], categories: ["all"]),
        Row("apps", "v1", "ReplicaSet", "replicasets", true, new DeploymentRules(), status: true, scale: true, shortNames: ["rs"], categories: ["all"]),
        Row("batch", "v1", "Job", "jobs", true, new JobRules(), status: true, categories: ["all"]),
        Row("batch", "v1", "CronJob", "cronjobs", true, new WorkloadRules(), status: true, shortNames: ["cj"], categories: ["all"]),
        Row("autoscaling", "v2", "HorizontalPodAutoscaler", "horizontalpodautoscalers", true, new AutoscalerRules(), status: true, shortNames: ["hpa"], categories: ["all"]),
        Row("policy", "v1", "PodDisruptionBudget", "poddisruptionbudgets", true, new DisruptionBudgetRules(), status: true, shortNames: ["pdb"]),
        Row("networking.k8s.io", "v1", "Ingress", "ingresses", true, new IngressRules(), status: true, shortNames: ["ing"]),
        Row("networking.k8s.io", "v1", "IngressClass", "ingressclasses", false, new IngressClassRules()),
        Row("networking.k8s.io", "v1", "NetworkPolicy", "networkpolicies", true, new NetworkPolicyRules(), shortNames: ["netpol"]),
        Row("coordination.k8s.io", "v1", "Lease", "leases", true, new LeaseRules()),
        Row("discovery.k8s.io", "v1", "EndpointSlice", "endpointslices", true, new WorkloadRules()),
        Row("rbac.authorization.k8s.io", "v1", "Role", "roles", true, new RbacRules()),
        Row("rbac.authorization.k8s.io", "v1", "RoleBinding", "rolebindings", true, new RbacRules()),
        Row("rbac.authorization.k8s.io", "v1", "ClusterRole", "clusterroles", false, new RbacRules()),
        Row("rbac.authorization.k8s.io", "v1", "ClusterRoleBinding", "clusterrolebindings", false, new RbacRules()),
        Row("apiextensions.k8s.io", "v1", "CustomResourceDefinition", "customresourcedefinitions", false, new CrdRules(), status: true, shortNames: ["crd", "crds"], categories: ["api-extensions"]),
        Row("admissionregistration.k8s.io", "v1", "MutatingWebhookConfiguration", "mutatingwebhookconfigurations", false, new WebhookConfigurationRules(), categories: ["api-extensions"]),
        Row("admissionregistration.k8s.io", "v1", "ValidatingWebhookConfiguration", "validatingwebhookconfigurations", false, new WebhookConfigurationRules(), categories: ["api-extensions"]),
        Review("authorization.k8s.io", "SubjectAccessReview", "subjectaccessreviews"),
        Review("authorization.k8s.io", "LocalSubjectAccessReview", "localsubjectaccessreviews", namespaced: true),
        Review("authorization.k8s.io", "SelfSubjectAccessReview", "selfsubjectaccessreviews"),
        Review("authorization.k8s.io", "SelfSubjectRulesReview", "selfsubjectrulesreviews"),
        Review("authentication.k8s.io", "SelfSubjectReview", "selfsubjectreviews"),
        Review("authentication.k8s.io", "TokenReview", "tokenreviews"),
    ];

    /// <summary>What the subresource <c>token</c> of a service account takes and gives; it has no path of its own.</summary>
    public static ServedResource TokenRequest { get; } = Review("authentication.k8s.io", "TokenRequest", "tokenrequests", namespaced: true);

    /// <summary>Whether a resource is answered without storing anything.</summary>
    public static bool IsReview(ServedResource resource) => resource.Definition.Group is "authorization.k8s.io" or "authentication.k8s.io";

    private static ServedResource Review(string group, string kind, string plural, bool namespaced = false) =>
        Row(group, "v1", kind, plural, namespaced, ResourceRules.BuiltIn, verbs: ["create"]);

    private static ServedResource Core(
        string kind, string plural, bool namespaced, ResourceRules rules, bool status = false, string[]? shortNames = null, string[]? categories = null,
        IReadOnlyList<string>? verbs = null, Subresource[]? subresources = null) =>
        Row("", "v1", kind, plural, namespaced, rules, status, false, shortNames, categories, verbs, subresources);

    private static ServedResource Row(
        string group, string version, string kind, string plural, bool namespaced, ResourceRules rules, bool status = false, bool scale = false,
        string[]? shortNames = null, string[]? categories = null, IReadOnlyList<string>? verbs = null, Subresource[]? subresources = null,
        StoredForm? form = null, string? storageApiVersion = null)
    {
        var definition = new ResourceDefinition(group, version, kind, plural, namespaced);
        return new ServedResource
        {
            Definition = definition,
            Singular = kind.ToLowerInvariant(),
            ListKind = kind + "List",
            ShortNames = shortNames ?? [],
            Categories = categories ?? [],
            Verbs = verbs ?? ServedResource.AllVerbs,
            Schema = BuiltInSchemas.Get(definition),
            Table = TableConverter.ForBuiltIn(definition),
            Rules = rules,
            HasStatus = status,
            Scale = scale ? new ScalePaths(".spec.replicas", ".status.replicas", ".spec.selector") : null,
            Subresources = subresources ?? [],
            SelectableFields = SelectableFields.For(group, plural),
            StorageApiVersion = storageApiVersion ?? definition.ApiVersion,
            Form = form,
        };
    }

    /// <summary>Verbs of status and scale.</summary>
    public static IReadOnlyList<string> SubresourceVerbs => s_readWrite;
}
