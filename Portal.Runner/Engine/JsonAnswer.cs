using Portal.Runner.Contract;

namespace Portal.Runner.Engine;

/// <summary>Reads the JSON out of a model's answer, which may wrap it in prose or a code fence.</summary>
internal static class JsonAnswer
{
    private static readonly JsonDocumentOptions s_lenient = new() { AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip, AllowDuplicateProperties = false };

    /// <exception cref="GenkitException">There is no JSON in the answer, or it does not match the schema.</exception>
    public static JsonNode? Parse(string text, JsonObject? schema, UsageRecord usage)
    {
        if (!TryExtract(text, out var output))
        {
            var reason = usage.FinishReason switch
            {
                "length" => "it was cut off; raise maxOutputTokens",
                "blocked" => "the provider blocked it",
                _ => "ask for JSON in the prompt",
            };
            throw new GenkitException(GenkitStatus.Internal, $"The model's answer is not JSON: {reason}.") { Usage = usage };
        }

        var errors = schema is null ? [] : SchemaCheck.Validate(schema, output);
        return errors.Count == 0
            ? output
            : throw new GenkitException(GenkitStatus.Internal, $"The model's answer does not match the output schema: {SchemaCheck.Describe(errors)}.")
            {
                Details = SchemaCheck.ToDetails(errors),
                Usage = usage,
            };
    }

    /// <summary>The whole text as JSON, else the first place from which a complete object or array can be read.</summary>
    internal static bool TryExtract(string text, out JsonNode? json)
    {
        if (TryParse(text, out json))
        {
            return true;
        }

        // Bounded: text full of brackets must not cost a parse of the rest for each of them.
        const int MaxAttempts = 64;
        var start = -1;
        for (var attempt = 0; attempt < MaxAttempts; attempt++)
        {
            start = text.AsSpan(start + 1).IndexOfAny('{', '[') is >= 0 and var offset ? start + 1 + offset : -1;
            if (start < 0)
            {
                return false;
            }

            var end = EndOf(text, start);
            if (end > start && TryParse(text[start..end], out json))
            {
                return true;
            }
        }

        return false;
    }

    private static bool TryParse(string text, out JsonNode? json)
    {
        try
        {
            json = JsonNode.Parse(text, nodeOptions: null, s_lenient);
            return json.IsReadable();
        }
        catch (JsonException)
        {
            json = null;
            return false;
        }
    }

    /// <summary>Just after the bracket that closes the one at <paramref name="start"/>; -1 when it stays open.</summary>
    private static int EndOf(string text, int start)
    {
        var depth = 0;
        var inString = false;
        for (var index = start; index < text.Length; index++)
        {
            switch (text[index])
            {
                case '\\' when inString:
                    index++;
                    break;
                case '"':
                    inString = !inString;
                    break;
                case '{' or '[' when !inString:
                    depth++;
                    break;
                case '}' or ']' when !inString && --depth == 0:
                    return index + 1;
            }
        }

        return -1;
    }
}
