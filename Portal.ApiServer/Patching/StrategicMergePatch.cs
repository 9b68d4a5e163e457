using Portal.ApiServer.Schemas;

namespace Portal.ApiServer.Patching;

/// <summary>
/// Strategic merge patch of built-in kinds: lists merge by the schema's merge key; understands <c>$patch</c>, <c>$retainKeys</c>,
/// <c>$setElementOrder/…</c> and <c>$deleteFromPrimitiveList/…</c>.
/// </summary>
internal static class StrategicMergePatch
{
    /// <summary>Applies <paramref name="patch"/> to a copy of <paramref name="document"/>.</summary>
    /// <exception cref="PatchException">The patch is not an object, a directive is wrong, or a list item lacks its merge key.</exception>
    public static JsonObject Apply(JsonObject document, JsonNode? patch, StructuralSchema schema) => throw new NotImplementedException();
}
