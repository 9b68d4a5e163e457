namespace Portal.Runner.Providers.Http;

/// <summary>Walks JSON of servers that may send anything, token by token: what is of another kind than expected is passed over.</summary>
internal static class JsonTokens
{
    /// <summary>Whether a value of this kind begins here; another value is passed over.</summary>
    public static bool Enter(ref Utf8JsonReader reader, JsonTokenType kind)
    {
        if (reader.TokenType == kind)
        {
            return true;
        }

        reader.Skip();
        return false;
    }

    /// <summary>Moves to the name of the next member of the object whose members are being read.</summary>
    public static bool NextMember(ref Utf8JsonReader reader) => reader.Read() && reader.TokenType == JsonTokenType.PropertyName;

    /// <summary>The text that follows; null when something else does.</summary>
    public static string? NextText(ref Utf8JsonReader reader)
    {
        reader.Read();
        return Text(ref reader);
    }

    /// <summary>The text here; null when it is something else.</summary>
    public static string? Text(ref Utf8JsonReader reader)
    {
        if (reader.TokenType == JsonTokenType.String)
        {
            return reader.GetString();
        }

        reader.Skip();
        return null;
    }

    /// <summary>The whole number that follows; null when something else does.</summary>
    public static long? NextCount(ref Utf8JsonReader reader)
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.Number)
        {
            return reader.TryGetInt64(out var number) ? number : null;
        }

        reader.Skip();
        return null;
    }
}
