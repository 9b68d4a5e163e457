namespace Portal.Tests.ApiServer.Conformance;

/// <summary>Brings a body into the form that is compared: what a step takes away is gone, and what has no order is sorted.</summary>
internal static class Forms
{
    /// <summary>Applies the rules of a step in place.</summary>
    public static void Reduce(JsonNode? body, JsonObject rules)
    {
        Select(body, rules["select"] as JsonArray ?? []);
        foreach (var pointer in Texts(rules, "ignore").Concat(Texts(rules, "wording")))
        {
            Pointer.Remove(body, pointer);
        }

        SortManagers(body);
        SortCauses(body);
    }

    public static IEnumerable<string> Texts(JsonObject rules, string name) => (rules[name] as JsonArray ?? []).Select(value => value!.ToString());

    /// <summary>Forms that mean the same become one: an empty <c>metadata.continue</c>, a null <c>creationTimestamp</c>.</summary>
    public static JsonNode? Tidy(JsonNode? node)
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
                Refill(list, keys.Count == 0 ? kept : kept.OrderBy(item => Join(keys.Select(key => Pointer.First(item, key))), StringComparer.Ordinal));
            }
        }
    }

    private static bool Contains(JsonNode? wanted, JsonNode? have) => wanted is JsonObject fields
        ? have is JsonObject got && fields.All(field => got.ContainsKey(field.Key) && Contains(field.Value, got[field.Key]))
        : JsonNode.DeepEquals(wanted, have);

    /// <summary>The order of managedFields entries depends on whole seconds.</summary>
    private static void SortManagers(JsonNode? node)
    {
        string[] keys = ["operation", "manager", "subresource", "apiVersion"];
        var children = node is JsonObject fields ? fields.Select(field => (field.Key, field.Value)) : (node as JsonArray ?? []).Select(item => ("", item));
        foreach (var (name, value) in children.ToList())
        {
            if (name == "managedFields" && value is JsonArray entries)
            {
                Refill(entries, entries.OrderBy(entry => Join(keys.Select(key => entry?[key])), StringComparer.Ordinal));
            }
            else
            {
                SortManagers(value);
            }
        }
    }

    /// <summary>The order of causes, and their repetition, is no part of the contract.</summary>
    private static void SortCauses(JsonNode? body)
    {
        string[] keys = ["field", "message", "reason"];
        if (Pointer.First(body, "/details/causes") is JsonArray causes)
        {
            Refill(causes, causes.DistinctBy(cause => cause!.ToJsonString()).OrderBy(cause => Join(keys.Select(key => cause![key])), StringComparer.Ordinal));
        }
    }

    private static string Join(IEnumerable<JsonNode?> values) => string.Join('\n', values.Select(value => value?.ToJsonString()));

    private static void Refill(JsonArray list, IEnumerable<JsonNode?> items)
    {
        var kept = items.ToList();
        list.Clear();
        kept.ForEach(list.Add);
    }
}
