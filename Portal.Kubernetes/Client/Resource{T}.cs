using System.Runtime.CompilerServices;
using Portal.Kubernetes.Objects;

namespace Portal.Kubernetes.Client;

/// <summary>Verbs over the objects of one kind. A null namespace means all namespaces for list and watch, and cluster scope elsewhere.</summary>
/// <exception cref="KubernetesException">Thrown by every verb when the server refuses.</exception>
/// <exception cref="KubeUnreachableException">Thrown by every verb when the server gives no answer.</exception>
/// <exception cref="ArgumentException">Thrown by every verb when the name, or the namespace of a namespaced kind, is missing.</exception>
public sealed class Resource<T>(KubeClient client, ResourceDefinition definition, Func<JsonObject, T> wrap) where T : KubeObject
{
    private const string Json = "application/json";
    private const int PageSize = 500;

    public ResourceDefinition Definition { get; } = definition;

    internal KubeClient Client { get; } = client;

    internal T Wrap(JsonObject json) => wrap(json);

    /// <summary>The object, or null when there is none of that name. A kind that is not served throws (<see cref="KubernetesException.IsKindMissing"/>).</summary>
    public async Task<T?> FindAsync(string? @namespace, string name, CancellationToken cancellationToken)
    {
        try
        {
            return await GetAsync(@namespace, name, cancellationToken);
        }
        catch (KubernetesException exception) when (exception is { IsNotFound: true, IsKindMissing: false })
        {
            return null;
        }
    }

    public Task<T> GetAsync(string? @namespace, string name, CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Get, ObjectPath(@namespace, name, null), null, Json, cancellationToken);

    /// <summary>One page; all objects when <see cref="ListOptions.Limit"/> is not set.</summary>
    public Task<KubeList<T>> ListAsync(string? @namespace, ListOptions? options, CancellationToken cancellationToken)
    {
        var query = new QueryString()
            .Add("labelSelector", options?.LabelSelector)
            .Add("fieldSelector", options?.FieldSelector)
            .Add("limit", options?.Limit)
            .Add("continue", options?.Continue)
            .Add("resourceVersion", options?.ResourceVersion)
            .Add("resourceVersionMatch", options?.ResourceVersionMatch);
        return Client.GetAsync(Definition.Path(@namespace) + query, ReadList, cancellationToken);
    }

    /// <summary>All objects, page by page. When the first page's snapshot expires on the way, later pages are of a newer one if the server offers that.</summary>
    public async IAsyncEnumerable<T> ListAllAsync(string? @namespace, ListOptions? options, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var page = (options ?? new ListOptions()) with { Limit = options?.Limit ?? PageSize };
        do
        {
            KubeList<T> list;
            try
            {
                list = await ListAsync(@namespace, page, cancellationToken);
            }
            catch (KubernetesException exception) when (exception.IsExpired && NewerToken(exception) is { } token && token != page.Continue)
            {
                page = page with { Continue = token };
                continue;
            }

            foreach (var item in list.Items)
            {
                yield return item;
            }

            // The token holds the version; both together are refused.
            page = page with { Continue = list.Continue, ResourceVersion = null, ResourceVersionMatch = null };
        }
        while (page.Continue is not null);
    }

    /// <summary>Events until the stream ends or <paramref name="cancellationToken"/> fires (then it throws). Without a version it starts with
    /// Added for each object there is. Too old a version throws (<see cref="KubernetesException.IsExpired"/>).</summary>
    public async IAsyncEnumerable<WatchEvent<T>> WatchAsync(string? @namespace, WatchOptions? options, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var stream = await OpenWatchAsync(@namespace, options ?? new WatchOptions(), cancellationToken);
        await foreach (var change in stream.ReadAsync(cancellationToken))
        {
            yield return change;
        }
    }

    /// <summary>Creates in the namespace the object names; its name may be left to <c>generateName</c>.</summary>
    public Task<T> CreateAsync(KubeObject desired, WriteOptions? options, CancellationToken cancellationToken)
    {
        var path = Definition.Path(RequireNamespace(desired.Namespace)) + new QueryString().Add(options);
        return SendAsync(HttpMethod.Post, path, WithType(desired), Json, cancellationToken);
    }

    /// <summary>Replaces the whole object; a resourceVersion in it makes that conditional (409 when it has changed since).</summary>
    public Task<T> ReplaceAsync(KubeObject desired, WriteOptions? options, CancellationToken cancellationToken) =>
        WriteAsync(HttpMethod.Put, desired, null, Json, options, cancellationToken);

    public Task<T> ReplaceStatusAsync(KubeObject desired, WriteOptions? options, CancellationToken cancellationToken) =>
        WriteAsync(HttpMethod.Put, desired, "status", Json, options, cancellationToken);

    /// <summary>Server-side apply of the fields in <paramref name="desired"/>. <see cref="WriteOptions.Manager"/> is required.</summary>
    public Task<T> ApplyAsync(KubeObject desired, WriteOptions options, CancellationToken cancellationToken) =>
        ApplyAsync(desired, null, options, cancellationToken);

    public Task<T> ApplyStatusAsync(KubeObject desired, WriteOptions options, CancellationToken cancellationToken) =>
        ApplyAsync(desired, "status", options, cancellationToken);

    /// <summary>JSON merge patch (RFC 7386) of the object, or of a subresource such as <c>status</c>.</summary>
    public Task<T> MergePatchAsync(string? @namespace, string name, JsonObject patch, string? subresource, WriteOptions? options, CancellationToken cancellationToken) =>
        PatchAsync(@namespace, name, subresource, patch, "application/merge-patch+json", options, cancellationToken);

