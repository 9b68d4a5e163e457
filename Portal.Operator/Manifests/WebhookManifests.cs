using Portal.Operator.Admission.Webhooks;
using Portal.Operator.Api;

namespace Portal.Operator.Manifests;

/// <summary>
/// What leads the API server to the admission webhook. Deletes are not among the operations, and what is being deleted is not asked about, so that a
/// webhook that cannot be reached never keeps anything from going. The portal fills in <c>caBundle</c>.
/// </summary>
public static class WebhookManifests
{
    private const string Group = "admissionregistration.k8s.io";

    /// <summary>Namespace the manifests are written for.</summary>
    public const string Namespace = "genkit-portal";

    public const string ValidatePath = "/admission/validate";
    public const string MutatePath = "/admission/mutate";

    /// <summary>Objects by file name below <c>helm/webhooks</c>, new on every read.</summary>
    public static IReadOnlyDictionary<string, IReadOnlyList<JsonObject>> All => new Dictionary<string, IReadOnlyList<JsonObject>>(StringComparer.Ordinal)
    {
        ["mutating.yaml"] = [Configuration("MutatingWebhookConfiguration", "mutate.genkit.dev", MutatePath, new JsonObject { ["reinvocationPolicy"] = "IfNeeded" })],
        ["validating.yaml"] = [Configuration("ValidatingWebhookConfiguration", "validate.genkit.dev", ValidatePath, [])],
    };

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
            ["matchConditions"] = new JsonArray(new JsonObject { ["name"] = "stays", ["expression"] = "!has(object.metadata.deletionTimestamp)" }),
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
            ["metadata"] = new JsonObject
            {
                ["name"] = WebhookOptions.DefaultName,
                ["labels"] = new JsonObject { ["app.kubernetes.io/part-of"] = "genkit-portal" },
            },
            ["webhooks"] = new JsonArray(entry),
        };
    }
}
