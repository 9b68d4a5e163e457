using Portal.Runner.Providers.Http;

namespace Portal.Runner.Providers.OpenAi;

/// <summary>A tool call, or in a stream a piece of one.</summary>
internal sealed record ToolPiece
{
    public long? Index { get; private set; }
    public string? Id { get; private set; }
    public string? Name { get; private set; }

    /// <summary>JSON text, or part of it.</summary>
    public string? Arguments { get; private set; }

    public static List<ToolPiece>? ReadAll(ref Utf8JsonReader reader)
    {
        if (!JsonTokens.Enter(ref reader, JsonTokenType.StartArray))
        {
            return null;
        }

        List<ToolPiece> pieces = [];
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (JsonTokens.Enter(ref reader, JsonTokenType.StartObject))
            {
                var piece = new ToolPiece();
                piece.Read(ref reader);
                pieces.Add(piece);
            }
        }

        return pieces;
    }

    private void Read(ref Utf8JsonReader reader)
    {
        while (JsonTokens.NextMember(ref reader))
        {
            if (reader.ValueTextEquals("index"u8))
            {
                Index = JsonTokens.NextCount(ref reader);
            }
            else if (reader.ValueTextEquals("id"u8))
            {
                Id = JsonTokens.NextText(ref reader);
            }
            else if (reader.ValueTextEquals("function"u8))
            {
                reader.Read();
                ReadFunction(ref reader);
            }
            else
            {
                reader.Skip();
            }
        }
    }

    private void ReadFunction(ref Utf8JsonReader reader)
    {
        if (!JsonTokens.Enter(ref reader, JsonTokenType.StartObject))
        {
            return;
        }

        while (JsonTokens.NextMember(ref reader))
        {
            if (reader.ValueTextEquals("name"u8))
            {
                Name = JsonTokens.NextText(ref reader);
            }
            else if (reader.ValueTextEquals("arguments"u8))
            {
                reader.Read();

                // A text, but with some compatible servers the object itself.
                Arguments = reader.TokenType == JsonTokenType.StartObject ? JsonNode.Parse(ref reader)?.ToJsonString() : JsonTokens.Text(ref reader);
            }
            else
            {
                reader.Skip();
            }
        }
    }
}
