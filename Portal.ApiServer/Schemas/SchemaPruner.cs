namespace Portal.ApiServer.Schemas;

/// <summary>Removes what a structural schema does not describe. First step of prune → default → validate.</summary>
internal static class SchemaPruner
{
    /// <summary>
    /// Removes unknown fields from <paramref name="target"/> in place and returns their paths (<c>spec.ports[0].foo</c>) in document order.
    /// Fields below <c>x-kubernetes-preserve-unknown-fields</c> stay; <see cref="FieldValidation.Problems"/> words and sorts the result.
    /// </summary>
    public static IReadOnlyList<string> Prune(JsonObject target, StructuralSchema schema)
    {
        List<string>? unknown = null;
        Object(target, schema, "", ref unknown);
        return unknown ?? (IReadOnlyList<string>)[];
    }

    private static void Node(JsonNode? node, StructuralSchema schema, string path, ref List<string>? unknown)
    {
        switch (node)
        {
            case JsonObject child:
                Object(child, schema, path, ref unknown);
                break;
            case JsonArray list when schema.Items is not null:
                for (var i = 0; i < list.Count; i++)
                {
                    if (list[i] is JsonObject or JsonArray)
                    {
                        Node(list[i], schema.Items, $"{path}[{i}]", ref unknown);
                    }
                }

                break;
        }
    }

    private static void Object(JsonObject target, StructuralSchema schema, string path, ref List<string>? unknown)
    {
        // A value of the wrong type is left whole for validation to report.
        if (schema.Type is not (null or "object"))
        {
            return;
        }

        List<string>? dropped = null;
        foreach (var (name, value) in target)
        {
            var child = schema.Property(name) ?? (schema.EmbeddedResource ? Embedded(name) : null);
            if (child is null)
            {
                if (!schema.PreserveUnknownFields)
                {
                    (dropped ??= []).Add(name);
                    (unknown ??= []).Add(Join(path, name));
                }
            }
            else if (value is JsonObject or JsonArray)
            {
                Node(value, child, Join(path, name), ref unknown);
            }
        }

        foreach (var name in dropped ?? [])
        {
            target.Remove(name);
        }
    }

    private static StructuralSchema? Embedded(string name) =>
        name is "apiVersion" or "kind" or "metadata" ? BuiltInSchemas.Embedded.Properties[name] : null;

    private static string Join(string path, string name) => path.Length == 0 ? name : $"{path}.{name}";
}
