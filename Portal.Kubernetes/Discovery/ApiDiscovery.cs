using Portal.Kubernetes.Client;
using Portal.Kubernetes.Objects;

namespace Portal.Kubernetes.Discovery;

/// <summary>What the server is and serves, asked anew each time.</summary>
public static class ApiDiscovery
{
    /// <summary>The server's version, such as <c>v1.36.2</c>. The cheapest request that proves that the server answers.</summary>
    /// <exception cref="KubernetesException">The server refused.</exception>
    /// <exception cref="KubeUnreachableException">The server gave no answer.</exception>
    public static async Task<string> GetVersionAsync(KubeClient client, CancellationToken cancellationToken) =>
        (await client.GetJsonAsync("/version", cancellationToken))["gitVersion"]?.ToString() ?? "";

    /// <summary>The kinds of one group and version, without subresources; empty when the server does not have it.</summary>
    /// <param name="group">API group; empty for the core group.</param>
    /// <inheritdoc cref="GetVersionAsync"/>
    public static async Task<IReadOnlyList<ResourceDefinition>> GetResourcesAsync(KubeClient client, string group, string version, CancellationToken cancellationToken)
    {
        try
        {
            var list = await client.GetJsonAsync(group.Length == 0 ? $"/api/{version}" : $"/apis/{group}/{version}", cancellationToken);
            return [.. (list["resources"] as JsonArray ?? []).OfType<JsonObject>().Select(entry => Read(entry, group, version)).Where(IsObject)];
        }
        catch (KubernetesException exception) when (exception.IsNotFound)
        {
            return [];
        }
    }

    private static ResourceDefinition Read(JsonObject entry, string group, string version) => new(
        group,
        version,
        entry["kind"]?.ToString() ?? "",
        entry["name"]?.ToString() ?? "",
        entry["namespaced"] is JsonValue value && value.TryGetValue(out bool namespaced) && namespaced);

    private static bool IsObject(ResourceDefinition definition) => !definition.Plural.Contains('/', StringComparison.Ordinal);
}
