using System.Collections.Frozen;

namespace Portal.Dotprompt.Documents;

/// <summary>Sorts the frontmatter's keys as the specification says: reserved ones as they are, dotted ones into <c>ext</c>, others only into <c>raw</c>.</summary>
internal static class MetadataReader
{
    /// <summary>Keys the specification reserves.</summary>
    public static readonly FrozenSet<string> Reserved = FrozenSet.Create(
        StringComparer.Ordinal,
        "config", "description", "ext", "input", "model", "name", "output", "raw", "toolDefs", "tools", "variant", "version");

    /// <summary>Keys that Genkit or this library reads from <c>raw</c>.</summary>
    public static readonly FrozenSet<string> RuntimeKeys = FrozenSet.Create(
        StringComparer.Ordinal,
        "maxTurns", "toolChoice", "returnToolRequests", "use", "metadata", "partial", "partials");

    /// <summary>The metadata object of the specification; <c>raw</c> is there only when the document has frontmatter.</summary>
    public static JsonObject Prune(JsonObject? raw)
    {
        var ext = new JsonObject();
        var result = new JsonObject { ["ext"] = ext, ["metadata"] = new JsonObject(), ["config"] = new JsonObject() };
        if (raw is null)
        {
            return result;
        }

        foreach (var (key, value) in raw)
        {
            if (Reserved.Contains(key))
            {
                if (key is not ("ext" or "raw"))
                {
                    result[key] = key == "config" && value is null ? new JsonObject() : value?.DeepClone();
                }
            }
            else if (key.LastIndexOf('.') is >= 0 and var dot)
            {
                var space = ext[key[..dot]] as JsonObject;
                if (space is null)
                {
                    ext[key[..dot]] = space = [];
                }

                space[key[(dot + 1)..]] = value?.DeepClone();
            }
        }

        result["raw"] = raw.DeepClone();
        return result;
    }

    /// <summary>Values of an unexpected type are left out here; the analyzer reports them.</summary>
    public static PromptMetadata ToMetadata(JsonObject metadata) => new()
    {
        Name = Text(metadata["name"]),
        Variant = Text(metadata["variant"]),
        Version = Text(metadata["version"]),
        Description = Text(metadata["description"]),
        Model = Text(metadata["model"]),
        Config = metadata["config"] as JsonObject ?? [],
        Input = metadata["input"] as JsonObject,
        Output = metadata["output"] as JsonObject,
        Tools = metadata["tools"] is JsonArray tools ? [.. tools.Select(Text).OfType<string>()] : [],
        ToolDefs = metadata["toolDefs"] as JsonArray ?? [],
        Ext = metadata["ext"] as JsonObject ?? [],
        Raw = metadata["raw"] as JsonObject,
    };

    /// <summary>Authors write <c>version: 1</c> and mean text.</summary>
    private static string? Text(JsonNode? node) => node switch
    {
        JsonValue value when value.TryGetValue<string>(out var text) => text,
        JsonValue value => value.ToJsonString(),
        _ => null,
    };
}
