namespace Portal.ApiServer.Auth;

/// <summary>The roles and bindings every cluster begins with. Rights beyond them are given by an administrator, and survive a restart.</summary>
internal static class BootstrapRoles
{
    private const string Aggregate = "rbac.authorization.k8s.io/aggregate-to-";
    private const string RbacGroup = "rbac.authorization.k8s.io";

    private static readonly string[] s_read = ["get", "list", "watch"];
    private static readonly string[] s_write = ["create", "delete", "deletecollection", "patch", "update"];
    private static readonly string[] s_readWrite = [.. s_write, .. s_read];
    private static readonly string[] s_publicPaths = ["/healthz", "/livez", "/readyz", "/version", "/version/"];
    private static readonly string[] s_discoveryPaths = ["/api", "/api/*", "/apis", "/apis/*", "/openapi", "/openapi/*"];
    private static readonly string[] s_namespaced = ["configmaps", "endpoints", "persistentvolumeclaims", "replicationcontrollers", "replicationcontrollers/scale", "serviceaccounts", "services"];
    private static readonly string[] s_observed =
        ["bindings", "events", "limitranges", "namespaces/status", "persistentvolumeclaims/status", "pods/log", "pods/status", "replicationcontrollers/status", "resourcequotas", "resourcequotas/status", "services/status"];

    private static readonly string[] s_apps =
        ["daemonsets", "deployments", "deployments/scale", "replicasets", "replicasets/scale", "statefulsets", "statefulsets/scale"];

    private static readonly string[] s_appsStatus = ["controllerrevisions", "daemonsets/status", "deployments/status", "replicasets/status", "statefulsets/status"];

    public static IEnumerable<JsonObject> ClusterRoles() =>
    [
        Role("cluster-admin", PolicyRule.Everything),
        Role("system:discovery", [Paths("get", [.. s_discoveryPaths, .. s_publicPaths])]),
        Role("system:public-info-viewer", [Paths("get", s_publicPaths)]),
        Role("system:basic-user",
        [
            Rule(["create"], "authorization.k8s.io", "selfsubjectaccessreviews", "selfsubjectrulesreviews"),
            Rule(["create"], "authentication.k8s.io", "selfsubjectreviews"),
        ]),
        Role("system:service-account-issuer-discovery", [Paths("get", ["/.well-known/openid-configuration", "/.well-known/openid-configuration/", "/openid/v1/jwks", "/openid/v1/jwks/"])]),
        Role("system:auth-delegator",
        [
            Rule(["create"], "authentication.k8s.io", "tokenreviews"),
            Rule(["create"], "authorization.k8s.io", "subjectaccessreviews"),
        ]),
        Aggregated("admin", "admin"),
        Aggregated("edit", "edit", ("admin", "true")),
        Aggregated("view", "view", ("edit", "true")),
        Role("system:aggregate-to-admin", Admin(), (Aggregate + "admin", "true")),
        Role("system:aggregate-to-edit", Edit(), (Aggregate + "edit", "true")),
        Role("system:aggregate-to-view", View(), (Aggregate + "view", "true")),
    ];

    public static IEnumerable<JsonObject> ClusterRoleBindings() =>
    [
        Binding("cluster-admin", UserInfo.Masters),
        Binding("system:discovery", UserInfo.Authenticated),
        Binding("system:public-info-viewer", UserInfo.Authenticated, UserInfo.Unauthenticated),
        Binding("system:basic-user", UserInfo.Authenticated),
        Binding("system:service-account-issuer-discovery", "system:serviceaccounts"),
    ];

