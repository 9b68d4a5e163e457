using Portal.ApiServer.Schemas;

namespace Portal.ApiServer.Patching.ServerSideApply;

/// <summary>Keeps managedFields right for writers that do not apply: create, replace, patch (operation <c>Update</c>).</summary>
internal static class ManagedFieldsUpdater
{
    /// <summary>
    /// Sets <c>metadata.managedFields</c> of <paramref name="updated"/> in place: fields that differ from <paramref name="live"/> move to the writer,
    /// removed fields leave every owner, empty entries go. Call it after defaulting, before storing.
    /// </summary>
    /// <remarks>
    /// managedFields sent by the client win over the live ones when they parse; an empty list or <c>[{}]</c> clears them and leaves them cleared until an apply.
    /// </remarks>
    /// <param name="live">The stored object, or null for a create.</param>
    public static void Update(JsonObject? live, JsonObject updated, StructuralSchema schema, FieldWriter writer) =>
        throw new NotImplementedException();
}
