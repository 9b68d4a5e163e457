namespace Portal.ApiServer.Patching.ServerSideApply;

/// <summary>Reading, writing and comparing <c>metadata.managedFields</c>.</summary>
internal static class ManagedFields
{
    /// <summary>Whether two objects are equal when the times in managedFields are left out: a write that makes this true must not be stored.</summary>
    public static bool HasSameContent(JsonObject? left, JsonObject? right) => throw new NotImplementedException();
}
