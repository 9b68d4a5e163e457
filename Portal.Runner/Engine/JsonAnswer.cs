namespace Portal.Runner.Engine;

/// <summary>Finds the JSON in a model's answer, which may wrap it in prose or a code fence, or break off within it.</summary>
internal static class JsonAnswer
{
    // Bounded: text full of brackets must not cost a reading of the rest for each of them.
    private const int MaxAttempts = 64;

    /// <summary>
    /// The whole text as JSON; else the first object or array in it that fits; else the first. What was cut off is completed, and counts
    /// when it fits a schema, or when the model had no room to say more.
    /// </summary>
    /// <param name="text">The model's answer.</param>
    /// <param name="open">Which brackets may begin it, such as <c>{[</c>.</param>
    /// <param name="schema">What the value should match; null for anything.</param>
    /// <param name="ranOut">Whether the answer ended for its length.</param>
    /// <param name="json">The value; it need not match.</param>
    public static bool TryExtract(string text, string open, JsonObject? schema, bool ranOut, out JsonNode? json)
    {
        if (open.Contains('{', StringComparison.Ordinal) && TryParse(text, out json))
        {
            return true;
        }

        JsonNode? found = null;
        var start = -1;
        for (var attempt = 0; attempt < MaxAttempts; attempt++)
        {
            start = text.AsSpan(start + 1).IndexOfAny(open) is >= 0 and var offset ? start + 1 + offset : -1;
            if (start < 0)
            {
                break;
            }

            if (!LenientJson.TryRead(text.AsSpan(start), out var value, out var length, out var wasCut))
            {
                continue;
            }

            var fits = schema is null || SchemaCheck.Validate(schema, value).Count == 0;
            if (wasCut && !(fits && (ranOut || schema is not null)))
            {
                continue;
            }

            if (fits)
            {
                json = value;
                return true;
            }

            found ??= value;
            start += length - 1;
        }

        json = found;
        return json is not null;
    }

    private static bool TryParse(string text, out JsonNode? json)
    {
        try
        {
            json = JsonNode.Parse(text);
            return json.IsReadable();
        }
        catch (JsonException)
        {
            json = null;
            return false;
        }
    }
}
