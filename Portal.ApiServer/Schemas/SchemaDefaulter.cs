namespace Portal.ApiServer.Schemas;

/// <summary>Fills in the defaults of a structural schema where the parent exists.</summary>
internal static class SchemaDefaulter
{
    /// <summary>
    /// Fills defaults into <paramref name="target"/> in place. A null in a non-nullable field becomes the default, or is dropped when there is none.
    /// </summary>
    /// <param name="dropNulls">False keeps nulls that have no default, so that validation reports them (server-side apply).</param>
    /// <returns>Whether anything changed.</returns>
    public static bool Apply(JsonObject target, StructuralSchema schema, bool dropNulls = true) => throw new NotImplementedException();
}
