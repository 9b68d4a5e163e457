namespace Portal.ApiServer.Schemas;

/// <summary>Validates an object against a structural schema, with upstream's cause types and wording.</summary>
internal static class SchemaValidator
{
    /// <summary>
    /// Errors of <paramref name="target"/>; empty when it is valid. Values equal to those at the same place of <paramref name="old"/> are not
    /// reported again (ratcheting): an update that leaves an old mistake alone succeeds.
    /// </summary>
    public static IReadOnlyList<FieldError> Validate(JsonObject target, StructuralSchema schema, JsonObject? old = null) =>
        throw new NotImplementedException();
}
