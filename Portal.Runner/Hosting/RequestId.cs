namespace Portal.Runner.Hosting;

/// <summary>The id a caller, or a proxy before it, gave its request.</summary>
internal static class RequestId
{
    public const string Header = "x-request-id";
    private const int MaxLength = 128;

    /// <summary>Null when there is none, or when it is no plain id and would not be safe in a log or a header.</summary>
    public static string? Of(HttpRequest request) =>
        request.Headers[Header] is [{ Length: > 0 and <= MaxLength } id] && id.All(static character => char.IsAsciiLetterOrDigit(character) || "-_.:/+=".Contains(character))
            ? id
            : null;
}
