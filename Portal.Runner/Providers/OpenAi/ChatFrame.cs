using Portal.Runner.Contract;
using Portal.Runner.Providers.Http;

namespace Portal.Runner.Providers.OpenAi;

/// <summary>
/// A whole chat completion or one frame of a stream, read straight from its bytes: this is what most of a call's work is.
/// What is missing or of another kind than expected is null.
/// </summary>
internal sealed class ChatFrame
{
    /// <summary>The stream's end mark, which is not JSON.</summary>
    public static ChatFrame Done { get; } = new();

    public string? Text { get; private set; }
    public string? Reasoning { get; private set; }
    public string? Refusal { get; private set; }
    public string? FinishReason { get; private set; }
    public TokenUsage? Usage { get; private set; }
    public string? ServiceTier { get; private set; }
    public IReadOnlyList<ToolPiece> Tools => _tools ?? [];
    public JsonNode? Error { get; private set; }

    /// <summary>Whether it is a whole answer.</summary>
    public bool HasMessage { get; private set; }

    private List<ToolPiece>? _tools;

    /// <exception cref="JsonException">Not JSON.</exception>
    public static ChatFrame Parse(ReadOnlySpan<byte> json)
    {
        if (json.SequenceEqual("[DONE]"u8))
        {
            return Done;
        }

        var frame = new ChatFrame();
        var reader = new Utf8JsonReader(json);
        reader.Read();
        frame.ReadFrame(ref reader);
        reader.Read(); // what follows the value is an error
        return frame;
    }

    private void ReadFrame(ref Utf8JsonReader reader)
    {
        if (!JsonTokens.Enter(ref reader, JsonTokenType.StartObject))
        {
            return;
        }

        while (JsonTokens.NextMember(ref reader))
        {
            if (reader.ValueTextEquals("choices"u8))
            {
                reader.Read();
                ReadChoices(ref reader);
            }
            else if (reader.ValueTextEquals("usage"u8))
            {
                reader.Read();
                Usage = ChatUsage.Read(ref reader);
            }
            else if (reader.ValueTextEquals("service_tier"u8))
            {
                ServiceTier = ServiceTiers.Of(JsonTokens.NextText(ref reader));
            }
            else if (reader.ValueTextEquals("error"u8))
            {
                reader.Read();
                Error = JsonNode.Parse(ref reader);
            }
            else
            {
                reader.Skip();
            }
        }
    }

    /// <summary>Only the first choice counts.</summary>
    private void ReadChoices(ref Utf8JsonReader reader)
    {
        if (!JsonTokens.Enter(ref reader, JsonTokenType.StartArray))
        {
            return;
        }

        for (var first = true; reader.Read() && reader.TokenType != JsonTokenType.EndArray; first = false)
        {
            if (first)
            {
                ReadChoice(ref reader);
            }
            else
            {
                reader.Skip();
            }
        }
    }

    private void ReadChoice(ref Utf8JsonReader reader)
    {
        if (!JsonTokens.Enter(ref reader, JsonTokenType.StartObject))
        {
            return;
        }

        while (JsonTokens.NextMember(ref reader))
        {
            if (reader.ValueTextEquals("delta"u8))
            {
                reader.Read();
                ReadMessage(ref reader);
            }
            else if (reader.ValueTextEquals("message"u8))
            {
                reader.Read();
                HasMessage |= reader.TokenType == JsonTokenType.StartObject;
                ReadMessage(ref reader);
            }
            else if (reader.ValueTextEquals("finish_reason"u8))
            {
                FinishReason = JsonTokens.NextText(ref reader);
            }
            else
            {
                reader.Skip();
            }
        }
    }

    private void ReadMessage(ref Utf8JsonReader reader)
    {
        if (!JsonTokens.Enter(ref reader, JsonTokenType.StartObject))
        {
            return;
        }

        while (JsonTokens.NextMember(ref reader))
        {
            if (reader.ValueTextEquals("content"u8))
            {
                reader.Read();
                Text = ReadContent(ref reader);
            }
            else if (reader.ValueTextEquals("refusal"u8))
            {
                Refusal = JsonTokens.NextText(ref reader);
            }
            else if (reader.ValueTextEquals("reasoning_content"u8) || reader.ValueTextEquals("reasoning"u8))
            {
                Reasoning = JsonTokens.NextText(ref reader) ?? Reasoning;
            }
            else if (reader.ValueTextEquals("tool_calls"u8))
            {
                reader.Read();
                _tools = ToolPiece.ReadAll(ref reader);
            }
            else
            {
                reader.Skip();
            }
        }
    }

    /// <summary>Content is a string, or with some compatible servers a list of parts.</summary>
    private static string? ReadContent(ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            return JsonTokens.Text(ref reader);
        }

        string? text = null;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            var isPart = JsonTokens.Enter(ref reader, JsonTokenType.StartObject);
            while (isPart && JsonTokens.NextMember(ref reader))
            {
                if (reader.ValueTextEquals("text"u8))
                {
                    text += JsonTokens.NextText(ref reader);
                }
                else
                {
                    reader.Skip();
                }
            }
        }

        return text;
    }
}
