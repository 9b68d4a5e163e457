using System.Globalization;

namespace Portal.Tests.ApiServer.Conformance;

/// <summary>Compares a recorded body with this server's. The rules a step may state: see README.md beside the cases.</summary>
internal static class Comparison
{
    /// <summary>Null when they agree, else the first difference. Neither body is changed.</summary>
    /// <param name="rules">The <c>compare</c> object of a step.</param>
    public static string? Bodies(JsonNode? recorded, JsonNode? actual, JsonObject rules, Tokens tokens)
    {
        var (expected, got) = (Forms.Tidy(recorded), Forms.Tidy(actual));
        foreach (var pointer in Forms.Texts(rules, "absent"))
        {
            if (Pointer.Resolve(got, pointer).FirstOrDefault() is { Path: { } path, Value: var value })
            {
                return $"{path}: must be absent, got {Short(value)}";
            }
        }

        foreach (var pointer in Forms.Texts(rules, "present"))
        {
            if (!Pointer.Resolve(got, pointer).Any())
            {
                return $"{pointer}: must be present";
            }
        }

        Forms.Reduce(expected, rules);
        Forms.Reduce(got, rules);
        var exact = (rules["mode"]?.ToString() ?? "exact") == "exact";
        return rules.ContainsKey("only")
            ? Only(Forms.Texts(rules, "only"), expected, got, exact, tokens)
            : Nodes(expected, got, exact, tokens, "");
    }

    /// <summary>Compares two values as they are.</summary>
    /// <param name="exact">Whether fields that were not recorded are a difference.</param>
    public static string? Nodes(JsonNode? expected, JsonNode? actual, bool exact, Tokens tokens, string path) => expected switch
    {
        JsonObject fields => Objects(fields, actual, exact, tokens, path),
        JsonArray items => Arrays(items, actual, exact, tokens, path),
        _ => Scalars(expected, actual, tokens, path),
    };

    /// <summary>The beginning of a value, for a message.</summary>
    public static string Short(JsonNode? node)
    {
        var text = node?.ToJsonString() ?? "null";
        return text.Length < 300 ? text : text[..297] + "...";
    }

    private static string? Only(IEnumerable<string> pointers, JsonNode? expected, JsonNode? actual, bool exact, Tokens tokens)
    {
        foreach (var pointer in pointers)
        {
            var wanted = Pointer.Resolve(expected, pointer).ToDictionary(place => place.Path, place => place.Value, StringComparer.Ordinal);
            var have = Pointer.Resolve(actual, pointer).ToDictionary(place => place.Path, place => place.Value, StringComparer.Ordinal);
            foreach (var (path, value) in wanted)
            {
                var problem = have.TryGetValue(path, out var other)
                    ? Nodes(value, other, exact, tokens, path)
                    : $"{path}: missing (recorded {Short(value)})";
                if (problem is not null)
                {
                    return problem;
                }
            }

            if (exact && have.Keys.FirstOrDefault(path => !wanted.ContainsKey(path)) is { } extra)
            {
                return $"{extra}: not in the recording, got {Short(have[extra])}";
            }
        }

        return null;
    }

    private static string? Objects(JsonObject expected, JsonNode? actual, bool exact, Tokens tokens, string path)
    {
        if (actual is not JsonObject got)
        {
            return $"{path}: expected an object, got {Short(actual)}";
        }

        foreach (var (name, value) in expected)
        {
            if (!got.ContainsKey(name))
            {
                return $"{path}/{name}: missing (recorded {Short(value)})";
            }
        }

        if (exact && got.FirstOrDefault(field => !expected.ContainsKey(field.Key)) is { Key: { } extra } field)
        {
            return $"{path}/{extra}: not in the recording, got {Short(field.Value)}";
        }

        return expected.Select(each => Nodes(each.Value, got[each.Key], exact, tokens, $"{path}/{each.Key}"))
            .FirstOrDefault(problem => problem is not null);
    }

    private static string? Arrays(JsonArray expected, JsonNode? actual, bool exact, Tokens tokens, string path)
    {
        if (actual is not JsonArray got)
        {
            return $"{path}: expected a list, got {Short(actual)}";
        }

        return expected.Count != got.Count
            ? $"{path}: expected {expected.Count} items, got {got.Count} ({Short(actual)})"
            : expected.Select((item, index) => Nodes(item, got[index], exact, tokens, $"{path}/{index}"))
                .FirstOrDefault(problem => problem is not null);
    }

    private static string? Scalars(JsonNode? expected, JsonNode? actual, Tokens tokens, string path)
    {
        var (kind, other) = (Kind(expected), Kind(actual));
        if (kind == JsonValueKind.String && other == JsonValueKind.String)
        {
            return tokens.Match(expected!.ToString(), actual!.ToString()) is { } problem ? $"{path}: {problem}" : null;
        }

        var same = kind == other
            && (kind != JsonValueKind.Number || expected!.ToJsonString() == actual!.ToJsonString() || Number(expected!) == Number(actual!));
        return same ? null : $"{path}: expected {Short(expected)}, got {Short(actual)}";
    }

    /// <summary>Integers may be as large as they like; <c>1.0</c> is <c>1</c>.</summary>
    private static decimal Number(JsonNode value) => decimal.Parse(value.ToJsonString(), NumberStyles.Float, CultureInfo.InvariantCulture);

    private static JsonValueKind Kind(JsonNode? node) => node?.GetValueKind() ?? JsonValueKind.Null;
}
