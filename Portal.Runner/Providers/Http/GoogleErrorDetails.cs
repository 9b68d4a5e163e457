using System.Globalization;

namespace Portal.Runner.Providers.Http;

/// <summary>What Google's APIs tell in an error's <c>details</c>: https://cloud.google.com/apis/design/errors.</summary>
internal static class GoogleErrorDetails
{
    /// <summary>A wrong key is answered with status 400, like any other bad argument.</summary>
    public static bool IsInvalidKey(JsonNode? body) => Of(body).Any(static detail => detail.Member("reason").Text() == "API_KEY_INVALID");

    /// <summary>How long to wait, such as <c>7.5s</c>; null when it is not told.</summary>
    public static TimeSpan? RetryDelay(JsonNode? body)
    {
        var text = Of(body).Select(static detail => detail.Member("retryDelay").Text()).FirstOrDefault(static delay => delay is not null);
        return text is [.. var digits, 's'] && double.TryParse(digits, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var seconds) && seconds <= 86_400
            ? TimeSpan.FromSeconds(seconds)
            : null;
    }

    private static IEnumerable<JsonNode?> Of(JsonNode? body) => body.Member("error").Member("details") as JsonArray ?? [];
}
