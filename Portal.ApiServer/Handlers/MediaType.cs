using Microsoft.Net.Http.Headers;

namespace Portal.ApiServer.Handlers;

internal enum BodyFormat
{
    Json,
    Yaml,
    Protobuf,
}

internal enum ResponseShape
{
    Object,
    Table,
    PartialMetadata,
}

/// <summary>Content negotiation.</summary>
internal static class MediaType
{
    public const string Json = "application/json";
    public const string Yaml = "application/yaml";
    public const string Protobuf = "application/vnd.kubernetes.protobuf";
    public const string AcceptedBodies = "application/json, application/yaml, application/vnd.kubernetes.protobuf";

    /// <summary>The media type without parameters, in lower case; empty when there is none.</summary>
    public static string Bare(string? contentType) => (contentType ?? "").Split(';', 2)[0].Trim().ToLowerInvariant();

    /// <summary>Format of a create or replace body; null when it is not read. No content type means JSON.</summary>
    public static BodyFormat? ForBody(string? contentType) => Bare(contentType) switch
    {
        "" or Json => BodyFormat.Json,
        Yaml => BodyFormat.Yaml,
        Protobuf => BodyFormat.Protobuf,
        _ => null,
    };

    /// <summary>The first shape of the Accept header that this server can answer in.</summary>
    /// <exception cref="ApiException">406: the client takes nothing that is offered.</exception>
    public static ResponseShape ForResponse(string? accept, bool watch = false)
    {
        if (string.IsNullOrWhiteSpace(accept) || !MediaTypeHeaderValue.TryParseList([accept], out var candidates))
        {
            return ResponseShape.Object;
        }

        foreach (var candidate in candidates.OrderByDescending(value => value.Quality ?? 1))
        {
            if (candidate.MediaType.Value?.ToLowerInvariant() is not (Json or "*/*" or "application/*"))
            {
                continue;
            }

            var kind = Parameter(candidate, "as");
            if (kind is null)
            {
                return ResponseShape.Object;
            }

            var known = Parameter(candidate, "g") == "meta.k8s.io" && Parameter(candidate, "v") == "v1";
            switch (kind)
            {
                case "Table" when known:
                    return ResponseShape.Table;
                case "PartialObjectMetadata" or "PartialObjectMetadataList" when known:
                    return ResponseShape.PartialMetadata;
            }
        }

        throw ApiException.NotAcceptable(watch ? "application/json;stream=watch" : Json);
    }

    private static string? Parameter(MediaTypeHeaderValue value, string name) =>
        value.Parameters.FirstOrDefault(parameter => parameter.Name.Equals(name, StringComparison.OrdinalIgnoreCase))?.Value.Value;
}
