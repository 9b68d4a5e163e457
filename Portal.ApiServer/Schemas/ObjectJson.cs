using System.Globalization;

namespace Portal.ApiServer.Schemas;

/// <summary>Reads JSON bodies as the server does: last duplicate wins and is reported, integers stay exact, nesting is limited.</summary>
internal static class ObjectJson
{
    /// <summary>Deepest nesting accepted: managedFields and lists add a few levels, and clients commonly read 128.</summary>
    public const int MaxDepth = 100;

    /// <summary>Parses <paramref name="utf8"/>; <paramref name="duplicates"/> receives the path of every repeated key (<c>spec.size</c>).</summary>
    /// <exception cref="JsonException">Not JSON, nested too deeply, or something follows the value.</exception>
    public static JsonNode? Parse(ReadOnlySpan<byte> utf8, ICollection<string> duplicates)
    {
        var reader = new Utf8JsonReader(utf8, new JsonReaderOptions { MaxDepth = MaxDepth });
        if (!reader.Read())
        {
            throw new JsonException("unexpected end of JSON input");
        }

        var path = new Stack<string>();
        var node = Value(ref reader, path, duplicates);
        return reader.Read() ? throw new JsonException("invalid character after top-level value") : node;
    }

    /// <summary>Levels of objects and lists in <paramref name="node"/>; 0 for a scalar.</summary>
    public static int Depth(JsonNode? node) => node switch
    {
        JsonObject fields => 1 + fields.Select(field => Depth(field.Value)).DefaultIfEmpty().Max(),
        JsonArray items => 1 + items.Select(Depth).DefaultIfEmpty().Max(),
        _ => 0,
    };

    private static JsonNode? Value(ref Utf8JsonReader reader, Stack<string> path, ICollection<string> duplicates) => reader.TokenType switch
    {
        JsonTokenType.StartObject => Members(ref reader, path, duplicates),
        JsonTokenType.StartArray => Items(ref reader, path, duplicates),
        JsonTokenType.String => JsonValue.Create(Text(ref reader)),
        JsonTokenType.Number => Number(ref reader),
        JsonTokenType.True => JsonValue.Create(true),
        JsonTokenType.False => JsonValue.Create(false),
        _ => null,
    };

    private static JsonObject Members(ref Utf8JsonReader reader, Stack<string> path, ICollection<string> duplicates)
    {
        var result = new JsonObject();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = Text(ref reader);
            path.Push(path.Count == 0 ? name : "." + name);
            if (result.ContainsKey(name))
            {
                duplicates.Add(string.Concat(path.Reverse()));
            }

            reader.Read();
            result[name] = Value(ref reader, path, duplicates);
            path.Pop();
        }

        return result;
    }

    private static JsonArray Items(ref Utf8JsonReader reader, Stack<string> path, ICollection<string> duplicates)
    {
        var result = new JsonArray();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            path.Push($"[{result.Count}]");
            result.Add(Value(ref reader, path, duplicates));
            path.Pop();
        }

        return result;
    }

    private static string Text(ref Utf8JsonReader reader)
    {
        try
        {
            return reader.GetString()!;
        }
        catch (InvalidOperationException e)
        {
            throw new JsonException("invalid UTF-8 or escape in a string", e);
        }
    }

    private static JsonValue Number(ref Utf8JsonReader reader)
    {
        if (reader.TryGetInt64(out var integer))
        {
            return JsonValue.Create(integer);
        }

        if (!reader.TryGetDouble(out var number) || !double.IsFinite(number))
        {
            throw new JsonException("a number is out of range");
        }

        // What is whole and fits is an integer however it was written: 1e3 comes back as 1000.
        return Math.Floor(number) == number && Math.Abs(number) <= 9007199254740992d
            ? JsonValue.Create(long.Parse(number.ToString("F0", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture))
            : JsonValue.Create(number);
    }
}
