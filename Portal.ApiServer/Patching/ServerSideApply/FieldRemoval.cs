using Portal.ApiServer.Schemas;

namespace Portal.ApiServer.Patching.ServerSideApply;

/// <summary>Takes fields out of an object. An object or list that loses everything becomes null, as upstream: defaulting then decides about it.</summary>
internal static class FieldRemoval
{
    public static JsonObject Remove(JsonObject source, FieldSet fields, StructuralSchema schema) =>
        fields.IsEmpty ? source : Node(source, fields, schema) as JsonObject ?? [];

    private static JsonNode? Node(JsonNode? value, FieldSet fields, StructuralSchema? schema) => FieldPaths.Shape(schema, value) switch
    {
        OwnershipShape.Map when value is JsonObject { Count: > 0 } map => Map(map, fields, schema),
        OwnershipShape.List when value is JsonArray { Count: > 0 } list => List(list, fields, schema!),
        OwnershipShape.Leaf when value is JsonValue => value.DeepClone(),
        _ => null,
    };

    private static JsonObject? Map(JsonObject map, FieldSet fields, StructuralSchema? schema)
    {
        var result = new JsonObject();
        foreach (var (name, value) in map)
        {
            var below = fields[FieldPaths.Field(name)];
            if (!below.IsMember)
            {
                result[name] = below.IsEmpty ? value?.DeepClone() : Node(value, below, schema?.Property(name));
            }
        }

        return result.Count == 0 ? null : result;
    }

    private static JsonArray? List(JsonArray list, FieldSet fields, StructuralSchema schema)
    {
        var result = new JsonArray();
        foreach (var item in list)
        {
            var below = FieldPaths.Item(item, schema) is { } step ? fields[step] : FieldSet.Empty;
            if (!below.IsMember)
            {
                result.Add(below.IsEmpty ? item?.DeepClone() : Node(item, below, schema.Items));
            }
        }

        return result.Count == 0 ? null : result;
    }
}
