using Portal.Dotprompt.Messages;
using Portal.Runner.Contract;
using Portal.Runner.Providers.Http;

namespace Portal.Runner.Providers.GoogleAi;

/// <summary>Reads a <c>GenerateContentResponse</c>: a whole answer, and each frame of a stream, is one.</summary>
internal static class GoogleAiAnswer
{
    /// <summary>Text, thoughts, media and function calls of the first candidate. A call without id gets one of <paramref name="refs"/>.</summary>
    public static IReadOnlyList<Part> PartsOf(JsonNode? response, ToolRefs refs) =>
        [.. (CandidateOf(response).Member("content").Member("parts") as JsonArray ?? []).Select(part => PartOf(part, refs)).OfType<Part>()];

    /// <summary>Null while the answer goes on. A prompt that was blocked has no candidate at all.</summary>
    public static string? FinishReasonOf(JsonNode? response)
    {
        if (response.Member("promptFeedback").Member("blockReason").Text() is not null)
        {
            return "blocked";
        }

        return CandidateOf(response).Member("finishReason").Text() switch
        {
            null => null,
            "STOP" or "FUNCTION_CALL" => "stop",
            "MAX_TOKENS" => "length",
            "SAFETY" or "RECITATION" or "LANGUAGE" or "BLOCKLIST" or "PROHIBITED_CONTENT" or "SPII"
                or "IMAGE_SAFETY" or "IMAGE_PROHIBITED_CONTENT" or "IMAGE_RECITATION" => "blocked",
            "FINISH_REASON_UNSPECIFIED" => "unknown",
            _ => "other",
        };
    }

    /// <summary>Google counts thoughts apart from the answer; our output total includes them. Counts of nothing are left out by the server.</summary>
    public static TokenUsage? UsageOf(JsonNode? response)
    {
        var usage = response.Member("usageMetadata");
        if (usage.Member("promptTokenCount").Count() is not { } input)
        {
            return null;
        }

        var thoughts = usage.Member("thoughtsTokenCount").Count();
        var (prompt, answer) = (usage.Member("promptTokensDetails"), usage.Member("candidatesTokensDetails"));
        return new TokenUsage
        {
            InputTokens = input + (usage.Member("toolUsePromptTokenCount").Count() ?? 0),
            OutputTokens = (usage.Member("candidatesTokenCount").Count() ?? 0) + (thoughts ?? 0),
            CachedInputTokens = usage.Member("cachedContentTokenCount").Count(),
            ReasoningTokens = thoughts,
            InputAudioTokens = OfKind(prompt, "AUDIO"),
            OutputAudioTokens = OfKind(answer, "AUDIO"),
            CachedAudioTokens = OfKind(usage.Member("cacheTokensDetails"), "AUDIO"),
            InputImageTokens = OfKind(prompt, "IMAGE"),
            OutputImageTokens = OfKind(answer, "IMAGE"),
        };
    }

    private static long? OfKind(JsonNode? details, string modality) =>
        (details as JsonArray)?.FirstOrDefault(item => item.Member("modality").Text() == modality).Member("tokenCount").Count();

    private static JsonNode? CandidateOf(JsonNode? response) =>
        (response.Member("candidates") as JsonArray)?.FirstOrDefault(static candidate => (candidate.Member("index").Count() ?? 0) == 0);

    private static Part? PartOf(JsonNode? part, ToolRefs refs)
    {
        var signature = part.Member("thoughtSignature").Text();
        if (part.Member("text").Text() is { } text && (text.Length > 0 || signature is not null))
        {
            return ThoughtSignature.With<Part>(part.Member("thought")?.GetValueKind() == JsonValueKind.True ? new ReasoningPart(text) : new TextPart(text), signature);
        }

        if (part.Member("functionCall") is JsonObject call && call["name"].Text() is { } name)
        {
            return ThoughtSignature.With(new ToolRequestPart(name, call["id"].Text() ?? refs.Next(), call["args"]?.DeepClone() ?? new JsonObject()), signature);
        }

        var media = part.Member("inlineData");
        return media.Member("data").Text() is { } data && media.Member("mimeType").Text() is { } type
            ? ThoughtSignature.With(new MediaPart($"data:{type};base64,{data}", type), signature)
            : null;
    }
}
