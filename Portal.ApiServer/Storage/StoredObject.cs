using Portal.Kubernetes.Serialization;

namespace Portal.ApiServer.Storage;

/// <summary>One revision of one object. Immutable: <see cref="Json"/> is shared and must not be changed.</summary>
internal sealed class StoredObject(ObjectKey key, long revision, string uid, byte[] utf8)
{
    // Parsed JSON takes several times the room of its text: it lives only as long as someone uses it.
    private readonly WeakReference<JsonObject?> _json = new(null);
    private string[]? _ownerUids;

    /// <summary>The last shape this object was served in, kept because lists and watches ask for the same one again and again.</summary>
    private Presentation? _presented;

    public ObjectKey Key { get; } = key;
    public long Revision { get; } = revision;
    public string Uid { get; } = uid;

    /// <summary>The object as UTF-8 JSON, its resourceVersion included.</summary>
    public byte[] Utf8 { get; } = utf8;

    public JsonObject Json
    {
        get
        {
            if (!_json.TryGetTarget(out var json))
            {
                _json.SetTarget(json = Copy());
            }

            return json;
        }
    }

    /// <summary>The uids in <c>metadata.ownerReferences</c>.</summary>
    public IReadOnlyList<string> OwnerUids => _ownerUids ??= ReadOwnerUids();

    /// <summary>A copy that may be changed.</summary>
    public JsonObject Copy() =>
        JsonNode.Parse(Utf8, documentOptions: new JsonDocumentOptions { MaxDepth = KubernetesJson.Options.MaxDepth })!.AsObject();

    /// <summary>This object as <paramref name="shape"/> serves it, computed once per shape.</summary>
    public StoredObject Present(object shape, Func<StoredObject, StoredObject> compute)
    {
        var presented = _presented;
        if (presented is null || !ReferenceEquals(presented.Shape, shape))
        {
            _presented = presented = new Presentation(shape, compute(this));
        }

        return presented.Object;
    }

    public static byte[] Serialize(JsonObject json) => JsonSerializer.SerializeToUtf8Bytes(json, KubernetesJson.Options);

    private string[] ReadOwnerUids() => Utf8.AsSpan().IndexOf("\"ownerReferences\""u8) >= 0 && Json["metadata"]?["ownerReferences"] is JsonArray owners
        ? [.. owners.Select(owner => (string?)owner?["uid"] ?? "")]
        : [];

    private sealed record Presentation(object Shape, StoredObject Object);
}
