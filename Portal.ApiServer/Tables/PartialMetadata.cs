namespace Portal.ApiServer.Tables;

/// <summary><c>PartialObjectMetadata</c> and its list (<c>meta.k8s.io/v1</c>).</summary>
internal static class PartialMetadata
{
    /// <summary>The metadata of <paramref name="source"/> alone.</summary>
    public static JsonObject Of(JsonObject source) => new()
    {
        ["kind"] = "PartialObjectMetadata",
        ["apiVersion"] = "meta.k8s.io/v1",
        ["metadata"] = source["metadata"]?.DeepClone() ?? new JsonObject(),
    };

    public static JsonObject ListOf(IEnumerable<JsonObject> items, JsonObject? listMetadata) => new()
    {
        ["kind"] = "PartialObjectMetadataList",
        ["apiVersion"] = "meta.k8s.io/v1",
        ["metadata"] = listMetadata?.DeepClone() ?? new JsonObject(),
        ["items"] = new JsonArray([.. items.Select(item => (JsonNode)Of(item))]),
    };
}
