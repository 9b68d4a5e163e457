using Portal.ApiServer.Schemas;

namespace Portal.ApiServer.Patching.ServerSideApply;

/// <summary>What an applied object must fulfil before it can be merged: known fields, fitting types, list items with unique keys.</summary>
internal static class AppliedObjectCheck
{
    /// <exception cref="ApplyException">It does not; the message names every such field.</exception>
    public static void Check(JsonObject applied, StructuralSchema schema)
    {
        var problems = new List<string>();
        Node(applied, schema, "", problems);
        if (problems.Count > 0)
        {
            throw new ApplyException(problems.Count == 1 ? problems[0] : "errors:\n  " + string.Join("\n  ", problems));
        }
    }

    private static void Node(JsonNode? value, StructuralSchema? schema, string path, List<string> problems)
    {
        if (value is null || schema is null)
        {
            return;
        }

        if (!TypeFits(value, schema))
        {
            problems.Add($"{path}: expected {Expected(schema)}, got {Shown(value)}");
            return;
        }

        switch (value)
        {
            case JsonObject fields:
                Fields(fields, schema, path, problems);
                break;
            case JsonArray items when schema.ListType != "atomic":
                Items(items, schema, path, problems);
                break;
            case JsonArray items:
                for (var i = 0; i < items.Count; i++)
                {
                    Node(items[i], schema.Items, $"{path}[{i}]", problems);
                }

                break;
        }
    }

    private static void Fields(JsonObject fields, StructuralSchema schema, string path, List<string> problems)
    {
        foreach (var (name, child) in fields)
        {
            var property = schema.Property(name);
            if (property is null && !schema.PreserveUnknownFields && !schema.EmbeddedResource && schema.Type == "object")
            {
                problems.Add($"{path}.{name}: field not declared in schema");
            }

            Node(child, property, $"{path}.{name}", problems);
        }
    }

    private static void Items(JsonArray items, StructuralSchema schema, string path, List<string> problems)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < items.Count; i++)
        {
            if (FieldPaths.Item(items[i], schema) is not { } step)
            {
                problems.Add($"{path}: element {i}: associative list with keys has an element that omits key field {MissingKey(items[i], schema)}");
                continue;
            }

            var shown = FieldSet.Path(step).Paths().First();
            if (!seen.Add(step))
            {
                problems.Add($"{path}: duplicate entries for key {shown}");
            }

            Node(items[i], schema.Items, path + shown, problems);
        }
    }

    private static string MissingKey(JsonNode? item, StructuralSchema schema) =>
        "\"" + schema.ListMapKeys.FirstOrDefault(key => (item as JsonObject)?[key] is null && schema.Items?.Property(key)?.Default is null) + "\"";

    // Scalars of the wrong type are for validation, which says more about them.
    private static bool TypeFits(JsonNode value, StructuralSchema schema) => schema.Type switch
    {
        "object" => value is JsonObject,
        "array" => value is JsonArray,
        null => true,
        _ => value is JsonValue,
    };

    private static string Expected(StructuralSchema schema) => schema.Type switch
    {
        "object" => "map",
        "array" => "list",
        _ => schema.Type!,
    };

    private static string Shown(JsonNode value) => value switch
    {
        JsonObject => "map",
        JsonArray => "list",
        _ => value.ToJsonString(),
    };
}
