using System.Net;

namespace Portal.Kubernetes.Client;

/// <summary>Turns a refusal into a <see cref="KubernetesException"/>, whatever the body is.</summary>
internal static class StatusReader
{
    private const int MaxQuotedLength = 300;

    public static async Task<KubernetesException> ReadAsync(
        HttpRequestMessage request, HttpResponseMessage response, TimeProvider timeProvider, CancellationToken cancellationToken)
    {
        var body = await response.Content.ReadAsStringAsync(cancellationToken);
        return new KubernetesException(response.StatusCode, ParseStatus(body) ?? Synthesize(request, response.StatusCode, body))
        {
            RetryAfter = RetryAfter(response, timeProvider),
        };
    }

    /// <summary>From the Status of a watch's ERROR event.</summary>
    public static KubernetesException FromWatch(JsonObject status)
    {
        var code = status["code"] is JsonValue value && value.TryGetValue(out int number) ? number : 500;
        return new KubernetesException((HttpStatusCode)code, status);
    }

    /// <summary>A Status for an answer that has none of its own.</summary>
    public static JsonObject Synthesize(HttpRequestMessage request, HttpStatusCode code, string text)
    {
        var what = $"{request.Method} {request.RequestUri?.AbsolutePath}";
        var quoted = text.Trim();
        quoted = quoted.Length > MaxQuotedLength ? quoted[..MaxQuotedLength] + "…" : quoted;
        var message = code == HttpStatusCode.NotFound
            ? $"{KubernetesException.NoSuchResource} ({what})"
            : $"the server answered {(int)code} to {what}{(quoted.Length == 0 ? "" : ": " + quoted)}";
        return new JsonObject
        {
            ["kind"] = "Status",
            ["apiVersion"] = "v1",
            ["metadata"] = new JsonObject(),
            ["status"] = "Failure",
            ["message"] = message,
            ["reason"] = ReasonOf(code),
            ["code"] = (int)code,
        };
    }

    private static TimeSpan? RetryAfter(HttpResponseMessage response, TimeProvider timeProvider)
    {
        var wait = response.Headers.RetryAfter is { } header ? header.Delta ?? header.Date - timeProvider.GetUtcNow() : null;
        return wait < TimeSpan.Zero ? TimeSpan.Zero : wait;
    }

    private static JsonObject? ParseStatus(string body)
    {
        try
        {
            return JsonNode.Parse(body) is JsonObject json && json["kind"]?.ToString() == "Status" ? json : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static string ReasonOf(HttpStatusCode code) => code switch
    {
        HttpStatusCode.BadRequest => "BadRequest",
        HttpStatusCode.Unauthorized => "Unauthorized",
        HttpStatusCode.Forbidden => "Forbidden",
        HttpStatusCode.NotFound => "NotFound",
        HttpStatusCode.MethodNotAllowed => "MethodNotAllowed",
        HttpStatusCode.NotAcceptable => "NotAcceptable",
        HttpStatusCode.Conflict => "Conflict",
        HttpStatusCode.Gone => "Gone",
        HttpStatusCode.UnsupportedMediaType => "UnsupportedMediaType",
        HttpStatusCode.TooManyRequests => "TooManyRequests",
        HttpStatusCode.ServiceUnavailable => "ServiceUnavailable",
        HttpStatusCode.GatewayTimeout => "Timeout",
        >= HttpStatusCode.InternalServerError => "InternalError",
        _ => "Unknown",
    };
}
