using Portal.ApiServer.Schemas;
using Portal.Kubernetes.Objects;

namespace Portal.ApiServer.OpenApi;

/// <summary>One served resource as OpenAPI needs it.</summary>
internal sealed record OpenApiResource
{
    public required ResourceDefinition Definition { get; init; }
    public required StructuralSchema Schema { get; init; }
    public required string ListKind { get; init; }
    public bool HasStatus { get; init; }
    public bool HasScale { get; init; }

    /// <summary>Whether strategic merge patches are offered (built-ins).</summary>
    public bool BuiltIn { get; init; }
}

/// <summary>OpenAPI v3 as kubectl reads it: an index and one document a group version.</summary>
internal static class OpenApiDocuments
{
    /// <summary>Key of a group version in the index: <c>api/v1</c> or <c>apis/group/version</c>; the document is at <c>/openapi/v3/KEY</c>.</summary>
    public static string Key(string group, string version) => group.Length == 0 ? $"api/{version}" : $"apis/{group}/{version}";

    /// <summary>Body of <c>/openapi/v3</c>: key → document bytes, whose hash goes into the URL.</summary>
    public static JsonObject Index(IEnumerable<KeyValuePair<string, byte[]>> documents) => throw new NotImplementedException();

    /// <summary>The document of one group version as UTF-8 JSON; the same resources give the same bytes.</summary>
    public static byte[] Document(string group, string version, IEnumerable<OpenApiResource> resources) => throw new NotImplementedException();
}
