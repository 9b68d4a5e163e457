using Portal.Runner.Contract;
using Portal.Runner.Providers.Http;

namespace Portal.Runner.Providers.OpenAi;

/// <summary>Reads the token counts of a chat completion.</summary>
internal static class ChatUsage
{
    public static TokenUsage? Read(ref Utf8JsonReader reader)
    {
        if (!JsonTokens.Enter(ref reader, JsonTokenType.StartObject))
        {
            return null;
        }

        var usage = new TokenUsage();
        while (JsonTokens.NextMember(ref reader))
        {
            if (reader.ValueTextEquals("prompt_tokens"u8))
            {
                usage = usage with { InputTokens = JsonTokens.NextCount(ref reader) };
            }
            else if (reader.ValueTextEquals("completion_tokens"u8))
            {
                usage = usage with { OutputTokens = JsonTokens.NextCount(ref reader) };
            }
            else if (reader.ValueTextEquals("prompt_tokens_details"u8))
            {
                usage = ReadInput(ref reader, usage);
            }
            else if (reader.ValueTextEquals("completion_tokens_details"u8))
            {
                usage = ReadOutput(ref reader, usage);
            }
            else
            {
                reader.Skip();
            }
        }

        return usage;
    }

    private static TokenUsage ReadInput(ref Utf8JsonReader reader, TokenUsage usage)
    {
        reader.Read();
        var isObject = JsonTokens.Enter(ref reader, JsonTokenType.StartObject);
        while (isObject && JsonTokens.NextMember(ref reader))
        {
            if (reader.ValueTextEquals("cached_tokens"u8))
            {
                usage = usage with { CachedInputTokens = JsonTokens.NextCount(ref reader) };
            }
            else if (reader.ValueTextEquals("cache_write_tokens"u8))
            {
                usage = usage with { CacheWriteTokens = JsonTokens.NextCount(ref reader) };
            }
            else if (reader.ValueTextEquals("audio_tokens"u8))
            {
                usage = usage with { InputAudioTokens = AboveZero(JsonTokens.NextCount(ref reader)) };
            }
            else if (reader.ValueTextEquals("image_tokens"u8))
            {
                usage = usage with { InputImageTokens = AboveZero(JsonTokens.NextCount(ref reader)) };
            }
            else
            {
                reader.Skip();
            }
        }

        return usage;
    }

    private static TokenUsage ReadOutput(ref Utf8JsonReader reader, TokenUsage usage)
    {
        reader.Read();
        var isObject = JsonTokens.Enter(ref reader, JsonTokenType.StartObject);
        while (isObject && JsonTokens.NextMember(ref reader))
        {
            if (reader.ValueTextEquals("reasoning_tokens"u8))
            {
                usage = usage with { ReasoningTokens = JsonTokens.NextCount(ref reader) };
            }
            else if (reader.ValueTextEquals("audio_tokens"u8))
            {
                usage = usage with { OutputAudioTokens = AboveZero(JsonTokens.NextCount(ref reader)) };
            }
            else if (reader.ValueTextEquals("image_tokens"u8))
            {
                usage = usage with { OutputImageTokens = AboveZero(JsonTokens.NextCount(ref reader)) };
            }
            else
            {
                reader.Skip();
            }
        }

        return usage;
    }

    /// <summary>The vendor tells of every class, most of which a call has nothing of.</summary>
    private static long? AboveZero(long? count) => count is 0 ? null : count;
}
