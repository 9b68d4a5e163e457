namespace Portal.Components.Inputs;

/// <summary>What a history keeps of media: hash, type, size and a small preview, never the bytes.</summary>
public static class KeptMedia
{
    /// <summary>Marks the object that stands in the place of a <c>data:</c> URL.</summary>
    public const string Marker = "$media";

    /// <summary>A text of up to this length is kept as it is, whatever it is.</summary>
    private const int Short = 64;

    /// <summary>A longest preview that is kept, in characters.</summary>
    private const int MostPreview = 48_000;

    /// <summary>A copy of an input in which each <c>data:</c> URL has become what is kept of it.</summary>
    /// <param name="input">The input of a call.</param>
    /// <param name="previews">Previews by hash, where a browser made them.</param>
    public static JsonObject Summarize(JsonObject input, IReadOnlyDictionary<string, string> previews)
    {
        ArgumentNullException.ThrowIfNull(input);
        return (JsonObject)Copy(input, previews)!;
    }

    /// <summary>What is kept of a medium; null for any other value.</summary>
    public static JsonObject? Find(JsonNode? value) => value is JsonObject { Count: 1 } json && json[Marker] is JsonObject kept ? kept : null;

    private static JsonNode? Copy(JsonNode? node, IReadOnlyDictionary<string, string> previews) => node switch
    {
        JsonObject map => new JsonObject(map.Select(pair => KeyValuePair.Create(pair.Key, Copy(pair.Value, previews)))),
        JsonArray list => new JsonArray([.. list.Select(item => Copy(item, previews))]),
        JsonValue value when value.TryGetValue<string>(out var text) && text.Length > Short && MediaValue.Read(text) is { } media => Kept(media, previews),
        _ => node?.DeepClone(),
    };

    private static JsonObject Kept(MediaValue media, IReadOnlyDictionary<string, string> previews)
    {
        var kept = new JsonObject { ["type"] = media.Type, ["bytes"] = media.Size, ["sha256"] = media.Hash };
        if ((media.Preview ?? previews.GetValueOrDefault(media.Hash)) is { Length: <= MostPreview } preview)
        {
            kept["preview"] = preview;
        }

        return new JsonObject { [Marker] = kept };
    }
}
