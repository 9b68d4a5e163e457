namespace Portal.ApiServer.Schemas;

/// <summary>Removes what a structural schema does not describe. First step of prune → default → validate.</summary>
internal static class SchemaPruner
{
    /// <summary>
    /// Removes unknown fields from <paramref name="target"/> in place and returns their paths (<c>spec.ports[0].foo</c>) in document order.
    /// Fields below <c>x-kubernetes-preserve-unknown-fields</c> stay. Sort the result for a custom resource: that is how its server words it.
    /// </summary>
    public static IReadOnlyList<string> Prune(JsonObject target, StructuralSchema schema) => throw new NotImplementedException();
}
