namespace Portal.Operator.Manifests;

/// <summary>
/// Access rules generated from the kinds: what the operator may do, which is what it does and nothing else, and for people a viewer, editor and admin
/// role for each kind, which join the cluster's own roles view, edit and admin.
/// </summary>
public static class RbacManifests
{
    private const string Group = "rbac.authorization.k8s.io";
    private const string Operator = "genkit-operator";
    private const string Portal = "genkit-portal";
    private static readonly string[] s_read = ["get", "list", "watch"];
    private static readonly string[] s_write = ["create", "delete", "deletecollection", "patch", "update"];

    /// <summary>Objects by file name below <c>helm/rbac</c>, new on every read. Namespaced ones go into the namespace of the release.</summary>
    public static IReadOnlyDictionary<string, IReadOnlyList<JsonObject>> All
    {
        get
        {
            var rules = Rules;
            var files = Kinds().ToDictionary(
                kind => $"{kind.Group}_{kind.Plural}_roles.yaml", kind => PeopleRoles(kind.Group, kind.Plural, kind.Name, kind.Scales), StringComparer.Ordinal);
            files["operator_role.yaml"] = [Role("ClusterRole", Operator, rules["operator"])];
            files["operator_leader_election_role.yaml"] = [Role("Role", $"{Operator}-leader-election", rules["leader-election"])];
            files["operator_install_role.yaml"] = [Role("ClusterRole", $"{Operator}-install", rules["install"])];
            files["portal_role.yaml"] = [Role("ClusterRole", Portal, rules["portal"])];
            files["service_account.yaml"] = [Account()];
            files["bindings.yaml"] =
            [
                Binding("ClusterRoleBinding", "ClusterRole", Operator), Binding("ClusterRoleBinding", "ClusterRole", Portal),
                Binding("RoleBinding", "Role", $"{Operator}-leader-election"),
            ];
            return files;
        }
    }

    /// <summary>The same for an operator that works in its own namespace only, without a portal: nothing is cluster-wide. By file name below
    /// <c>helm/kustomize/rbac-namespaced</c>.</summary>
    public static IReadOnlyDictionary<string, IReadOnlyList<JsonObject>> Namespaced
    {
        get
        {
            var rules = Rules;
            return new Dictionary<string, IReadOnlyList<JsonObject>>(StringComparer.Ordinal)
            {
                ["roles.yaml"] = [Role("Role", Operator, rules["operator"]), Role("Role", $"{Operator}-leader-election", rules["leader-election"])],
                ["service_account.yaml"] = [Account()],
                ["bindings.yaml"] = [Binding("RoleBinding", "Role", Operator), Binding("RoleBinding", "Role", $"{Operator}-leader-election")],
            };
        }
    }

    /// <summary>
    /// What the service accounts may do, by purpose, new on every read: <c>operator</c> in each namespace it works in, <c>leader-election</c> in the
    /// namespace of the release, <c>install</c> to keep the definitions up to date; <c>portal</c> beside an operator in the same process, and with
    /// <c>portal-reads</c> where that is another one.
    /// </summary>
    public static IReadOnlyDictionary<string, IReadOnlyList<JsonObject>> Rules
    {
        get
        {
            var kinds = Kinds().ConvertAll(kind => (kind.Group, kind.Plural));
            return new Dictionary<string, IReadOnlyList<JsonObject>>(StringComparer.Ordinal)
            {
                ["operator"] = OperatorRules(kinds),
                ["portal"] = PortalRules(kinds),
                ["portal-reads"] = [.. OperatorRules(kinds).Where(rule => rule["verbs"]!.AsArray().Any(verb => (string)verb! == "watch")).Select(ToRead)],
                ["leader-election"] = [Rule("coordination.k8s.io", ["leases"], ["create", "get", "update"])],
                ["install"] = [Rule("apiextensions.k8s.io", ["customresourcedefinitions"], ["create", "patch"])],
            };
        }
    }

    private static List<(string Group, string Plural, string Name, bool Scales)> Kinds() => [.. CrdManifests.All.Select(crd => (
        (string)crd["spec"]!["group"]!,
        (string)crd["spec"]!["names"]!["plural"]!,
        (string)crd["spec"]!["names"]!["singular"]!,
        crd["spec"]!["versions"]![0]!["subresources"]!["scale"] is not null))];