    /// <summary>JSON patch (RFC 6902).</summary>
    public Task<T> JsonPatchAsync(string? @namespace, string name, JsonArray patch, string? subresource, WriteOptions? options, CancellationToken cancellationToken) =>
        PatchAsync(@namespace, name, subresource, patch, "application/json-patch+json", options, cancellationToken);

    /// <summary>Deletes; true when there was something to delete. With finalizers the object stays, marked for deletion.</summary>
    public async Task<bool> DeleteAsync(string? @namespace, string name, DeleteOptions? options, CancellationToken cancellationToken)
    {
        try
        {
            await Client.SendJsonAsync(HttpMethod.Delete, ObjectPath(@namespace, name, null), options?.ToJson(), Json, cancellationToken);
            return true;
        }
        catch (KubernetesException exception) when (exception is { IsNotFound: true, IsKindMissing: false })
        {
            return false;
        }
    }

    internal async Task<WatchStream<T>> OpenWatchAsync(string? @namespace, WatchOptions options, CancellationToken cancellationToken)
    {
        var query = new QueryString()
            .Add("watch", "true")
            .Add("labelSelector", options.LabelSelector)
            .Add("fieldSelector", options.FieldSelector)
            .Add("resourceVersion", options.ResourceVersion)
            .Add("allowWatchBookmarks", options.AllowBookmarks ? "true" : null)
            .Add("timeoutSeconds", options.Timeout is { } timeout ? Math.Max(1, (int)timeout.TotalSeconds) : null);
        return new WatchStream<T>(this, await Client.OpenAsync(Definition.Path(@namespace) + query, cancellationToken));
    }

    /// <summary>Wraps an object of a list or watch: servers leave the type out of list items.</summary>
    internal T WrapItem(JsonObject json)
    {
        if (!json.ContainsKey("kind"))
        {
            json.Insert(0, "kind", Definition.Kind);
        }

        if (!json.ContainsKey("apiVersion"))
        {
            json.Insert(0, "apiVersion", Definition.ApiVersion);
        }

        return wrap(json);
    }

    private KubeList<T> ReadList(JsonElement root)
    {
        if (root.ValueKind != JsonValueKind.Object || !root.TryGetProperty("items", out var elements))
        {
            throw new JsonException($"The list of {Definition.Plural} has no items.");
        }

        List<T> items = [];
        foreach (var element in elements.ValueKind == JsonValueKind.Array ? elements.EnumerateArray() : default)
        {
            if (element.ValueKind != JsonValueKind.Object)
            {
                throw new JsonException("items holds something that is no object.");
            }

            // A copy of its own, so that one object that lives on does not hold the whole answer in memory.
            items.Add(WrapItem(JsonObject.Create(element.Clone())!));
        }

        var metadata = root.TryGetProperty("metadata", out var found) ? found : default;
        return new KubeList<T>(items, Text(metadata, "resourceVersion") ?? "", Text(metadata, "continue"));
    }

    private Task<T> ApplyAsync(KubeObject desired, string? subresource, WriteOptions options, CancellationToken cancellationToken)
    {
        if (options.Manager is null)
        {
            throw new ArgumentException("Server-side apply needs WriteOptions.Manager.", nameof(options));
        }

        // The content type promises YAML, of which JSON is a subset; every server version takes this one.
        return WriteAsync(HttpMethod.Patch, desired, subresource, "application/apply-patch+yaml", options, cancellationToken);
    }

    private Task<T> WriteAsync(HttpMethod method, KubeObject desired, string? subresource, string type, WriteOptions? options, CancellationToken cancellationToken)
    {
        var path = ObjectPath(desired.Namespace, desired.Name, subresource) + new QueryString().Add(options);
        return SendAsync(method, path, WithType(desired), type, cancellationToken);
    }

    private Task<T> PatchAsync(
        string? @namespace, string name, string? subresource, JsonNode patch, string type, WriteOptions? options, CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Patch, ObjectPath(@namespace, name, subresource) + new QueryString().Add(options), patch, type, cancellationToken);

    private async Task<T> SendAsync(HttpMethod method, string path, JsonNode? body, string type, CancellationToken cancellationToken) =>
        wrap(await Client.SendJsonAsync(method, path, body, type, cancellationToken));

    private string ObjectPath(string? @namespace, string name, string? subresource)
    {
        if (string.IsNullOrEmpty(name))
        {
            throw new ArgumentException($"A {Definition.Kind} needs metadata.name.", nameof(name));
        }

        return Definition.Path(RequireNamespace(@namespace), name, subresource);
    }

    private string? RequireNamespace(string? @namespace) => Definition.Namespaced && string.IsNullOrEmpty(@namespace)
        ? throw new ArgumentException($"A {Definition.Kind} needs metadata.namespace.", nameof(@namespace))
        : @namespace;

    private JsonObject WithType(KubeObject desired) =>
        desired.ApiVersion.Length > 0 && desired.Kind.Length > 0 ? desired.Json : WrapItem((JsonObject)desired.Json.DeepClone()).Json;

    private static string? NewerToken(KubernetesException exception) => (exception.Status["metadata"] as JsonObject)?["continue"]?.ToString();

    private static string? Text(JsonElement metadata, string name) =>
        metadata.ValueKind == JsonValueKind.Object && metadata.TryGetProperty(name, out var value) &&
        value.ValueKind == JsonValueKind.String && value.GetString() is { Length: > 0 } text ? text : null;
}
