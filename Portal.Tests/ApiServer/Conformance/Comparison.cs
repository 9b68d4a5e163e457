using System.Globalization;

namespace Portal.Tests.ApiServer.Conformance;

/// <summary>Compares a recorded body with this server's. The rules a step may state: see README.md beside the cases.</summary>
internal static class Comparison
{
    /// <summary>Null when they agree, else the first difference. Neither body is changed.</summary>
    /// <param name="rules">The <c>compare</c> object of a step.</param>
    public static string? Bodies(JsonNode? recorded, JsonNode? actual, JsonObject rules, Tokens tokens)
    {
        var (expected, got) = (Tidy(recorded), Tidy(actual));
        foreach (var pointer in Texts(rules, "absent"))
        {
            if (Pointer.Resolve(got, pointer).FirstOrDefault() is { Path: { } path, Value: var value })
            {
                return $"{path}: must be absent, got {Short(value)}";
            }
        }

        foreach (var pointer in Texts(rules, "present"))
        {
            if (!Pointer.Resolve(got, pointer).Any())
            {
                return $"{pointer}: must be present";
            }
        }

        foreach (var body in (JsonNode?[])[expected, got])
        {
            Select(body, rules["select"] as JsonArray ?? []);
            foreach (var pointer in Texts(rules, "ignore").Concat(Texts(rules, "wording")))
            {
                Pointer.Remove(body, pointer);
            }

            SortManagers(body);
            SortCauses(body);
        }

        var exact = (rules["mode"]?.ToString() ?? "exact") == "exact";
        return rules.ContainsKey("only") ? Only(Texts(rules, "only"), expected, got, exact, tokens) : Nodes(expected, got, exact, tokens, "");
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
                var problem = have.TryGetValue(path, out var other) ? Nodes(value, other, exact, tokens, path) : $"{path}: missing (recorded {Short(value)})";
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

        return exact && got.FirstOrDefault(field => !expected.ContainsKey(field.Key)) is { Key: { } extra } field
            ? $"{path}/{extra}: not in the recording, got {Short(field.Value)}"
            : expected.Select(each => Nodes(each.Value, got[each.Key], exact, tokens, $"{path}/{each.Key}")).FirstOrDefault(problem => problem is not null);
    }

    private static string? Arrays(JsonArray expected, JsonNode? actual, bool exact, Tokens tokens, string path)
    {
        if (actual is not JsonArray got)
        {
            return $"{path}: expected a list, got {Short(actual)}";
        }

        return expected.Count != got.Count
            ? $"{path}: expected {expected.Count} items, got {got.Count} ({Short(actual)})"
            : expected.Select((item, index) => Nodes(item, got[index], exact, tokens, $"{path}/{index}")).FirstOrDefault(problem => problem is not null);
    }

    private static string? Scalars(JsonNode? expected, JsonNode? actual, Tokens tokens, string path)
    {
        var (kind, other) = (Kind(expected), Kind(actual));
        if (kind == JsonValueKind.String && other == JsonValueKind.String)
        {
            return tokens.Match(expected!.ToString(), actual!.ToString()) is { } problem ? $"{path}: {problem}" : null;
        }

        var same = kind == other && (kind != JsonValueKind.Number || expected!.ToJsonString() == actual!.ToJsonString() || Number(expected!) == Number(actual!));
        return same ? null : $"{path}: expected {Short(expected)}, got {Short(actual)}";
    }

    /// <summary>Integers may be as large as they like; <c>1.0</c> is <c>1</c>.</summary>
    private static decimal Number(JsonNode value) => decimal.Parse(value.ToJsonString(), NumberStyles.Float, CultureInfo.InvariantCulture);

    private static JsonValueKind Kind(JsonNode? node) => node?.GetValueKind() ?? JsonValueKind.Null;

    private static IEnumerable<string> Texts(JsonObject rules, string name) => (rules[name] as JsonArray ?? []).Select(value => value!.ToString());

    /// <summary>Forms that mean the same become one: an empty <c>metadata.continue</c>, a null <c>creationTimestamp</c>.</summary>
    private static JsonNode? Tidy(JsonNode? node)
    {
        switch (node)
        {
            case JsonObject fields:
                var copy = new JsonObject(fields.Where(field => field is not { Key: "creationTimestamp", Value: null })
                    .Select(field => KeyValuePair.Create(field.Key, Tidy(field.Value))));
                if (copy["metadata"] is JsonObject metadata && metadata["continue"] is JsonValue next && next.ToString().Length == 0)
                {
                    metadata.Remove("continue");
                }

                return copy;
            case JsonArray items:
                return new JsonArray([.. items.Select(Tidy)]);
            default:
                return node?.DeepClone();
        }
    }

    /// <summary>Keeps the list elements that match, and sorts them.</summary>
    private static void Select(JsonNode? body, JsonArray selections)
    {
        foreach (var selection in selections)
        {
            var where = selection!["where"] as JsonArray ?? [selection["where"]!.DeepClone()];
            var keys = Texts((JsonObject)selection, "sort").ToList();
            foreach (var list in Pointer.Resolve(body, selection["pointer"]!.ToString()).Select(place => place.Value).OfType<JsonArray>().ToList())
            {
                var kept = list.Where(item => where.Any(wanted => wanted is JsonObject { Count: 0 } || Contains(wanted, item))).ToList();
                var sorted = keys.Count == 0 ? kept : kept.OrderBy(item => string.Join('\n', keys.Select(key => Short(Pointer.First(item, key)))), StringComparer.Ordinal).ToList();
                list.Clear();
                sorted.ForEach(list.Add);
            }
        }
    }

    private static bool Contains(JsonNode? wanted, JsonNode? have) => wanted is JsonObject fields
        ? have is JsonObject got && fields.All(field => got.ContainsKey(field.Key) && Contains(field.Value, got[field.Key]))
        : JsonNode.DeepEquals(wanted, have);

    /// <summary>The order of managedFields entries depends on whole seconds.</summary>
    private static void SortManagers(JsonNode? node)
    {
        foreach (var entries in node is JsonObject fields ? fields.Select(field => (field.Key, field.Value)).ToList() : (node as JsonArray ?? []).Select(item => ("", item)).ToList())
        {
            if (entries is not { Item1: "managedFields", Item2: JsonArray list })
            {
                SortManagers(entries.Item2);
                continue;
            }

            string[] keys = ["operation", "manager", "subresource", "apiVersion"];
            var sorted = list.OrderBy(entry => string.Join('\n', keys.Select(key => entry?[key]?.ToString())), StringComparer.Ordinal).ToList();
            list.Clear();
            sorted.ForEach(list.Add);
        }
    }

    /// <summary>The order of causes, and their repetition, is no part of the contract.</summary>
    private static void SortCauses(JsonNode? body)
    {
        if (Pointer.First(body, "/details/causes") is JsonArray causes)
        {
            string[] keys = ["field", "message", "reason"];
            var sorted = causes.DistinctBy(cause => cause!.ToJsonString())
                .OrderBy(cause => string.Join('\n', keys.Select(key => cause![key]?.ToString())), StringComparer.Ordinal).ToList();
            causes.Clear();
            sorted.ForEach(causes.Add);
        }
    }
}
