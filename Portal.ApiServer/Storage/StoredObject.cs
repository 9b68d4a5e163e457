using Portal.Kubernetes.Serialization;

namespace Portal.ApiServer.Storage;

/// <summary>One revision of one object. Immutable: <see cref="Json"/> is shared and must not be changed.</summary>
internal sealed class StoredObject(ObjectKey key, long revision, string uid, byte[] utf8)
{
    private JsonObject? _json;

    /// <summary>The last shape this object was served in, kept because lists and watches ask for the same one again and again.</summary>
    private Presentation? _presented;

    public ObjectKey Key { get; } = key;
    public long Revision { get; } = revision;
    public string Uid { get; } = uid;

    /// <summary>The object as UTF-8 JSON, its resourceVersion included.</summary>
    public byte[] Utf8 { get; } = utf8;

    public JsonObject Json => _json ??= Parse(Utf8);

    /// <summary>A copy that may be changed.</summary>
    public JsonObject Copy() => Parse(Utf8);

    /// <summary>This object as <paramref name="shape"/> serves it, computed once per shape.</summary>
    public Presentation Present(object shape, Func<StoredObject, Presentation> compute)
    {
        var presented = _presented;
        if (presented is null || !ReferenceEquals(presented.Shape, shape))
        {
            _presented = presented = compute(this);
        }

        return presented;
    }

    public static byte[] Serialize(JsonObject json) => JsonSerializer.SerializeToUtf8Bytes(json, KubernetesJson.Options);

    private static JsonObject Parse(byte[] utf8) =>
        JsonNode.Parse(utf8, documentOptions: new JsonDocumentOptions { MaxDepth = KubernetesJson.Options.MaxDepth })!.AsObject();

    /// <summary>An object in the form one served version shows it. Read-only, like the object.</summary>
    public sealed record Presentation(object Shape, JsonObject Json, byte[] Utf8);
}
