using Portal.Dotprompt.Documents;

namespace Portal.Features.Releases.Reviewing;

/// <summary>One thing that differs between two contents.</summary>
/// <param name="Section">Such as <c>Model</c>, <c>Config</c>, <c>Input schema</c>, <c>Messages</c>.</param>
/// <param name="Field">Path within the section; empty for the whole of it.</param>
/// <param name="Before">Null when it was not there.</param>
/// <param name="After">Null when it is not there any more.</param>
/// <param name="IsWeighty">Whether it changes what callers see or what a call costs.</param>
public sealed record ContentChange(string Section, string Field, string? Before, string? After, bool IsWeighty);

/// <summary>What differs between two contents of a kind by meaning, the weighty first: not lines, but model, schema, config, messages.</summary>
public static class DocumentDifference
{
    private static readonly string[] s_weighty = ["model", "modelRef", "tools", "toolRefs", "prompts", "promptRefs", "replicas", "image", "provider"];

    public static IReadOnlyList<ContentChange> Between(string kind, string? before, string? after)
    {
        if (before == after)
        {
            return [];
        }

        var changes = kind == "Prompt" ? Prompts(before, after) : Specs(before, after);
        return [.. changes.OrderByDescending(change => change.IsWeighty)];
    }

    private static List<ContentChange> Prompts(string? before, string? after)
    {
        var (old, now) = (Parse(before), Parse(after));
        var changes = new List<ContentChange>();
        Text(changes, "Model", "", old?.Metadata.Model, now?.Metadata.Model, true);
        Text(changes, "Tools", "", List(old?.Metadata.Tools), List(now?.Metadata.Tools), true);
        Fields(changes, "Input schema", old?.Metadata.Input?["schema"], now?.Metadata.Input?["schema"], true);
        Fields(changes, "Output schema", old?.Metadata.Output?["schema"], now?.Metadata.Output?["schema"], true);
        Text(changes, "Output format", "", Json(old?.Metadata.Output?["format"]), Json(now?.Metadata.Output?["format"]), true);
        Fields(changes, "Config", old?.Metadata.Config, now?.Metadata.Config, false);
        Fields(changes, "Input defaults", old?.Metadata.Input?["default"], now?.Metadata.Input?["default"], false);
        Fields(changes, "Frontmatter", Rest(old), Rest(now), false);
        Messages(changes, old?.Template, now?.Template);
        return changes;
    }

    private static void Messages(List<ContentChange> changes, string? before, string? after)
    {
        var (old, now) = (PromptMessages.Of(before ?? ""), PromptMessages.Of(after ?? ""));
        for (var index = 0; index < Math.Max(old.Count, now.Count); index++)
        {
            var (was, becomes) = (old.ElementAtOrDefault(index), now.ElementAtOrDefault(index));
            Text(changes, "Messages", $"{index + 1} · {(becomes ?? was)!.Role}", Shown(was, becomes), Shown(becomes, was), was?.Role != becomes?.Role);
        }
    }

    /// <summary>A message with its role, where that differs.</summary>
    private static string? Shown(PromptMessage? message, PromptMessage? other) =>
        message is null ? null : other is not null && other.Role != message.Role ? $"{message.Role}: {message.Text}" : message.Text;

    private static List<ContentChange> Specs(string? before, string? after)
    {
        var changes = new List<ContentChange>();
        Fields(changes, "Spec", Node(before), Node(after), false);
        return [.. changes.Select(change => change with { IsWeighty = s_weighty.Contains(change.Field.Split('.', '[')[0]) })];
    }

    /// <summary>Objects are compared member by member; anything else as a whole.</summary>
    private static void Fields(List<ContentChange> changes, string section, JsonNode? before, JsonNode? after, bool weighty, string path = "")
    {
        if (JsonNode.DeepEquals(before, after))
        {
            return;
        }

        if (before is not JsonObject and not null || after is not JsonObject and not null || (before is null && after is null))
        {
            Text(changes, section, path, Json(before), Json(after), weighty);
            return;
        }

        var (old, now) = (before as JsonObject ?? [], after as JsonObject ?? []);
        foreach (var name in old.Select(pair => pair.Key).Concat(now.Select(pair => pair.Key)).Distinct(StringComparer.Ordinal))
        {
            Fields(changes, section, old[name], now[name], weighty, path.Length == 0 ? name : $"{path}.{name}");
        }
    }

    private static void Text(List<ContentChange> changes, string section, string field, string? before, string? after, bool weighty)
    {
        if (before != after)
        {
            changes.Add(new ContentChange(section, field, before, after, weighty));
        }
    }

    private static JsonObject? Rest(DotpromptDocument? document)
    {
        if (document?.Metadata.Raw?.DeepClone() is not JsonObject rest)
        {
            return null;
        }

        foreach (var known in (string[])["model", "tools", "input", "output", "config"])
        {
            rest.Remove(known);
        }

        return rest;
    }

    private static DotpromptDocument? Parse(string? content) => content is null ? null : DotpromptDocument.Parse(content);

    private static string? List(IReadOnlyList<string>? items) => items is { Count: > 0 } ? string.Join(", ", items) : null;

    private static string? Json(JsonNode? node) => node is JsonValue value && value.TryGetValue(out string? text) ? text : node?.ToJsonString();

    private static JsonNode? Node(string? content)
    {
        try
        {
            return content is null ? null : JsonNode.Parse(content);
        }
        catch (JsonException)
        {
            return JsonValue.Create(content);
        }
    }
}