    private static List<JsonObject> OperatorRules(List<(string Group, string Plural)> kinds)
    {
        var rules = new List<JsonObject>();
        foreach (var group in kinds.GroupBy(kind => kind.Group, kind => kind.Plural, StringComparer.Ordinal))
        {
            rules.Add(Rule(group.Key, [.. group], s_read));
            rules.Add(Rule(group.Key, [.. group.Select(plural => $"{plural}/status")], ["patch"]));

            // Owner references that block deletion need this where the cluster enforces it.
            rules.Add(Rule(group.Key, [.. group.Select(plural => $"{plural}/finalizers")], ["update"]));
        }

        // Children are applied and collected with their owners; deleted by hand are the files of flows that left their set, and Jobs to run anew.
        // Secrets are watched for the keys they have.
        rules.Add(Rule("", ["configmaps"], [.. s_read, "create", "patch", "delete"]));
        rules.Add(Rule("", ["services"], [.. s_read, "create", "patch"]));
        rules.Add(Rule("apps", ["deployments"], [.. s_read, "create", "patch"]));
        // Pods are read only to say why a roll-out does not get on, and asked only which content they serve.
        rules.Add(Rule("", ["pods"], ["list"]));
        rules.Add(Rule("discovery.k8s.io", ["endpointslices"], ["list", "watch"]));
        rules.Add(Rule("policy", ["poddisruptionbudgets"], [.. s_read, "create", "patch", "delete"]));
        rules.Add(Rule("autoscaling", ["horizontalpodautoscalers"], [.. s_read, "create", "patch", "delete"]));
        rules.Add(Rule("networking.k8s.io", ["ingresses"], [.. s_read, "create", "patch", "delete"]));
        rules.Add(Rule("gateway.networking.k8s.io", ["httproutes"], [.. s_read, "create", "patch", "delete"]));
        rules.Add(Rule("batch", ["jobs", "cronjobs"], [.. s_read, "create", "patch", "delete"]));

        // An Eval's pod writes its result as an account of its own, which may do less than the operator itself.
        rules.Add(Rule("", ["serviceaccounts"], ["get", "create", "patch"]));
        rules.Add(Rule(Group, ["roles", "rolebindings"], ["get", "create", "patch"]));
        rules.Add(Rule("", ["secrets"], ["list", "watch"]));
        rules.Add(Rule("", ["events"], ["create", "patch"]));
        return rules;
    }

    private static JsonObject ToRead(JsonObject rule)
    {
        rule["verbs"] = Texts(s_read);
        return rule;
    }

    // Pages publish and delete objects of the kinds for people the portal has let in, show pods with logs and events, and call pods by their addresses.
    private static List<JsonObject> PortalRules(List<(string Group, string Plural)> kinds) =>
    [
        .. kinds.GroupBy(kind => kind.Group, kind => kind.Plural, StringComparer.Ordinal).Select(group => Rule(group.Key, [.. group], ["create", "patch", "delete"])),
        Rule("", ["namespaces", "pods", "events"], s_read),
        Rule("", ["pods/log"], ["get"]),
        Rule("discovery.k8s.io", ["endpointslices"], s_read),
    ];

    private static IReadOnlyList<JsonObject> PeopleRoles(string group, string plural, string name, bool scales) =>
    [
        Joining(Role("ClusterRole", $"genkit-{name}-viewer", [Rule(group, [plural, $"{plural}/status"], s_read)]), "view"),
        Joining(Role("ClusterRole", $"genkit-{name}-editor", [Rule(group, [plural], [.. s_write, .. s_read]), Rule(group, [$"{plural}/status"], s_read), .. Scale(group, plural, scales)]), "edit"),
        Joining(Role("ClusterRole", $"genkit-{name}-admin", [Rule(group, [plural, $"{plural}/finalizers", $"{plural}/status", .. scales ? (string[])[$"{plural}/scale"] : []], ["*"])]), "admin"),
    ];

    private static JsonObject[] Scale(string group, string plural, bool scales) => scales ? [Rule(group, [$"{plural}/scale"], ["get", "patch", "update"])] : [];

    private static JsonObject Role(string kind, string name, IReadOnlyList<JsonObject> rules) => new()
    {
        ["apiVersion"] = $"{Group}/v1",
        ["kind"] = kind,
        ["metadata"] = new JsonObject { ["name"] = name, ["labels"] = Labels() },
        ["rules"] = new JsonArray([.. rules]),
    };

    private static JsonObject Account() => new()
    {
        ["apiVersion"] = "v1",
        ["kind"] = "ServiceAccount",
        ["metadata"] = new JsonObject { ["name"] = Portal, ["namespace"] = Portal, ["labels"] = Labels() },
    };

    private static JsonObject Binding(string kind, string roleKind, string role) => new()
    {
        ["apiVersion"] = $"{Group}/v1",
        ["kind"] = kind,
        ["metadata"] = new JsonObject { ["name"] = role, ["labels"] = Labels() },
        ["roleRef"] = new JsonObject { ["apiGroup"] = Group, ["kind"] = roleKind, ["name"] = role },
        ["subjects"] = new JsonArray(new JsonObject { ["kind"] = "ServiceAccount", ["name"] = Portal, ["namespace"] = Portal }),
    };

    private static JsonObject Labels() => new() { ["app.kubernetes.io/part-of"] = Portal };

    private static JsonObject Joining(JsonObject role, string clusterRole)
    {
        role["metadata"]!["labels"]![$"{Group}/aggregate-to-{clusterRole}"] = "true";
        return role;
    }

    private static JsonObject Rule(string group, string[] resources, string[] verbs) => new()
    {
        ["apiGroups"] = new JsonArray(group),
        ["resources"] = Texts(resources),
        ["verbs"] = Texts(verbs),
    };

    private static JsonArray Texts(string[] texts) => new([.. texts.Select(text => (JsonNode)text)]);
}
