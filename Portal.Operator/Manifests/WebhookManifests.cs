using Portal.Operator.Admission.Webhooks;
using Portal.Operator.Api;

namespace Portal.Operator.Manifests;

/// <summary>
/// What leads the API server to the admission webhook. Deletes are not among the operations, and what is being deleted is not asked about, so that a
/// webhook that cannot be reached never keeps anything from going. The portal fills in <c>caBundle</c>, which is all it may change of them.
/// </summary>
public static class WebhookManifests
{
    private const string Group = "admissionregistration.k8s.io";
    private const string RbacGroup = "rbac.authorization.k8s.io";
    private const string Portal = "genkit-portal";
    private const string PortName = "webhook";

    /// <summary>Namespace the manifests are written for.</summary>
    public const string Namespace = Portal;

    public const string ValidatePath = "/admission/validate";
    public const string MutatePath = "/admission/mutate";

    /// <summary>Objects by file name below <c>helm/webhooks</c>, new on every read.</summary>
    public static IReadOnlyDictionary<string, IReadOnlyList<JsonObject>> All => new Dictionary<string, IReadOnlyList<JsonObject>>(StringComparer.Ordinal)
    {
        ["access.yaml"] =
        [
            Role("Role", SecretRules), Binding("RoleBinding", "Role"),
            Role("ClusterRole", ConfigurationRules), Binding("ClusterRoleBinding", "ClusterRole"),
        ],
        ["mutating.yaml"] = [Configuration("MutatingWebhookConfiguration", "mutate.genkit.dev", MutatePath, new JsonObject { ["reinvocationPolicy"] = "IfNeeded" })],
        ["service.yaml"] = [Service()],
        ["validating.yaml"] = [Configuration("ValidatingWebhookConfiguration", "validate.genkit.dev", ValidatePath, [])],
    };

    /// <summary>What the account may do in the webhook's own namespace: keep the Secret with its certificates.</summary>
    public static IReadOnlyList<JsonObject> SecretRules =>
    [
        Rule("", ["secrets"], ["create"]),
        Named(Rule("", ["secrets"], ["get", "patch"])),
    ];

    /// <summary>What it may do on what has no namespace: fill in the <c>caBundle</c>.</summary>
    public static IReadOnlyList<JsonObject> ConfigurationRules =>
        [Named(Rule(Group, ["mutatingwebhookconfigurations", "validatingwebhookconfigurations"], ["get", "patch"]))];

    private static JsonObject Configuration(string kind, string webhook, string path, JsonObject more)
    {
        var entry = new JsonObject
        {
            ["name"] = webhook,
            ["admissionReviewVersions"] = new JsonArray("v1"),
            ["clientConfig"] = new JsonObject
            {
                ["service"] = new JsonObject
                {
                    ["name"] = WebhookOptions.DefaultName,
                    ["namespace"] = Namespace,
                    ["path"] = path,
                    ["port"] = 443,
                },
            },

            // A portal that is away must not stop the cluster: then the schema still holds, and conditions tell the rest.
            ["failurePolicy"] = "Ignore",
            ["matchPolicy"] = "Equivalent",

            // Finalizers go without being asked about. A new spec does not: until the object is gone it is served.
            ["matchConditions"] = new JsonArray(new JsonObject
            {
                ["name"] = "stays",
                ["expression"] = "!has(object.metadata.deletionTimestamp) || object.spec != oldObject.spec",
            }),
            ["rules"] = new JsonArray(new JsonObject
            {
                ["apiGroups"] = new JsonArray(GenkitApi.Group),
                ["apiVersions"] = new JsonArray(GenkitApi.Version),
                ["operations"] = new JsonArray("CREATE", "UPDATE"),
                ["resources"] = new JsonArray([.. CrdManifests.All.Select(crd => (JsonNode)crd["spec"]!["names"]!["plural"]!.ToString())]),
                ["scope"] = "Namespaced",
            }),
            ["sideEffects"] = "None",
            ["timeoutSeconds"] = 5,
        };
        foreach (var (name, value) in more)
        {
            entry[name] = value?.DeepClone();
        }

        return new JsonObject
        {
            ["apiVersion"] = $"{Group}/v1",
            ["kind"] = kind,
            ["metadata"] = Metadata(),
            ["webhooks"] = new JsonArray(entry),
        };
    }

    private static JsonObject Service() => new()
    {
        ["apiVersion"] = "v1",
        ["kind"] = "Service",
        ["metadata"] = Placed(namespaced: true),
        ["spec"] = new JsonObject
        {
            ["selector"] = new JsonObject { ["app.kubernetes.io/name"] = Portal },
            ["ports"] = new JsonArray(new JsonObject { ["name"] = PortName, ["port"] = 443, ["targetPort"] = PortName, ["protocol"] = "TCP" }),
        },
    };

    private static JsonObject Role(string kind, IReadOnlyList<JsonObject> rules) => new()
    {
        ["apiVersion"] = $"{RbacGroup}/v1",
        ["kind"] = kind,
        ["metadata"] = Placed(kind == "Role"),
        ["rules"] = new JsonArray([.. rules]),
    };

    private static JsonObject Binding(string kind, string roleKind) => new()
    {
        ["apiVersion"] = $"{RbacGroup}/v1",
        ["kind"] = kind,
        ["metadata"] = Placed(kind == "RoleBinding"),
        ["roleRef"] = new JsonObject { ["apiGroup"] = RbacGroup, ["kind"] = roleKind, ["name"] = WebhookOptions.DefaultName },
        ["subjects"] = new JsonArray(new JsonObject { ["kind"] = "ServiceAccount", ["name"] = Portal, ["namespace"] = Namespace }),
    };

    private static JsonObject Placed(bool namespaced)
    {
        var metadata = Metadata();
        if (namespaced)
        {
            metadata["namespace"] = Namespace;
        }

        return metadata;
    }

    private static JsonObject Metadata() => new()
    {
        ["name"] = WebhookOptions.DefaultName,
        ["labels"] = new JsonObject { ["app.kubernetes.io/part-of"] = Portal },
    };

    private static JsonObject Rule(string group, string[] resources, string[] verbs) => new()
    {
        ["apiGroups"] = new JsonArray(group),
        ["resources"] = new JsonArray([.. resources.Select(text => (JsonNode)text)]),
        ["verbs"] = new JsonArray([.. verbs.Select(text => (JsonNode)text)]),
    };

    private static JsonObject Named(JsonObject rule)
    {
        rule["resourceNames"] = new JsonArray(WebhookOptions.DefaultName);
        return rule;
    }
}
