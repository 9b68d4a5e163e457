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
                var (cached, written) = ReadTwo(ref reader, "cached_tokens"u8, "cache_write_tokens"u8);
                usage = usage with { CachedInputTokens = cached, CacheWriteTokens = written };
            }
            else if (reader.ValueTextEquals("completion_tokens_details"u8))
            {
                usage = usage with { ReasoningTokens = ReadTwo(ref reader, "reasoning_tokens"u8, default).First };
            }
            else
            {
                reader.Skip();
            }
        }

        return usage;
    }

    private static (long? First, long? Second) ReadTwo(ref Utf8JsonReader reader, ReadOnlySpan<byte> first, ReadOnlySpan<byte> second)
    {
        (long? First, long? Second) counts = default;
        reader.Read();
        var isObject = JsonTokens.Enter(ref reader, JsonTokenType.StartObject);
        while (isObject && JsonTokens.NextMember(ref reader))
        {
            if (reader.ValueTextEquals(first))
            {
                counts.First = JsonTokens.NextCount(ref reader);
            }
            else if (!second.IsEmpty && reader.ValueTextEquals(second))
            {
                counts.Second = JsonTokens.NextCount(ref reader);
            }
            else
            {
                reader.Skip();
            }
        }

        return counts;
    }
}
