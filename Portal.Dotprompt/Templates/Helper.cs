using System.Collections.Frozen;

namespace Portal.Dotprompt.Templates;

internal enum HelperKind
{
    If,
    Unless,
    Each,
    With,
    Lookup,
    Log,
    Json,
    Role,
    History,
    Section,
    Media,
    IfEquals,
    UnlessEquals,
}

/// <summary>A helper the language knows. There are no others: an unknown name with arguments is an error.</summary>
internal sealed record Helper(string Name, HelperKind Kind, bool IsBlock, int MinParameters, int MaxParameters, string Usage, string Summary)
{
    public IReadOnlyList<string> Named { get; init; } = [];

    public static readonly IReadOnlyList<Helper> All =
    [
        new("if", HelperKind.If, true, 1, 1, "{{#if value}}…{{else}}…{{/if}}",
            "Writes its content when the value is there: not false, null, 0, \"\" or an empty list.") { Named = ["includeZero"] },
        new("unless", HelperKind.Unless, true, 1, 1, "{{#unless value}}…{{/unless}}", "Writes its content when the value is missing, false, 0 or empty.")
            { Named = ["includeZero"] },
        new("each", HelperKind.Each, true, 1, 1, "{{#each items}}{{this}}{{/each}}",
            "Repeats its content for each item; inside are {{this}}, {{@index}}, {{@key}}, {{@first}}, {{@last}}."),
        new("with", HelperKind.With, true, 1, 1, "{{#with value}}…{{/with}}", "Makes the value the context of its content."),
        new("lookup", HelperKind.Lookup, false, 2, 2, "{{lookup object key}}", "The member of an object or list that a computed key names."),
        new("log", HelperKind.Log, false, 0, int.MaxValue, "{{log value}}", "Writes nothing.") { Named = ["level"] },
        new("json", HelperKind.Json, false, 1, 1, "{{json value indent=2}}", "The value as JSON.") { Named = ["indent"] },
        new("role", HelperKind.Role, false, 1, 1, "{{role \"system\"}}", "Starts a message: what follows belongs to system, user or model."),
        new("history", HelperKind.History, false, 0, 0, "{{history}}", "Places the conversation so far; what follows is a model message until the next role."),
        new("section", HelperKind.Section, false, 1, 1, "{{section \"name\"}}", "Marks a place that is filled in later."),
        new("media", HelperKind.Media, false, 0, 0, "{{media url=image contentType=\"image/png\"}}", "Adds an image or another medium by URL.")
            { Named = ["url", "contentType"] },
        new("ifEquals", HelperKind.IfEquals, true, 2, 2, "{{#ifEquals a b}}…{{else}}…{{/ifEquals}}",
            "Writes its content when both values are equal, type included."),
        new("unlessEquals", HelperKind.UnlessEquals, true, 2, 2, "{{#unlessEquals a b}}…{{/unlessEquals}}", "Writes its content when the values differ."),
    ];

    private static readonly FrozenDictionary<string, Helper> s_byName = All.ToFrozenDictionary(helper => helper.Name, StringComparer.Ordinal);

    public static Helper? Find(string name) => s_byName.GetValueOrDefault(name);
}
