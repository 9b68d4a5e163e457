using Portal.Kubernetes.Objects;

namespace Portal.Kubernetes.Client;

/// <summary>Verbs over the objects of one kind. A null namespace means all namespaces for list and watch, and cluster scope elsewhere.</summary>
/// <exception cref="KubernetesException">Thrown by every verb when the server refuses.</exception>
public sealed class Resource<T>(KubeClient client, ResourceDefinition definition, Func<JsonObject, T> wrap) where T : KubeObject
{
    public ResourceDefinition Definition { get; } = definition;

    internal KubeClient Client { get; } = client;

    internal T Wrap(JsonObject json) => wrap(json);

    /// <summary>The object, or null when there is none of that name.</summary>
    public Task<T?> FindAsync(string? @namespace, string name, CancellationToken cancellationToken) => throw new NotImplementedException();

    public Task<T> GetAsync(string? @namespace, string name, CancellationToken cancellationToken) => throw new NotImplementedException();

    public Task<KubeList<T>> ListAsync(string? @namespace, ListOptions? options, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>All objects, page by page.</summary>
    public IAsyncEnumerable<T> ListAllAsync(string? @namespace, ListOptions? options, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>Events until the stream ends or <paramref name="cancellationToken"/> fires.</summary>
    public IAsyncEnumerable<WatchEvent<T>> WatchAsync(string? @namespace, WatchOptions? options, CancellationToken cancellationToken) => throw new NotImplementedException();

    public Task<T> CreateAsync(KubeObject desired, WriteOptions? options, CancellationToken cancellationToken) => throw new NotImplementedException();

    public Task<T> ReplaceAsync(KubeObject desired, WriteOptions? options, CancellationToken cancellationToken) => throw new NotImplementedException();

    public Task<T> ReplaceStatusAsync(KubeObject desired, WriteOptions? options, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>Server-side apply of the fields in <paramref name="desired"/>. <see cref="WriteOptions.Manager"/> is required.</summary>
    public Task<T> ApplyAsync(KubeObject desired, WriteOptions options, CancellationToken cancellationToken) => throw new NotImplementedException();

    public Task<T> ApplyStatusAsync(KubeObject desired, WriteOptions options, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>JSON merge patch (RFC 7386) of the object, or of a subresource such as <c>status</c>.</summary>
    public Task<T> MergePatchAsync(string? @namespace, string name, JsonObject patch, string? subresource, WriteOptions? options, CancellationToken cancellationToken) =>
        throw new NotImplementedException();

    /// <summary>JSON patch (RFC 6902).</summary>
    public Task<T> JsonPatchAsync(string? @namespace, string name, JsonArray patch, string? subresource, WriteOptions? options, CancellationToken cancellationToken) =>
        throw new NotImplementedException();

    /// <summary>Deletes; true when there was something to delete.</summary>
    public Task<bool> DeleteAsync(string? @namespace, string name, DeleteOptions? options, CancellationToken cancellationToken) => throw new NotImplementedException();
}
