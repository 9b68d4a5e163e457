using Portal.Dotprompt.Schemas;

namespace Portal.Dotprompt.Rendering;

/// <summary>Merges metadata, resolves tools and turns Picoschema into JSON Schema.</summary>
internal static class MetadataRenderer
{
    /// <param name="pruned">The document's metadata; not changed.</param>
    /// <param name="overrides">Win key by key; <c>config</c> is merged.</param>
    /// <param name="environment">Named schemas, tools and model configs.</param>
    /// <returns>The metadata as the specification's JSON.</returns>
    /// <exception cref="PicoschemaException">A schema is wrong.</exception>
    public static JsonObject Render(JsonObject pruned, JsonObject? overrides, RenderEnvironment environment)
    {
        var result = (JsonObject)pruned.DeepClone();
        var model = TextOf(overrides?["model"]) ?? TextOf(pruned["model"]);
        var config = Merge(model is null ? null : environment.ModelConfig(model), pruned["config"], overrides?["config"]);
        foreach (var (key, value) in overrides ?? [])
        {
            result[key] = value?.DeepClone();
        }

        result["config"] = config;
        ResolveTools(result, environment);
        ResolveSchema(result, "input", environment);
        ResolveSchema(result, "output", environment);
        return result;
    }

    private static void ResolveTools(JsonObject metadata, RenderEnvironment environment)
    {
        if (metadata["tools"] is not JsonArray tools)
        {
            return;
        }

        var definitions = metadata["toolDefs"] as JsonArray;
        if (definitions is null)
        {
            metadata["toolDefs"] = definitions = [];
        }

        var unresolved = new JsonArray();
        foreach (var tool in tools)
        {
            if (TextOf(tool) is { } name && environment.Tool(name) is { } definition)
            {
                definitions.Add(definition.DeepClone());
            }
            else
            {
                unresolved.Add(tool?.DeepClone());
            }
        }

        metadata["tools"] = unresolved;
    }

    private static void ResolveSchema(JsonObject metadata, string key, RenderEnvironment environment)
    {
        if (metadata[key] is JsonObject owner && owner["schema"] is { } schema)
        {
            owner["schema"] = Picoschema.ToJsonSchema(schema, environment.Schema);
        }
    }

    private static JsonObject Merge(params ReadOnlySpan<JsonNode?> layers)
    {
        var result = new JsonObject();
        foreach (var layer in layers)
        {
            foreach (var (key, value) in layer as JsonObject ?? [])
            {
                result[key] = value?.DeepClone();
            }
        }

        return result;
    }

    private static string? TextOf(JsonNode? node) => node is JsonValue value && value.TryGetValue<string>(out var text) && text.Length > 0 ? text : null;
}
