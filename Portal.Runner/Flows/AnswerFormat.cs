using Microsoft.Net.Http.Headers;

namespace Portal.Runner.Flows;

internal enum AnswerFormat
{
    Text,
    Json,
    EventStream,
}

internal static class AnswerFormats
{
    /// <summary>
    /// A stream when <c>Accept</c> names <c>text/event-stream</c> or the query has <c>stream=true</c>; else whichever of text and JSON is
    /// accepted more; else JSON for those who send Genkit's envelope, since their clients read nothing else, and text for all others.
    /// </summary>
    public static AnswerFormat Choose(HttpRequest request, bool isEnvelope)
    {
        var accepted = MediaTypeHeaderValue.TryParseList(request.Headers.Accept, out var list) ? list : [];
        if (request.Query["stream"] == "true" || accepted.Any(static type => Is(type, "text/event-stream")))
        {
            return AnswerFormat.EventStream;
        }

        var named = accepted.Where(static type => Is(type, "application/json") || Is(type, "text/plain"))
            .OrderByDescending(static type => type.Quality ?? 1)
            .FirstOrDefault();
        return named is null ? (isEnvelope ? AnswerFormat.Json : AnswerFormat.Text) : Is(named, "application/json") ? AnswerFormat.Json : AnswerFormat.Text;
    }

    private static bool Is(MediaTypeHeaderValue type, string name) => type.MediaType.Equals(name, StringComparison.OrdinalIgnoreCase) && type.Quality is not 0;
}
