namespace Portal.Dotprompt.Editing;

/// <summary>One field of a Picoschema as a row of a form.</summary>
public sealed record SchemaField
{
    /// <summary>What a field can be in a form; the last one has a shape of its own, which only the source shows whole.</summary>
    public static IReadOnlyList<string> Types { get; } = ["string", "number", "integer", "boolean", "any", "enum", "array", Nested];

    public const string Nested = "nested";

    public required string Name { get; init; }

    /// <summary>One of <see cref="Types"/>.</summary>
    public required string Type { get; init; }

    public bool IsOptional { get; init; }

    /// <summary>On one line; null when there is none.</summary>
    public string? Description { get; init; }

    /// <summary>The values of an <c>enum</c>.</summary>
    public JsonArray Choices { get; init; } = [];

    /// <summary>The scalar type of an <c>array</c>'s items.</summary>
    public string ItemType { get; init; } = "string";

    /// <summary>The key in the source, such as <c>tone?(enum, how it sounds)</c>; empty for a field that is not written yet.</summary>
    public string Key { get; init; } = "";

    /// <summary>What is written behind the key.</summary>
    public JsonNode? Value { get; init; }

    /// <summary>Whether both say the same, however it is written.</summary>
    public bool Means(SchemaField other) => other is not null && Name == other.Name && Type == other.Type && IsOptional == other.IsOptional && Description == other.Description
        && (Type != "enum" || JsonNode.DeepEquals(Choices, other.Choices)) && (Type != "array" || ItemType == other.ItemType) && (Type != Nested || JsonNode.DeepEquals(Value, other.Value));
}
