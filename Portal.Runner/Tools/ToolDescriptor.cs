namespace Portal.Runner.Tools;

/// <summary>A tool as its file describes it: what the model is told, and who answers.</summary>
public sealed record ToolDescriptor
{
    private static readonly Func<IReadOnlyList<KeyValuePair<string, string>>> s_noHeaders = static () => [];

    /// <summary>What prompts and models call it.</summary>
    public required string Name { get; init; }

    /// <summary>Name of its file, or of its Tool object; prompts may use it too.</summary>
    public string? FileName { get; init; }

    public string Description { get; init; } = "";

    /// <summary>JSON Schema that input is checked against; null takes any.</summary>
    public JsonObject? InputSchema { get; init; }

    /// <summary>JSON Schema that the answer is checked against; null takes any.</summary>
    public JsonObject? OutputSchema { get; init; }

    /// <summary>Which kind of tool it is: <c>http</c>, <c>flowRef</c>, <c>mcp</c>; null when the caller of the flow answers it.</summary>
    public string? Kind { get; init; }

    /// <summary>The implementation's settings, such as <c>url</c>.</summary>
    public JsonObject Settings { get; init; } = [];

    /// <summary>Headers to send, read anew each time so that a rotated Secret is seen. Values are secret.</summary>
    public Func<IReadOnlyList<KeyValuePair<string, string>>> Headers { get; init; } = s_noHeaders;

    /// <summary>
    /// Reads either shape of a tool file: the definition's keys under <c>definition</c> or at the top level, beside <c>implementation</c>.
    /// </summary>
    /// <param name="json">The file's content.</param>
    /// <param name="fileName">Its name without extension, which is the tool's name when it gives none.</param>
    /// <exception cref="JsonException">It has another shape; the message names the field.</exception>
    public static ToolDescriptor Read(JsonNode? json, string? fileName = null)
    {
        var file = json as JsonObject ?? throw new JsonException("it must be a JSON object");
        var definition = file["definition"] is null ? file : Object(file, "definition")!;
        var implementation = Object(file, "implementation") ?? [];
        var name = Text(definition, "name") ?? fileName;
        if (string.IsNullOrWhiteSpace(name))
        {
            throw new JsonException("name is missing");
        }

        if (implementation.Count > 1)
        {
            throw new JsonException($"implementation must have one member, not {string.Join(" and ", implementation.Select(static member => member.Key))}");
        }

        var kind = implementation.FirstOrDefault().Key;
        return new ToolDescriptor
        {
            Name = name,
            FileName = fileName,
            Description = Text(definition, "description") ?? "",
            InputSchema = Object(definition, "inputSchema"),
            OutputSchema = Object(definition, "outputSchema"),
            Kind = kind,
            Settings = kind is null ? [] : Object(implementation, kind) ?? [],
        };
    }

    /// <summary>A setting that is text; null when there is none.</summary>
    public string? Setting(string name) => Settings[name] is JsonValue value && value.TryGetValue<string>(out var text) && text.Length > 0 ? text : null;

    private static JsonObject? Object(JsonObject owner, string key) => owner[key] switch
    {
        null => null,
        JsonObject value => value,
        _ => throw new JsonException($"{key} must be a JSON object"),
    };

    private static string? Text(JsonObject owner, string key) => owner[key] switch
    {
        null => null,
        JsonValue value when value.TryGetValue<string>(out var text) => text,
        _ => throw new JsonException($"{key} must be text"),
    };
}
