namespace Portal.ApiServer.Schemas;

/// <summary>Fills in the defaults of a structural schema where the parent exists.</summary>
internal static class SchemaDefaulter
{
    /// <summary>
    /// Fills defaults into <paramref name="target"/> in place. A null in a non-nullable field becomes the default, or is dropped when there is none.
    /// </summary>
    /// <param name="dropNulls">False keeps nulls that have no default, so that validation reports them (server-side apply).</param>
    /// <returns>Whether anything changed.</returns>
    public static bool Apply(JsonObject target, StructuralSchema schema, bool dropNulls = true) => Object(target, schema, dropNulls);

    private static bool Node(JsonNode? node, StructuralSchema schema, bool dropNulls)
    {
        switch (node)
        {
            case JsonObject child:
                return Object(child, schema, dropNulls);
            case JsonArray list when schema.Items is { } items:
                var changed = false;
                for (var i = 0; i < list.Count; i++)
                {
                    if (list[i] is null && items is { Nullable: false, Default: not null })
                    {
                        list[i] = items.Default.DeepClone();
                        changed = true;
                    }

                    changed |= Node(list[i], items, dropNulls);
                }

                return changed;
            default:
                return false;
        }
    }

    private static bool Object(JsonObject target, StructuralSchema schema, bool dropNulls)
    {
        var changed = DropNulls(target, schema, dropNulls);
        foreach (var (name, property) in schema.Properties)
        {
            if (property.Default is not null && !target.ContainsKey(name))
            {
                target[name] = property.Default.DeepClone();
                changed = true;
            }
        }

        foreach (var (name, value) in target)
        {
            if (value is JsonObject or JsonArray && schema.Property(name) is { } child)
            {
                changed |= Node(value, child, dropNulls);
            }
        }

        return changed;
    }

    // Null where a default waits gives way to it; other nulls go only when asked and the field is not nullable.
    private static bool DropNulls(JsonObject target, StructuralSchema schema, bool dropNulls)
    {
        List<string>? dropped = null;
        foreach (var (name, value) in target)
        {
            if (value is null && schema.Properties.TryGetValue(name, out var property) && !property.Nullable
                && (dropNulls || property.Default is not null))
            {
                (dropped ??= []).Add(name);
            }
        }

        foreach (var name in dropped ?? [])
        {
            target.Remove(name);
        }

        return dropped is not null;
    }
}
