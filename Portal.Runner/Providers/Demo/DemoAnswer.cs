using System.Text.Encodings.Web;
using Portal.Runner.Engine;

namespace Portal.Runner.Providers.Demo;

/// <summary>What the demo provider says.</summary>
internal static class DemoAnswer
{
    private const int MaxEcho = 1000;
    private const int MaxDepth = 16;
    private static readonly JsonSerializerOptions s_indented = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static string For(ModelRequest request)
    {
        var asked = (request.Messages.LastOrDefault(static message => message.Role == "user") ?? request.Messages[^1]).Text.Trim();
        if (asked.Length > MaxEcho)
        {
            asked = string.Concat(asked.AsSpan(0, char.IsHighSurrogate(asked[MaxEcho - 1]) ? MaxEcho - 1 : MaxEcho), "…");
        }

        if (request.OutputFormat == "json")
        {
            var value = request.OutputSchema is { } schema
                ? Sample(schema, "answer", 0)
                : new JsonObject { ["demo"] = true, ["answer"] = $"[demo] You asked: {asked}" };
            return value?.ToJsonString(s_indented) ?? "null";
        }

        if (DemoTools.AnswersIn(request) is { } answered)
        {
            return $"[demo] {answered}";
        }

        return $"[demo] Thanks for asking! You said: “{asked}” This answer comes from the built-in demo model, which repeats what it is told; " +
            "connect a provider such as openai or anthropic to get a real one.";
    }

    /// <summary>The simplest value that the schema allows, its strings labelled.</summary>
    internal static JsonNode? Sample(JsonNode? schema, string name, int depth)
    {
        if (schema is not JsonObject rules || depth > MaxDepth)
        {
            return JsonValue.Create($"[demo] {name}");
        }

        if (rules["enum"] is JsonArray { Count: > 0 } options)
        {
            return options[0]?.DeepClone();
        }

        if (rules.TryGetPropertyValue("const", out var constant))
        {
            return constant?.DeepClone();
        }

        return TypeOf(rules) switch
        {
            "object" => SampleObject(rules, depth),
            "array" => new JsonArray(Sample(rules["items"], name, depth + 1)),
            "integer" => JsonValue.Create((long)Math.Ceiling(Least(rules))),
            "number" => JsonValue.Create(Least(rules)),
            "boolean" => JsonValue.Create(true),
            "null" => null,
            _ => JsonValue.Create($"[demo] {name}"),
        };
    }

    private static JsonObject SampleObject(JsonObject rules, int depth)
    {
        var sample = new JsonObject();
        foreach (var (name, property) in rules["properties"] as JsonObject ?? [])
        {
            sample[name] = Sample(property, name, depth + 1);
        }

        return sample;
    }

    private static string TypeOf(JsonObject rules) => rules["type"] switch
    {
        JsonArray several => several.Select(static one => one?.ToString()).FirstOrDefault(static one => one != "null") ?? "null",
        JsonValue one => one.ToString(),
        _ => rules.ContainsKey("properties") ? "object" : "string",
    };

    private static double Least(JsonObject rules) =>
        rules["minimum"].Number() ?? 1;
}
