using System.Collections.Concurrent;
using System.Collections.Frozen;
using Portal.Kubernetes.Objects;

namespace Portal.ApiServer.Schemas;

/// <summary>Structural schemas of the kinds the server serves without a CRD. All are read once, on first use, and shared.</summary>
internal static class BuiltInSchemas
{
    private static readonly Lazy<SchemaText> s_types = new(() =>
        SchemaText.Load("common.types", "core.types", "pods.types", "workloads.types", "scaling.types", "traffic.types", "cluster.types", "access.types"));

    private static readonly Lazy<StructuralSchema> s_objectMeta = new(() => s_types.Value.Schema("ObjectMeta"));

    private static readonly Lazy<FrozenDictionary<string, StructuralSchema>> s_kinds = new(() =>
        s_types.Value.Kinds.ToFrozenDictionary(kind => kind.Key, kind => s_types.Value.Schema(kind.Value), StringComparer.Ordinal));

    private static readonly ConcurrentDictionary<string, StructuralSchema> s_fieldTypes = new(StringComparer.Ordinal);

    /// <summary>Schema of <c>metav1.ObjectMeta</c>, shared by every kind.</summary>
    public static StructuralSchema ObjectMeta => s_objectMeta.Value;

    /// <summary>What every object has: <c>apiVersion</c>, <c>kind</c> and <c>metadata</c>.</summary>
    public static StructuralSchema Embedded => field ??= s_types.Value.Schema("Object");

    /// <summary>Schema of a type that fields of built-in kinds have, by the name in <see cref="SchemaText.TypeMarker"/>.</summary>
    public static StructuralSchema Type(string name) => s_fieldTypes.GetOrAdd(name, static name => s_types.Value.Schema(name));

    /// <summary>Every <c>group/version/kind</c> (<c>v1/Pod</c> for the core group) with a schema.</summary>
    public static IEnumerable<string> Keys => s_kinds.Value.Keys;

    /// <summary>Schema of a built-in kind (<c>apiVersion</c>, <c>kind</c> and <c>metadata</c> included), or null when it is not one.</summary>
    public static StructuralSchema? Find(string group, string version, string kind) =>
        s_kinds.Value.GetValueOrDefault(group.Length == 0 ? $"{version}/{kind}" : $"{group}/{version}/{kind}");

    /// <exception cref="ArgumentException">There is no such built-in kind.</exception>
    public static StructuralSchema Get(ResourceDefinition definition) =>
        Find(definition.Group, definition.Version, definition.Kind)
        ?? throw new ArgumentException($"There is no built-in schema for {definition.ApiVersion} {definition.Kind}.", nameof(definition));

    internal static JsonObject ApiVersion() => (JsonObject)Embedded.Properties["apiVersion"].Source.DeepClone();

    internal static JsonObject Kind() => (JsonObject)Embedded.Properties["kind"].Source.DeepClone();
}
