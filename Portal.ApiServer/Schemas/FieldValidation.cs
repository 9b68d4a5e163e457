namespace Portal.ApiServer.Schemas;

/// <summary>What the <c>fieldValidation</c> query parameter asks for.</summary>
internal enum FieldValidationMode
{
    Warn,
    Strict,
    Ignore,
}

/// <summary>The words of field validation: what goes into a Warning header or a strict decoding error.</summary>
internal static class FieldValidation
{
    /// <summary>Reads the query parameter; absent means Warn. Returns false for anything but Ignore, Warn and Strict.</summary>
    public static bool TryParse(string? value, out FieldValidationMode mode)
    {
        (var known, mode) = value switch
        {
            null or "" or "Warn" => (true, FieldValidationMode.Warn),
            "Strict" => (true, FieldValidationMode.Strict),
            "Ignore" => (true, FieldValidationMode.Ignore),
            _ => (false, FieldValidationMode.Warn),
        };
        return known;
    }

    /// <summary>Message of the 422 for a <c>fieldValidation</c> value that is none.</summary>
    public static FieldError UnknownMode(string value) =>
        FieldError.NotSupported("fieldValidation", value, ["\"Ignore\"", "\"Strict\"", "\"Warn\""]);

    /// <summary>
    /// Problems in the server's words and order: duplicates first, then unknown fields (sorted for a custom resource, document order for built-ins).
    /// </summary>
    public static IReadOnlyList<string> Problems(IEnumerable<string> duplicates, IEnumerable<string> unknown, bool customResource)
    {
        var ordered = customResource ? unknown.Order(StringComparer.Ordinal) : unknown;
        return [.. duplicates.Select(path => $"duplicate field \"{path}\""), .. ordered.Select(path => $"unknown field \"{path}\"")];
    }

    /// <summary>What follows <c>Kind in version "v1" cannot be handled as a Kind: </c> under Strict.</summary>
    public static string StrictMessage(IEnumerable<string> problems) => "strict decoding error: " + string.Join(", ", problems);

    /// <summary>Value of one Warning header (RFC 7234), one a problem.</summary>
    public static string WarningHeader(string text) =>
        "299 - \"" + text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal) + "\"";
}
