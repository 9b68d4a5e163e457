using System.Text.RegularExpressions;

namespace Portal.ApiServer.Schemas;

/// <summary>
/// A structural OpenAPI v3 schema with the Kubernetes extensions, read once from JSON. Immutable and shared between threads.
/// </summary>
internal sealed class StructuralSchema
{
    /// <summary><c>object</c>, <c>array</c>, <c>string</c>, <c>integer</c>, <c>number</c>, <c>boolean</c>, or null when any type fits.</summary>
    public string? Type { get; private init; }
    public string? Format { get; private init; }
    public string Description { get; private init; } = "";
    public IReadOnlyDictionary<string, StructuralSchema> Properties { get; private set; } = new Dictionary<string, StructuralSchema>();
    /// <summary>Schema of a map's values; null when the object is no map.</summary>
    public StructuralSchema? AdditionalProperties { get; private init; }
    public StructuralSchema? Items { get; private init; }
    public IReadOnlyList<string> Required { get; private init; } = [];
    public bool Nullable { get; private init; }
    /// <summary>Whether a default is given; <see cref="Default"/> may itself be null.</summary>
    public bool HasDefault { get; private init; }
    public JsonNode? Default { get; private init; }
    public IReadOnlyList<JsonNode?>? Enum { get; private init; }
    public Regex? Pattern { get; private init; }
    public bool PreserveUnknownFields { get; private init; }
    public bool IntOrString { get; private init; }
    public bool EmbeddedResource { get; private init; }
    /// <summary><c>atomic</c> (the default), <c>set</c> or <c>map</c>.</summary>
    public string ListType { get; private init; } = "atomic";
    public IReadOnlyList<string> ListMapKeys { get; private init; } = [];
    /// <summary>An object owned and replaced as a whole (<c>x-kubernetes-map-type: atomic</c>).</summary>
    public bool AtomicMap { get; private init; }
    /// <summary>Merge key of a strategic merge patch (built-ins only): <c>x-kubernetes-patch-merge-key</c>, else the first list-map key.</summary>
    public string? PatchMergeKey { get; private init; }
    /// <summary>Strategies of a strategic merge patch: <c>merge</c>, <c>replace</c>, <c>retainKeys</c>.</summary>
    public IReadOnlyList<string> PatchStrategy { get; private init; } = [];
    /// <summary>The JSON this was read from; do not change it.</summary>
    public required JsonObject Source { get; init; }

    /// <summary>Reads a schema.</summary>
    /// <exception cref="SchemaException">It is not structural; the message names the path.</exception>
    public static StructuralSchema Parse(JsonObject schema) => throw new NotImplementedException();

    /// <summary>Reads the schema of one CRD version; <c>apiVersion</c>, <c>kind</c> and <c>metadata</c> are added to the root.</summary>
    /// <param name="schema"><c>openAPIV3Schema</c>, or null for a version that preserves everything.</param>
    public static StructuralSchema ForCustomResource(JsonObject? schema) => throw new NotImplementedException();

    /// <summary>Schema of the field or item called <paramref name="name"/>; null when unknown.</summary>
    public StructuralSchema? Property(string name) =>
        Properties.TryGetValue(name, out var property) ? property : AdditionalProperties;
}

/// <summary>A schema cannot be used; the message names the path inside it.</summary>
internal sealed class SchemaException(string path, string message) : Exception($"{path}: {message}")
{
    public string Path { get; } = path;
}