    private static PolicyRule[] View() =>
    [
        Rule(s_read, "", [.. s_namespaced, "namespaces", "pods"]),
        Rule(s_read, "", s_observed),
        Rule(s_read, "discovery.k8s.io", "endpointslices"),
        Rule(s_read, "apps", [.. s_apps, .. s_appsStatus]),
        Rule(s_read, "autoscaling", "horizontalpodautoscalers", "horizontalpodautoscalers/status"),
        Rule(s_read, "batch", "cronjobs", "cronjobs/status", "jobs", "jobs/status"),
        Rule(s_read, "networking.k8s.io", "ingresses", "ingresses/status", "networkpolicies"),
        Rule(s_read, "policy", "poddisruptionbudgets", "poddisruptionbudgets/status"),
    ];

    private static PolicyRule[] Edit() =>
    [
        Rule(s_read, "", "pods/attach", "pods/exec", "pods/portforward", "pods/proxy", "secrets", "services/proxy"),
        Rule(["impersonate"], "", "serviceaccounts"),
        Rule(s_write, "", "pods", "pods/attach", "pods/exec", "pods/portforward", "pods/proxy"),
        Rule(["create"], "", "pods/eviction"),
        Rule(s_write, "", [.. s_namespaced, "events", "secrets", "services/proxy"]),
        Rule(["create"], "", "serviceaccounts/token"),
        Rule(s_write, "apps", [.. s_apps, "deployments/rollback"]),
        Rule(s_write, "autoscaling", "horizontalpodautoscalers"),
        Rule(s_write, "batch", "cronjobs", "jobs"),
        Rule(s_write, "networking.k8s.io", "ingresses", "networkpolicies"),
        Rule(s_write, "policy", "poddisruptionbudgets"),
        Rule(s_readWrite, "coordination.k8s.io", "leases"),
    ];

    private static PolicyRule[] Admin() =>
    [
        Rule(["create"], "authorization.k8s.io", "localsubjectaccessreviews"),
        Rule(s_readWrite, RbacGroup, "rolebindings", "roles"),
    ];

    private static PolicyRule Rule(string[] verbs, string group, params string[] resources) => new() { Verbs = verbs, Groups = [group], Resources = resources };

    private static PolicyRule Paths(string verb, string[] paths) => new() { Verbs = [verb], Paths = paths };

    private static JsonObject Role(string name, IEnumerable<PolicyRule> rules, params (string Key, string Value)[] labels)
    {
        var role = Start("ClusterRole", name, labels);
        role["rules"] = new JsonArray([.. rules.Select(rule => (JsonNode)rule.ToJson())]);
        return role;
    }

    private static JsonObject Aggregated(string name, string label, params (string Of, string Value)[] labels)
    {
        var role = Role(name, [], [.. labels.Select(pair => (Aggregate + pair.Of, pair.Value))]);
        role["aggregationRule"] = new JsonObject
        {
            ["clusterRoleSelectors"] = new JsonArray(new JsonObject { ["matchLabels"] = new JsonObject { [Aggregate + label] = "true" } }),
        };
        return role;
    }

    private static JsonObject Binding(string role, params string[] groups)
    {
        var binding = Start("ClusterRoleBinding", role);
        binding["roleRef"] = new JsonObject { ["apiGroup"] = RbacGroup, ["kind"] = "ClusterRole", ["name"] = role };
        binding["subjects"] = new JsonArray([.. groups.Select(group =>
            (JsonNode)new JsonObject { ["kind"] = "Group", ["apiGroup"] = RbacGroup, ["name"] = group })]);
        return binding;
    }

    private static JsonObject Start(string kind, string name, params (string Key, string Value)[] labels)
    {
        var marks = new JsonObject { ["kubernetes.io/bootstrapping"] = "rbac-defaults" };
        foreach (var (key, value) in labels)
        {
            marks[key] = value;
        }

        return new JsonObject
        {
            ["kind"] = kind,
            ["apiVersion"] = $"{RbacGroup}/v1",
            ["metadata"] = new JsonObject
            {
                ["name"] = name,
                ["labels"] = marks,
                ["annotations"] = new JsonObject { ["rbac.authorization.kubernetes.io/autoupdate"] = "true" },
            },
        };
    }
}
