using Portal.Kubernetes.Objects;

namespace Portal.ApiServer.Schemas;

/// <summary>Structural schemas of the kinds the server serves without a CRD. All are parsed once and shared.</summary>
internal static class BuiltInSchemas
{
    /// <summary>Schema of a built-in kind (<c>apiVersion</c>, <c>kind</c> and <c>metadata</c> included), or null when it is not one.</summary>
    public static StructuralSchema? Find(string group, string version, string kind) => throw new NotImplementedException();

    public static StructuralSchema Get(ResourceDefinition definition) =>
        Find(definition.Group, definition.Version, definition.Kind)
        ?? throw new ArgumentException($"There is no built-in schema for {definition.ApiVersion} {definition.Kind}.", nameof(definition));

    /// <summary>Schema of <c>metav1.ObjectMeta</c>, shared by every kind.</summary>
    public static StructuralSchema ObjectMeta => throw new NotImplementedException();
}
