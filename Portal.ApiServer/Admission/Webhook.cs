using Portal.ApiServer.Handlers;
using Portal.ApiServer.Resources;
using Portal.Kubernetes.Objects;
using Portal.Kubernetes.Selectors;

namespace Portal.ApiServer.Admission;

/// <summary>One entry of a webhook configuration: what it wants to see and where it is.</summary>
internal sealed class Webhook(JsonObject source)
{
    public string Name { get; } = source["name"]?.ToString() ?? "";

    /// <summary>Whether a webhook that cannot be asked is passed over rather than refusing the write.</summary>
    public bool IgnoreFailure { get; } = source["failurePolicy"]?.ToString() == "Ignore";

    public TimeSpan Timeout { get; } = TimeSpan.FromSeconds(Math.Clamp((int?)source["timeoutSeconds"] ?? 10, 1, 30));

    /// <summary>Whether a mutating webhook is asked once more when another changed the object after it.</summary>
    public bool Reinvoked { get; } = source["reinvocationPolicy"]?.ToString() == "IfNeeded";

    public MatchConditions Conditions => MatchConditions.Of(source);

    public JsonObject ClientConfig { get; } = source["clientConfig"] as JsonObject ?? [];

    /// <summary>The version of the resource the webhook is to see, or null when it does not want the request.</summary>
    public ServedResource? Match(AdmissionRequest request, ServerContext server)
    {
        var resource = request.Write.Resource;
        if (resource.Definition.Group == "admissionregistration.k8s.io" || !MatchesNamespace(request, server) || !MatchesObject(request))
        {
            return null;
        }

        if (Rules.Any(rule => MatchesRule(rule, request, resource.Definition)))
        {
            return resource;
        }

        return source["matchPolicy"]?.ToString() == "Exact"
            ? null
            : server.Registry.Table.Resources.FirstOrDefault(
                other => other.StorageKey == resource.StorageKey && Rules.Any(rule => MatchesRule(rule, request, other.Definition)));
    }

    private IEnumerable<JsonObject> Rules => (source["rules"] as JsonArray ?? []).OfType<JsonObject>();

    private static bool MatchesRule(JsonObject rule, AdmissionRequest request, ResourceDefinition definition)
    {
        var scope = rule["scope"]?.ToString() ?? "*";
        return Has(rule["operations"], request.Operation) && Has(rule["apiGroups"], definition.Group) && Has(rule["apiVersions"], definition.Version)
            && (scope == "*" || (scope == "Namespaced") == definition.Namespaced)
            && (rule["resources"] as JsonArray ?? []).Any(item => MatchesResource(item?.ToString() ?? "", definition.Plural, request.Write.Target.Subresource));
    }

    private static bool MatchesResource(string pattern, string plural, string? subresource)
    {
        var parts = pattern.Split('/', 2);
        return (parts[0] == "*" || parts[0] == plural)
            && (parts.Length == 1 ? subresource is null : parts[1] == "*" || parts[1] == subresource);
    }

    private bool MatchesNamespace(AdmissionRequest request, ServerContext server)
    {
        if (source["namespaceSelector"] is not JsonObject { Count: > 0 } selector)
        {
            return true;
        }

        var target = request.Write.Target;
        if (target.Resource.Definition is { Group: "", Plural: "namespaces" })
        {
            return Selects(selector, request.Object ?? request.Old!);
        }

        if (target.Namespace is null)
        {
            return true;
        }

        var namespaces = server.Registry.Table.Find("", "v1", "namespaces")!;
        return server.Log.Find(namespaces.Key(null, target.Namespace)) is { } found && Selects(selector, found.Json);
    }

    private bool MatchesObject(AdmissionRequest request) => source["objectSelector"] is not JsonObject { Count: > 0 } selector
        || (request.Object is not null && Selects(selector, request.Object))
        || (request.Old is not null && Selects(selector, request.Old));

    private static bool Selects(JsonObject selector, JsonObject target)
    {
        try
        {
            return LabelSelector.FromJson(selector).Matches(target);
        }
        catch (SelectorException)
        {
            return false;
        }
    }

    private static bool Has(JsonNode? list, string value) =>
        (list as JsonArray ?? []).Any(item => item?.ToString() is { } text && (text == "*" || text == value));
}
