using Portal.ApiServer.Schemas;

namespace Portal.ApiServer.Patching.ServerSideApply;

/// <summary>The set of fields an object consists of, as its writer means them.</summary>
internal static class FieldSetBuilder
{
    public static FieldSet Of(JsonNode? value, StructuralSchema? schema)
    {
        switch (FieldPaths.Shape(schema, value))
        {
            case OwnershipShape.Map when value is JsonObject fields:
                return FieldSet.Of(false, Fields(fields, schema));
            case OwnershipShape.List when value is JsonArray items:
                return FieldSet.Of(false, Items(items, schema!));
            case OwnershipShape.Leaf:
                return FieldSet.Leaf;
            default:
                return FieldSet.Empty;
        }
    }

    private static IEnumerable<KeyValuePair<string, FieldSet>> Fields(JsonObject fields, StructuralSchema? schema)
    {
        foreach (var (name, value) in fields)
        {
            var below = Of(value, schema?.Property(name));
            var itself = FieldPaths.IsMapKey(schema, name) || value is null or JsonObject { Count: 0 };
            yield return KeyValuePair.Create(FieldPaths.Field(name), itself ? below.Union(FieldSet.Leaf) : below);
        }
    }

    private static IEnumerable<KeyValuePair<string, FieldSet>> Items(JsonArray items, StructuralSchema schema)
    {
        foreach (var item in items)
        {
            if (FieldPaths.Item(item, schema) is { } step)
            {
                yield return KeyValuePair.Create(step, Of(item, schema.Items).Union(FieldSet.Leaf));
            }
        }
    }
}
