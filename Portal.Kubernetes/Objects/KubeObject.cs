using System.Buffers;
using Portal.Kubernetes.Serialization;

namespace Portal.Kubernetes.Objects;

/// <summary>
/// A Kubernetes object as JSON with typed access to its metadata. The JSON is the truth: fields this code does not know survive a round trip.
/// Objects taken from a store are shared: treat them as read-only and change a <see cref="DeepClone"/>.
/// </summary>
public class KubeObject(JsonObject json)
{
    private Packed? _packed;
    private volatile JsonObject? _json = json;

    public JsonObject Json => _json ?? _packed!.Json;

    public string ApiVersion => _packed?.ApiVersion ?? Text(Json, "apiVersion") ?? "";
    public string Kind => _packed?.Kind ?? Text(Json, "kind") ?? "";

    /// <summary>The metadata object; an empty detached one when the JSON has none.</summary>
    public JsonObject Metadata => Json["metadata"] as JsonObject ?? [];

    public string Name => _packed?.Name ?? Text(Metadata, "name") ?? "";
    public string? Namespace => _packed is { } packed ? packed.Namespace : Text(Metadata, "namespace");
    public string Uid => _packed?.Uid ?? Text(Metadata, "uid") ?? "";
    public string ResourceVersion => _packed?.ResourceVersion ?? Text(Metadata, "resourceVersion") ?? "";
    public long Generation => Metadata["generation"] is JsonValue value && value.TryGetValue(out long generation) ? generation : 0;
    public DateTimeOffset? CreationTimestamp => Time("creationTimestamp");
    public DateTimeOffset? DeletionTimestamp => Time("deletionTimestamp");
    public IReadOnlyDictionary<string, string> Labels => Map("labels");
    public IReadOnlyDictionary<string, string> Annotations => Map("annotations");

    public IReadOnlyList<string> Finalizers =>
        Metadata["finalizers"] is JsonArray list ? [.. list.Select(item => item?.GetValue<string>() ?? "")] : [];

    public IReadOnlyList<OwnerReference> OwnerReferences =>
        Metadata["ownerReferences"]?.Deserialize<List<OwnerReference>>(KubernetesJson.Options) ?? [];

    /// <summary>The owner marked <c>controller: true</c>, or null.</summary>
    public OwnerReference? ControllerOwner => OwnerReferences.FirstOrDefault(owner => owner.Controller == true);

    /// <summary>Conditions under <c>status.conditions</c>; empty when there are none.</summary>
    public IReadOnlyList<Condition> Conditions =>
        (Json["status"] as JsonObject)?["conditions"]?.Deserialize<List<Condition>>(KubernetesJson.Options) ?? [];

    public Condition? FindCondition(string type) => Conditions.FirstOrDefault(condition => condition.Type == type);

    public KubeObject DeepClone() => new((JsonObject)Json.DeepClone());

    /// <summary>
    /// Keeps the object as text from now on, which takes a fraction of the memory, with or without <c>managedFields</c>. <see cref="Json"/> is read from
    /// it when it is asked for and forgotten when the memory is needed: it is the same content then, but not the same instance. For objects that go
    /// into a large store, before anyone else sees them.
    /// </summary>
    internal void Pack(bool withManagedFields)
    {
        if (_json is { } json)
        {
            Trim();
            if (!withManagedFields)
            {
                (json["metadata"] as JsonObject)?.Remove("managedFields");
            }

            _packed = new Packed(this, json);
            _json = null;
        }
    }

    /// <summary>Removes from the JSON what need not be kept in memory; called once, before anyone else sees the object.</summary>
    protected virtual void Trim()
    {
    }

    /// <summary>A part read as a type, kept as long as the object's JSON is.</summary>
    private protected TPart Read<TPart>(ref object? slot, string member) where TPart : class, new()
    {
        if ((slot is WeakReference weak ? weak.Target : slot) is TPart known)
        {
            return known;
        }

        var part = Json[member]?.Deserialize<TPart>(KubernetesJson.Options) ?? new TPart();
        slot = _packed is null ? part : new WeakReference(part);
        return part;
    }

    private static string? Text(JsonObject json, string key) =>
        json[key] is JsonValue value && value.TryGetValue(out string? text) ? text : null;

    private DateTimeOffset? Time(string key) =>
        DateTimeOffset.TryParse(Text(Metadata, key), System.Globalization.CultureInfo.InvariantCulture, out var time) ? time : null;

    private Dictionary<string, string> Map(string key)
    {
        var map = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, value) in Metadata[key] as JsonObject ?? [])
        {
            map[name] = value?.ToString() ?? "";
        }

        return map;
    }

    /// <summary>The text, and what is asked for most.</summary>
    private sealed class Packed(KubeObject source, JsonObject json)
    {
        private static readonly JsonWriterOptions s_writerOptions = new() { Encoder = KubernetesJson.Options.Encoder, SkipValidation = true };
        private static readonly JsonDocumentOptions s_documentOptions = new() { MaxDepth = 256 };

        private readonly byte[] _text = Write(json);
        private readonly WeakReference<JsonObject> _json = new(json);

        public string ApiVersion { get; } = string.Intern(source.ApiVersion);
        public string Kind { get; } = string.Intern(source.Kind);
        public string Name { get; } = source.Name;
        public string? Namespace { get; } = source.Namespace is { } name ? string.Intern(name) : null;
        public string Uid { get; } = source.Uid;
        public string ResourceVersion { get; } = source.ResourceVersion;

        public JsonObject Json
        {
            get
            {
                if (!_json.TryGetTarget(out var json))
                {
                    json = JsonNode.Parse(_text, nodeOptions: null, s_documentOptions)!.AsObject();
                    _json.SetTarget(json);
                }

                return json;
            }
        }

        private static byte[] Write(JsonObject json)
        {
            var buffer = new ArrayBufferWriter<byte>(2048);
            using (var writer = new Utf8JsonWriter(buffer, s_writerOptions))
            {
                json.WriteTo(writer);
            }

            return buffer.WrittenSpan.ToArray();
        }
    }
}
