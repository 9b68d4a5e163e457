namespace Portal.ApiServer.Patching;

/// <summary>RFC 6902 with the API server's leniency: <c>replace</c> of a missing map key adds it.</summary>
internal static class JsonPatch
{
    /// <summary>Applies <paramref name="patch"/> to a copy of <paramref name="document"/>; all operations or none.</summary>
    /// <exception cref="PatchException">The patch is not a list of operations, a test failed, or a path is not there.</exception>
    public static JsonNode? Apply(JsonNode document, JsonNode? patch) => throw new NotImplementedException();
}
