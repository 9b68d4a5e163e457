using System.Text;
using Portal.Kubernetes.Client;
using Portal.Kubernetes.Objects;

namespace Portal.Embedded.Workloads;

/// <summary>A container cannot be configured: something it refers to is missing or wrong. The message names it and holds no value.</summary>
internal sealed class ContainerConfigException(string message) : Exception(message);

/// <summary>Reads ConfigMaps and Secrets for containers.</summary>
internal interface IConfigSource
{
    Task<KubeObject?> FindAsync(ResourceDefinition kind, string @namespace, string name, CancellationToken cancellationToken);
}

/// <summary>Asks the server itself, not a cache: a Deployment written after its ConfigMaps must find them as they were then, or newer.</summary>
internal sealed class ClusterConfigSource(KubeClient client) : IConfigSource
{
    public Task<KubeObject?> FindAsync(ResourceDefinition kind, string @namespace, string name, CancellationToken cancellationToken) =>
        client.Resource(kind).FindAsync(@namespace, name, cancellationToken);
}

/// <summary>The contents of a ConfigMap or Secret.</summary>
internal static class ConfigData
{
    /// <exception cref="ContainerConfigException">It is missing and not optional.</exception>
    public static async Task<IReadOnlyDictionary<string, byte[]>> ReadAsync(
        this IConfigSource source, ResourceDefinition kind, string @namespace, string name, bool optional, CancellationToken cancellationToken)
    {
        var found = name.Length == 0 ? null : await source.FindAsync(kind, @namespace, name, cancellationToken);
        if (found is null && !optional)
        {
            throw new ContainerConfigException($"{kind.Kind.ToLowerInvariant()} \"{name}\" not found");
        }

        var values = new Dictionary<string, byte[]>(StringComparer.Ordinal);
        var isSecret = kind.Kind == BuiltIn.Secret.Kind;
        foreach (var (key, value) in found?.Json["data"] as JsonObject ?? [])
        {
            values[key] = isSecret ? Decode(kind, name, key, value) : Encoding.UTF8.GetBytes(value?.ToString() ?? "");
        }

        foreach (var (key, value) in isSecret ? [] : found?.Json["binaryData"] as JsonObject ?? [])
        {
            values[key] = Decode(kind, name, key, value);
        }

        return values;
    }

    private static byte[] Decode(ResourceDefinition kind, string name, string key, JsonNode? value)
    {
        try
        {
            return Convert.FromBase64String(value?.ToString() ?? "");
        }
        catch (FormatException)
        {
            throw new ContainerConfigException($"{kind.Kind.ToLowerInvariant()} \"{name}\": the value of key \"{key}\" is not base64");
        }
    }
}
