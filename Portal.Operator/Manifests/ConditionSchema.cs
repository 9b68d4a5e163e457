namespace Portal.Operator.Manifests;

/// <summary>The schema of <c>metav1.Condition</c>, with the limits Kubernetes sets.</summary>
internal static class ConditionSchema
{
    public static JsonObject Build() => new()
    {
        ["type"] = "object",
        ["description"] = "One aspect of the object's state.",
        ["properties"] = new JsonObject
        {
            ["lastTransitionTime"] = Text("When status last changed from one value to another.", ("format", "date-time")),
            ["message"] = Text("Details for people; may be empty.", ("maxLength", 32768)),
            ["observedGeneration"] = new JsonObject
            {
                ["type"] = "integer",
                ["format"] = "int64",
                ["minimum"] = 0,
                ["description"] = "The metadata.generation this condition was computed from.",
            },
            ["reason"] = Text(
                "Why, as a CamelCase word for programs.",
                ("maxLength", 1024), ("minLength", 1), ("pattern", "^[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?$")),
            ["status"] = Text("True, False or Unknown.", ("enum", new JsonArray("True", "False", "Unknown"))),
            ["type"] = Text(
                "Which aspect.",
                ("maxLength", 316),
                ("pattern", @"^([a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*/)?(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])$")),
        },
        ["required"] = new JsonArray("lastTransitionTime", "message", "reason", "status", "type"),
    };

    private static JsonObject Text(string description, params ReadOnlySpan<(string Key, JsonNode Value)> rules)
    {
        var schema = new JsonObject { ["type"] = "string", ["description"] = description };
        foreach (var (key, value) in rules)
        {
            schema[key] = value;
        }

        return schema;
    }
}
