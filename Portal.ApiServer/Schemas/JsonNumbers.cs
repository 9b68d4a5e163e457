namespace Portal.ApiServer.Schemas;

/// <summary>Reads JSON numbers whatever a <see cref="JsonValue"/> holds them as.</summary>
internal static class JsonNumbers
{
    public static bool TryDouble(JsonNode? node, out double number)
    {
        number = 0;
        if (node is not JsonValue value || value.GetValueKind() != JsonValueKind.Number)
        {
            return false;
        }

        if (value.TryGetValue(out number))
        {
            return true;
        }

        if (TryInteger(value, out var integer))
        {
            number = integer;
            return true;
        }

        return value.TryGetValue(out decimal exact) && double.IsFinite(number = (double)exact);
    }

    /// <summary>Whole numbers only; <c>1.0</c> counts as one when it was read as a double.</summary>
    public static bool TryInteger(JsonNode? node, out long number)
    {
        number = 0;
        if (node is not JsonValue value || value.GetValueKind() != JsonValueKind.Number)
        {
            return false;
        }

        if (value.TryGetValue(out number))
        {
            return true;
        }

        if (value.TryGetValue(out int small))
        {
            number = small;
            return true;
        }

        if (value.TryGetValue(out double real) && Math.Floor(real) == real && Math.Abs(real) < 9e18)
        {
            number = (long)real;
            return true;
        }

        return false;
    }

    /// <summary>The JSON type name of a node: <c>null</c>, <c>object</c>, <c>array</c>, <c>string</c>, <c>boolean</c>, <c>integer</c> or <c>number</c>.</summary>
    public static string TypeOf(JsonNode? node) => node switch
    {
        null => "null",
        JsonObject => "object",
        JsonArray => "array",
        _ => node.GetValueKind() switch
        {
            JsonValueKind.String => "string",
            JsonValueKind.True or JsonValueKind.False => "boolean",
            JsonValueKind.Number => TryInteger(node, out _) ? "integer" : "number",
            _ => "null",
        },
    };
}
