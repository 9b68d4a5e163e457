namespace Portal.Endpoints;

/// <summary>Says to the sender of JSON what is wrong with it: the field, and the mistake in words without names of types.</summary>
internal static class JsonProblem
{
    public static string Describe(JsonException exception)
    {
        var field = exception.Path?.TrimStart('$', '.');
        var subject = string.IsNullOrEmpty(field) ? "The body" : field;
        return exception.Message switch
        {
            // The reader's own words are better, where it is a matter of one value: "Cannot get the value of a token type 'Number' as a string."
            _ when exception.InnerException is InvalidOperationException reason => $"{subject}: {reason.Message}",
            var text when text.StartsWith("The JSON value could not be converted", StringComparison.Ordinal) =>
                $"{subject} does not have the type expected. /openapi/v1.json describes it.",
            var text when text.StartsWith("JSON deserialization for type", StringComparison.Ordinal) && text.Contains("missing required", StringComparison.Ordinal) =>
                $"Required and missing: {text[(text.LastIndexOf(':') + 1)..].Trim(' ', '.', '\'').Replace("'", "", StringComparison.Ordinal)}.",
            var text => $"The body is not the JSON expected: {WithoutPlace(text)}{PlaceOf(exception)}",
        };
    }

    private static string WithoutPlace(string message)
    {
        var place = message.IndexOf(" Path: ", StringComparison.Ordinal);
        return place < 0 ? message : message[..place];
    }

    private static string PlaceOf(JsonException exception) =>
        exception is { LineNumber: { } line, BytePositionInLine: { } column } ? $" (line {line + 1}, column {column + 1})" : "";
}
