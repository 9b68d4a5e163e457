namespace Portal.Operator.Manifests;

/// <summary>
/// Access rules generated from the kinds: what the operator may do, which is what it does and nothing else, and for people a viewer, editor and admin
/// role for each kind, which join the cluster's own roles view, edit and admin.
/// </summary>
public static class RbacManifests
{
    private const string Group = "rbac.authorization.k8s.io";
    private const string Operator = "genkit-operator";
    private static readonly string[] s_read = ["get", "list", "watch"];
    private static readonly string[] s_write = ["create", "delete", "deletecollection", "patch", "update"];

    /// <summary>Objects by file name below <c>helm/rbac</c>, new on every read. Namespaced ones go into the namespace of the release.</summary>
    public static IReadOnlyDictionary<string, IReadOnlyList<JsonObject>> All
    {
        get
        {
            var kinds = CrdManifests.All
                .Select(crd => (
                    Group: (string)crd["spec"]!["group"]!,
                    Plural: (string)crd["spec"]!["names"]!["plural"]!,
                    Name: (string)crd["spec"]!["names"]!["singular"]!,
                    Scales: crd["spec"]!["versions"]![0]!["subresources"]!["scale"] is not null))
                .ToList();
            var files = kinds.ToDictionary(
                kind => $"{kind.Group}_{kind.Plural}_roles.yaml", kind => PeopleRoles(kind.Group, kind.Plural, kind.Name, kind.Scales), StringComparer.Ordinal);
            files["operator_role.yaml"] = [Role("ClusterRole", Operator, OperatorRules(kinds.ConvertAll(kind => (kind.Group, kind.Plural)), [.. CrdManifests.All]))];
            files["operator_leader_election_role.yaml"] =
                [Role("Role", $"{Operator}-leader-election", [Rule("coordination.k8s.io", ["leases"], ["create", "get", "update"])])];
            files["operator_install_role.yaml"] =
                [Role("ClusterRole", $"{Operator}-install", [Rule("apiextensions.k8s.io", ["customresourcedefinitions"], ["create", "patch"])])];
            return files;
        }
    }

    private static List<JsonObject> OperatorRules(List<(string Group, string Plural)> kinds, IReadOnlyList<JsonObject> crds)
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
        var definitions = Rule("apiextensions.k8s.io", ["customresourcedefinitions"], s_read);
        definitions["resourceNames"] = Texts([.. crds.Select(crd => (string)crd["metadata"]!["name"]!)]);
        rules.Add(definitions);
        return rules;
    }

    private static IReadOnlyList<JsonObject> PeopleRoles(string group, string plural, string name, bool scales) =>
    [
        Joining(Role("ClusterRole", $"genkit-{name}-viewer", [Rule(group, [plural, $"{plural}/status"], s_read)]), "view"),
        Joining(Role("ClusterRole", $"genkit-{name}-editor", [Rule(group, [plural], [.. s_write, .. s_read]), Rule(group, [$"{plural}/status"], s_read), .. Scale(group, plural, scales)]), "edit"),
        Joining(Role("ClusterRole", $"genkit-{name}-admin", [Rule(group, [plural, $"{plural}/finalizers", $"{plural}/status"], ["*"])]), "admin"),
    ];

    private static JsonObject[] Scale(string group, string plural, bool scales) => scales ? [Rule(group, [$"{plural}/scale"], ["get", "patch", "update"])] : [];

    private static JsonObject Role(string kind, string name, IReadOnlyList<JsonObject> rules) => new()
    {
        ["apiVersion"] = $"{Group}/v1",
        ["kind"] = kind,
        ["metadata"] = new JsonObject { ["name"] = name, ["labels"] = new JsonObject { ["app.kubernetes.io/part-of"] = "genkit-portal" } },
        ["rules"] = new JsonArray([.. rules]),
    };

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
