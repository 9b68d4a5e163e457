using Portal.Dotprompt.Messages;
using Portal.Runner.Contract;
using Portal.Runner.Providers.Http;

namespace Portal.Runner.Providers.OpenAi;

/// <summary>Reads the pieces that whole answers and stream frames have in common.</summary>
internal static class OpenAiAnswer
{
    /// <summary>Text and reasoning of a <c>message</c> or <c>delta</c>; a refusal is text too.</summary>
    public static IReadOnlyList<Part> PartsOf(JsonNode? message)
    {
        List<Part> parts = [];
        if ((message.Member("reasoning_content") ?? message.Member("reasoning")).Text() is { Length: > 0 } reasoning)
        {
            parts.Add(new ReasoningPart(reasoning));
        }

        foreach (var text in TextsOf(message.Member("content")).Append(message.Member("refusal").Text()))
        {
            if (text is { Length: > 0 })
            {
                parts.Add(new TextPart(text));
            }
        }

        return parts;
    }

    public static string? FinishReasonOf(JsonNode? choice) => choice.Member("finish_reason").Text() switch
    {
        null => null,
        "stop" => choice.Member("message").Member("refusal").Text() is { Length: > 0 } ? "blocked" : "stop",
        "length" => "length",
        "content_filter" => "blocked",
        _ => "other",
    };

    public static TokenUsage? UsageOf(JsonNode? usage) => usage is not JsonObject ? null : new TokenUsage
    {
        InputTokens = usage.Member("prompt_tokens").Count(),
        OutputTokens = usage.Member("completion_tokens").Count(),
        CachedInputTokens = usage.Member("prompt_tokens_details").Member("cached_tokens").Count(),
        ReasoningTokens = usage.Member("completion_tokens_details").Member("reasoning_tokens").Count(),
    };

    /// <summary>Content is a string, or with some compatible servers a list of parts.</summary>
    private static IEnumerable<string?> TextsOf(JsonNode? content) =>
        content is JsonArray parts ? parts.Select(static part => part.Member("text").Text()) : [content.Text()];
}
