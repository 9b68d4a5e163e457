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
    public static ResourceDefinition Role { get; } = new("rbac.authorization.k8s.io", "v1", "Role", "roles", true);
    public static ResourceDefinition RoleBinding { get; } = new("rbac.authorization.k8s.io", "v1", "RoleBinding", "rolebindings", true);
    public static ResourceDefinition Lease { get; } = new("coordination.k8s.io", "v1", "Lease", "leases", true);
    public static ResourceDefinition CustomResourceDefinition { get; } =
        new("apiextensions.k8s.io", "v1", "CustomResourceDefinition", "customresourcedefinitions", false);
}
