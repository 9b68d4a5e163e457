namespace Portal.Features.Exchange.Formats;

/// <summary>Tools, tool choice and output format of an OpenAI request, of both of its APIs.</summary>
internal static class OpenAiTools
{
    public static void Read(JsonNode? tools, string path, DocumentBuilder builder)
    {
        if (tools is not JsonArray list)
        {
            builder.Note(NoteKind.Lost, path, "It is not a list.");
            return;
        }

        var others = new JsonArray();
        for (var i = 0; i < list.Count; i++)
        {
            var field = $"{path}[{i}]";

            // The older API has the function one level deeper.
            var function = (list[i] as JsonObject)?["function"] as JsonObject ?? list[i] as JsonObject;
            var type = Text((list[i] as JsonObject)?["type"]) ?? "function";
            if (function is null || (type == "function" && Text(function["name"]) is null))
            {
                builder.Note(NoteKind.Lost, field, "It has no name.");
            }
            else if (type == "function")
            {
                AddFunction(function, field, builder);
            }
            else
            {
                others.Add(list[i]!.DeepClone());
                builder.Note(NoteKind.Lost, field, $"“{type}” is a tool that OpenAI runs itself. A Tool object of kind mcp or http can take its place.");
            }
        }

        if (others.Count > 0)
        {
            builder.Keep("tools", others);
        }
    }

    public static void ReadChoice(JsonNode? choice, string path, DocumentBuilder builder)
    {
        if (Text(choice) is "auto" or "none" or "required")
        {
            builder.SetToolChoice(path, Text(choice)!);
        }
        else
        {
            builder.KeepNoted(path, choice);
        }
    }

    /// <param name="format"><c>text.format</c> or <c>response_format</c>.</param>
    /// <param name="path">Where it is.</param>
    /// <param name="builder">What it becomes.</param>
    public static void ReadFormat(JsonNode? format, string path, DocumentBuilder builder)
    {
        // The older API has name and schema one level deeper.
        var described = (format as JsonObject)?["json_schema"] as JsonObject ?? format as JsonObject;
        switch (Text((format as JsonObject)?["type"]))
        {
            case "text":
                break;
            case "json_object":
                builder.SetOutput(path, new JsonObject { ["format"] = "json" });
                break;
            case "json_schema" when described is not null && described["schema"] is JsonObject schema:
                builder.SetOutput(path, new JsonObject { ["format"] = "json", ["schema"] = schema.DeepClone() });
                if (Text(described["name"]) is { } name)
                {
                    builder.Keep("formatName", name);
                }

                if (described["strict"] is JsonValue strict)
                {
                    builder.Keep("formatStrict", strict);
                }

                break;
            default:
                builder.Note(NoteKind.Lost, path, "This output format is not known here.");
                break;
        }
    }

    private static void AddFunction(JsonObject function, string field, DocumentBuilder builder)
    {
        var name = Text(function["name"])!;
        var definition = new JsonObject { ["name"] = name, ["description"] = Text(function["description"]) ?? "" };
        if (function["parameters"] is JsonObject parameters)
        {
            definition["inputSchema"] = parameters.DeepClone();
        }

        builder.AddTool(field, name, definition);
    }

    internal static string? Text(JsonNode? node) => node is JsonValue value && value.TryGetValue(out string? text) ? text : null;
}
