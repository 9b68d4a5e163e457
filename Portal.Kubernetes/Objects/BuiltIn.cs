namespace Portal.Kubernetes.Objects;

/// <summary>Definitions of the built-in kinds used here.</summary>
public static class BuiltIn
{
    public static ResourceDefinition Namespace { get; } = new("", "v1", "Namespace", "namespaces", false);
    public static ResourceDefinition ConfigMap { get; } = new("", "v1", "ConfigMap", "configmaps", true);
    public static ResourceDefinition Secret { get; } = new("", "v1", "Secret", "secrets", true);
    public static ResourceDefinition Service { get; } = new("", "v1", "Service", "services", true);
    public static ResourceDefinition ServiceAccount { get; } = new("", "v1", "ServiceAccount", "serviceaccounts", true);
    public static ResourceDefinition Pod { get; } = new("", "v1", "Pod", "pods", true);
    public static ResourceDefinition Event { get; } = new("", "v1", "Event", "events", true);
    public static ResourceDefinition Deployment { get; } = new("apps", "v1", "Deployment", "deployments", true);
    public static ResourceDefinition ReplicaSet { get; } = new("apps", "v1", "ReplicaSet", "replicasets", true);
    public static ResourceDefinition Job { get; } = new("batch", "v1", "Job", "jobs", true);
    public static ResourceDefinition CronJob { get; } = new("batch", "v1", "CronJob", "cronjobs", true);
    public static ResourceDefinition PodDisruptionBudget { get; } = new("policy", "v1", "PodDisruptionBudget", "poddisruptionbudgets", true);
    public static ResourceDefinition HorizontalPodAutoscaler { get; } = new("autoscaling", "v2", "HorizontalPodAutoscaler", "horizontalpodautoscalers", true);
    public static ResourceDefinition Ingress { get; } = new("networking.k8s.io", "v1", "Ingress", "ingresses", true);
    public static ResourceDefinition IngressClass { get; } = new("networking.k8s.io", "v1", "IngressClass", "ingressclasses", false);
    public static ResourceDefinition NetworkPolicy { get; } = new("networking.k8s.io", "v1", "NetworkPolicy", "networkpolicies", true);

    /// <summary>Of the Gateway API, which a cluster may lack.</summary>
    public static ResourceDefinition HttpRoute { get; } = new("gateway.networking.k8s.io", "v1", "HTTPRoute", "httproutes", true);
    public static ResourceDefinition EndpointSlice { get; } = new("discovery.k8s.io", "v1", "EndpointSlice", "endpointslices", true);
    public static ResourceDefinition Role { get; } = new("rbac.authorization.k8s.io", "v1", "Role", "roles", true);
    public static ResourceDefinition RoleBinding { get; } = new("rbac.authorization.k8s.io", "v1", "RoleBinding", "rolebindings", true);
    public static ResourceDefinition Lease { get; } = new("coordination.k8s.io", "v1", "Lease", "leases", true);
    public static ResourceDefinition CustomResourceDefinition { get; } =
        new("apiextensions.k8s.io", "v1", "CustomResourceDefinition", "customresourcedefinitions", false);
}
