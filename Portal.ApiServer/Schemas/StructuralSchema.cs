using System.Collections.Frozen;
using System.Text.RegularExpressions;

namespace Portal.ApiServer.Schemas;

/// <summary>
/// A structural OpenAPI v3 schema with the Kubernetes extensions, read once from JSON. Immutable and shared between threads.
/// </summary>
internal sealed class StructuralSchema
{
    /// <summary><c>object</c>, <c>array</c>, <c>string</c>, <c>integer</c>, <c>number</c>, <c>boolean</c>, or null when any type fits.</summary>
    public string? Type { get; init; }
    public string? Format { get; init; }
    public string Description { get; init; } = "";
    public FrozenDictionary<string, StructuralSchema> Properties { get; init; } = FrozenDictionary<string, StructuralSchema>.Empty;

    /// <summary>Schema of a map's values; null when the object is no map.</summary>
    public StructuralSchema? AdditionalProperties { get; init; }
    public StructuralSchema? Items { get; init; }
    public IReadOnlyList<string> Required { get; init; } = [];
    public bool Nullable { get; init; }

    /// <summary>Null when there is no default; a default is never JSON null in a structural schema.</summary>
    public JsonNode? Default { get; init; }
    public IReadOnlyList<JsonNode?>? Enum { get; init; }
    public Regex? Pattern { get; init; }
    public string? PatternText { get; init; }
    public double? Minimum { get; init; }
    public bool ExclusiveMinimum { get; init; }
    public double? Maximum { get; init; }
    public bool ExclusiveMaximum { get; init; }
    public double? MultipleOf { get; init; }
    public int? MinLength { get; init; }
    public int? MaxLength { get; init; }
    public int? MinItems { get; init; }
    public int? MaxItems { get; init; }
    public int? MinProperties { get; init; }
    public int? MaxProperties { get; init; }
    public bool UniqueItems { get; init; }
    public IReadOnlyList<StructuralSchema> AllOf { get; init; } = [];
    public IReadOnlyList<StructuralSchema> AnyOf { get; init; } = [];
    public IReadOnlyList<StructuralSchema> OneOf { get; init; } = [];
    public StructuralSchema? Not { get; init; }
    public bool PreserveUnknownFields { get; init; }
    public bool IntOrString { get; init; }
    public bool EmbeddedResource { get; init; }

    /// <summary><c>atomic</c> (the default), <c>set</c> or <c>map</c>.</summary>
    public string ListType { get; init; } = "atomic";
    public IReadOnlyList<string> ListMapKeys { get; init; } = [];

    /// <summary>Key fields of a map list in ordinal order: name, name as JSON, default of the field.</summary>
    public IReadOnlyList<(string Name, string Json, JsonNode? Default)> KeyFields => field ??=
        [.. ListMapKeys.Order(StringComparer.Ordinal).Select(name => (name, JsonSerializer.Serialize(name), Items?.Property(name)?.Default))];

    /// <summary>An object owned and replaced as a whole (<c>x-kubernetes-map-type: atomic</c>).</summary>
    public bool AtomicMap { get; init; }

    /// <summary>Merge key of a strategic merge patch (<c>x-kubernetes-patch-merge-key</c>).</summary>
    public string? PatchMergeKey { get; init; }

    /// <summary>Strategies of a strategic merge patch: <c>merge</c>, <c>replace</c>, <c>retainKeys</c>.</summary>
    public IReadOnlyList<string> PatchStrategy { get; init; } = [];

    /// <summary>
    /// The object is part of its parent even when it is not written (built-in kinds): its appearance alone is no change that anybody owns.
    /// </summary>
    public bool AlwaysPresent { get; init; }

    /// <summary>The JSON this was read from; do not change it.</summary>
    public required JsonObject Source { get; init; }

    /// <summary>Reads a schema.</summary>
    /// <exception cref="SchemaException">It is not structural; the message names the path.</exception>
    public static StructuralSchema Parse(JsonObject schema) => SchemaReader.Read(schema, "openAPIV3Schema");

    /// <summary>Reads the schema of one CRD version; <c>apiVersion</c>, <c>kind</c> and <c>metadata</c> are added to the root.</summary>
    /// <param name="schema"><c>openAPIV3Schema</c>, or null for a version that preserves everything.</param>
    public static StructuralSchema ForCustomResource(JsonObject? schema)
    {
        var root = schema is null
            ? new JsonObject { ["type"] = "object", ["x-kubernetes-preserve-unknown-fields"] = true }
            : (JsonObject)schema.DeepClone();
        var properties = root["properties"] as JsonObject ?? [];
        root["properties"] = properties;

        // Rules on metadata.name and generateName are the only ones a CRD may state about metadata.
        var own = properties["metadata"] as JsonObject;
        properties["apiVersion"] = BuiltInSchemas.ApiVersion();
        properties["kind"] = BuiltInSchemas.Kind();
        var metadata = (JsonObject)BuiltInSchemas.ObjectMeta.Source.DeepClone();
        foreach (var (name, rule) in own?["properties"] as JsonObject ?? [])
        {
            metadata["properties"]![name] = rule?.DeepClone();
        }

        properties["metadata"] = metadata;
        return Parse(root);
    }

    /// <summary>Schema of the field or map value called <paramref name="name"/>; null when unknown.</summary>
    public StructuralSchema? Property(string name) =>
        Properties.TryGetValue(name, out var property) ? property : AdditionalProperties;
}

/// <summary>A schema cannot be used; the message names the path inside it.</summary>
internal sealed class SchemaException(string path, string message) : Exception($"{path}: {message}")
{
    public string Path { get; } = path;

    /// <summary>The message without the path.</summary>
    public string Reason { get; } = message;
}
