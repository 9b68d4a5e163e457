namespace Portal.ApiServer.Schemas;

/// <summary>Reads JSON bodies as the server does: last duplicate wins and is reported, integers stay exact, nesting is limited.</summary>
internal static class ObjectJson
{
    /// <summary>Deepest nesting accepted.</summary>
    public const int MaxDepth = 120;

    /// <summary>Parses <paramref name="utf8"/>; <paramref name="duplicates"/> receives the path of every repeated key (<c>spec.size</c>).</summary>
    /// <exception cref="JsonException">Not JSON, nested too deeply, or something follows the value.</exception>
    public static JsonNode? Parse(ReadOnlySpan<byte> utf8, ICollection<string> duplicates) => throw new NotImplementedException();
}
