namespace Portal.Kubernetes.Objects;

/// <summary>Names one kind of resource as an API server serves it.</summary>
/// <param name="Group">API group; empty for the core group.</param>
/// <param name="Version">API version, such as <c>v1</c>.</param>
/// <param name="Kind">Kind in singular CamelCase.</param>
/// <param name="Plural">Resource name in URLs.</param>
/// <param name="Namespaced">Whether objects live in a namespace.</param>
public sealed record ResourceDefinition(string Group, string Version, string Kind, string Plural, bool Namespaced)
{
    /// <summary>The <c>apiVersion</c> objects of this kind carry: <c>group/version</c>, or the version alone for the core group.</summary>
    public string ApiVersion => Group.Length == 0 ? Version : $"{Group}/{Version}";

    /// <summary>Path of the collection, or of one object when <paramref name="name"/> is given, below the server's root.</summary>
    public string Path(string? @namespace, string? name = null, string? subresource = null)
    {
        var root = Group.Length == 0 ? $"/api/{Version}" : $"/apis/{Group}/{Version}";
        var scope = Namespaced && @namespace is not null ? $"/namespaces/{Uri.EscapeDataString(@namespace)}" : "";
        var tail = (name is null ? "" : "/" + Uri.EscapeDataString(name)) + (subresource is null ? "" : "/" + subresource);
        return $"{root}{scope}/{Plural}{tail}";
    }
}
