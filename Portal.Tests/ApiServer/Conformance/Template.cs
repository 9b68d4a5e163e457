using System.Text.RegularExpressions;

namespace Portal.Tests.ApiServer.Conformance;

/// <summary>Fills recorded JSON with the values of this run.</summary>
internal static partial class Template
{
    /// <summary>A copy with every string, keys included, passed through <paramref name="change"/>.</summary>
    public static JsonNode? Map(JsonNode? node, Func<string, string> change) => node switch
    {
        JsonObject fields => new JsonObject(fields.Select(field => KeyValuePair.Create(change(field.Key), Map(field.Value, change)))),
        JsonArray items => new JsonArray([.. items.Select(item => Map(item, change))]),
        JsonValue value when value.GetValueKind() == JsonValueKind.String => change(value.GetValue<string>()),
        _ => node?.DeepClone(),
    };

    /// <summary>Puts values in place of <c>${name}</c>.</summary>
    public static string Fill(string text, IReadOnlyDictionary<string, string> values) => Variable().Replace(text, found => values[found.Groups[1].Value]);

    [GeneratedRegex(@"\$\{([A-Za-z0-9_]+)\}")]
    private static partial Regex Variable();
}
