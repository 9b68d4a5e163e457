using System.Runtime.CompilerServices;

namespace Portal.Runner.Flows;

/// <summary>OpenAPI 3.1 of the flows that can be called, with both forms a route answers in.</summary>
internal sealed class OpenApiDocument
{
    private readonly ConditionalWeakTable<FlowCatalog, string> _texts = [];

    /// <summary>The document as JSON, made once a catalog.</summary>
    public string Of(FlowCatalog catalog) => _texts.GetValue(catalog, static served => Describe(served).ToJsonString(FlowAnswer.Compact));

    private static JsonObject Describe(FlowCatalog catalog)
    {
        var paths = new JsonObject();
        foreach (var flow in catalog.Flows)
        {
            if (flow.Route is { } route)
            {
                paths[route.Path] = new JsonObject { ["post"] = Operation(route) };
            }
        }

        return new JsonObject
        {
            ["openapi"] = "3.1.0",
            ["info"] = new JsonObject { ["title"] = "Flows", ["version"] = "1" },
            ["paths"] = paths,
            ["components"] = new JsonObject { ["schemas"] = new JsonObject { ["Error"] = ErrorSchema() } },
        };
    }

    private static JsonObject Operation(FlowRoute route)
    {
        var operation = new JsonObject { ["operationId"] = route.Path[1..] };
        if (route.Prompt.Metadata.Description is { Length: > 0 } description)
        {
            operation["summary"] = description;
        }

        operation["parameters"] = new JsonArray(new JsonObject
        {
            ["name"] = "stream",
            ["in"] = "query",
            ["schema"] = new JsonObject { ["type"] = "boolean" },
            ["description"] = "true answers with server-sent events, as Accept: text/event-stream does.",
        });
        operation["requestBody"] = new JsonObject
        {
            ["required"] = route.InputSchema?["required"] is JsonArray { Count: > 0 },
            ["content"] = new JsonObject { ["application/json"] = new JsonObject { ["schema"] = new JsonObject { ["anyOf"] = new JsonArray(Input(route), Wrapped("data", Input(route))) } } },
        };
        operation["responses"] = new JsonObject
        {
            ["200"] = new JsonObject
            {
                ["description"] = "The answer; text unless JSON or a stream was asked for.",
                ["content"] = new JsonObject
                {
                    ["text/plain"] = Media(new JsonObject { ["type"] = "string" }),
                    ["application/json"] = Media(Wrapped("result", Output(route))),
                    ["text/event-stream"] = Media(new JsonObject { ["type"] = "string" }),
                },
            },
            ["default"] = new JsonObject
            {
                ["description"] = "The call failed.",
                ["content"] = new JsonObject { ["application/json"] = Media(new JsonObject { ["$ref"] = "#/components/schemas/Error" }) },
            },
        };
        return operation;
    }

    private static JsonObject Input(FlowRoute route)
    {
        var schema = route.InputSchema?.DeepClone() as JsonObject ?? new JsonObject { ["type"] = "object" };
        if (route.Prompt.Metadata.InputDefaults is { Count: > 0 } defaults)
        {
            schema["default"] = defaults.DeepClone();
        }

        return schema;
    }

    private static JsonNode Output(FlowRoute route) =>
        route.OutputSchema?.DeepClone() ?? (route.AnswersJson ? JsonValue.Create(true) : new JsonObject { ["type"] = "string" });

    private static JsonObject Media(JsonNode schema) => new() { ["schema"] = schema };

    private static JsonObject Wrapped(string key, JsonNode schema) => new()
    {
        ["type"] = "object",
        ["properties"] = new JsonObject { [key] = schema },
        ["required"] = new JsonArray(JsonValue.Create(key)),
    };

    private static JsonObject ErrorSchema() => new()
    {
        ["type"] = "object",
        ["properties"] = new JsonObject
        {
            ["status"] = new JsonObject { ["type"] = "string", ["examples"] = new JsonArray("INVALID_ARGUMENT") },
            ["message"] = new JsonObject { ["type"] = "string" },
            ["details"] = new JsonObject(),
        },
        ["required"] = new JsonArray("status", "message"),
    };
}
