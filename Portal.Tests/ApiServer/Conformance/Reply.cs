using System.Net.Http.Headers;

namespace Portal.Tests.ApiServer.Conformance;

/// <summary>What the server answered: status, the compared headers, and the body as JSON or as text.</summary>
internal sealed record Reply(int Status, string? ContentType, JsonArray? Warnings, JsonNode? Body)
{
    public static async Task<Reply> ReadAsync(HttpResponseMessage response)
    {
        var text = await response.Content.ReadAsStringAsync();
        return Of(response, text.Length == 0 ? null : Parse(text));
    }

    public static Reply Of(HttpResponseMessage response, JsonNode? body)
    {
        HttpHeaders headers = response.Headers;
        var warnings = headers.TryGetValues("Warning", out var values) ? new JsonArray([.. values.Select(value => (JsonNode)value)]) : null;
        return new Reply((int)response.StatusCode, response.Content.Headers.ContentType?.ToString(), warnings, body);
    }

    /// <summary>Null when this is the recorded answer, else the first difference.</summary>
    public string? Differs(JsonObject recorded, JsonObject rules, Tokens tokens)
    {
        if (recorded["status"]!.GetValue<int>() is var status && status != Status)
        {
            return $"HTTP status: expected {status}, got {Status} ({(Body as JsonObject)?["message"]?.ToString() ?? Comparison.Short(Body)})";
        }

        var ignored = (rules["ignoreHeaders"] as JsonArray ?? []).Select(name => name!.ToString()).ToList();
        if (!ignored.Contains("Content-Type") && Plain(recorded["headers"]?["Content-Type"]?.ToString()) is var type && type != Plain(ContentType))
        {
            return $"header Content-Type: expected {type}, got {Plain(ContentType)}";
        }

        if (!ignored.Contains("Warning") && Comparison.Nodes(recorded["headers"]?["Warning"], Warnings, true, tokens, "") is { } warning)
        {
            return $"header Warning: {warning}";
        }

        return rules["body"]?.ToString() == "ignore" ? null : Comparison.Bodies(recorded["body"], Body, rules, tokens);
    }

    private static string? Plain(string? contentType) => contentType?.Replace(" ", "", StringComparison.Ordinal).ToLowerInvariant()
        .Replace(";charset=utf-8", "", StringComparison.Ordinal);

    private static JsonNode? Parse(string text)
    {
        try
        {
            return JsonNode.Parse(text);
        }
        catch (JsonException)
        {
            return text;
        }
    }
}
