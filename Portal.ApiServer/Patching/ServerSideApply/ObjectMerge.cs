using Portal.ApiServer.Schemas;

namespace Portal.ApiServer.Patching.ServerSideApply;

/// <summary>Merges an applied object into the live one. Neither is changed.</summary>
internal static class ObjectMerge
{
    public static JsonObject Merge(JsonObject live, JsonObject applied, StructuralSchema schema) => (JsonObject)Node(live, applied, schema)!;

    private static JsonNode? Node(JsonNode? live, JsonNode? applied, StructuralSchema? schema)
    {
        var shape = FieldPaths.Shape(schema, applied);
        if (shape == OwnershipShape.Leaf || (live is not null && FieldPaths.Shape(schema, live) != shape))
        {
            return applied?.DeepClone();
        }

        // Null where the live object has content changes nothing; two empty values keep what was applied (null or {}).
        if (FieldPaths.IsEmpty(applied))
        {
            return FieldPaths.IsEmpty(live) ? applied?.DeepClone() : live!.DeepClone();
        }

        return shape == OwnershipShape.Map
            ? Fields(live as JsonObject ?? [], (JsonObject)applied!, schema)
            : Items(live as JsonArray ?? [], (JsonArray)applied!, schema!);
    }

    private static JsonObject Fields(JsonObject live, JsonObject applied, StructuralSchema? schema)
    {
        var result = new JsonObject();
        foreach (var (name, value) in live)
        {
            result[name] = applied.TryGetPropertyValue(name, out var change)
                ? Node(value, change, schema?.Property(name))
                : value?.DeepClone();
        }

        foreach (var (name, value) in applied)
        {
            if (!live.ContainsKey(name))
            {
                result[name] = value?.DeepClone();
            }
        }

        return result;
    }

    /// <summary>Applied items keep their order; live items that are not applied stay where they stand among the shared ones.</summary>
    private static JsonArray Items(JsonArray live, JsonArray applied, StructuralSchema schema)
    {
        var before = Index(live, schema, out var liveOrder);
        var after = Index(applied, schema, out var appliedOrder);
        var shared = new Queue<string>(appliedOrder.Where(before.ContainsKey));
        var result = new JsonArray();
        var (left, right) = (0, 0);
        while (left < liveOrder.Count || right < appliedOrder.Count)
        {
            if (left < liveOrder.Count && right < appliedOrder.Count)
            {
                var step = liveOrder[left];
                if (step == appliedOrder[right])
                {
                    result.Add(Node(before[step], after[step], schema.Items));
                    (left, right) = (left + 1, right + 1);
                    shared.TryDequeue(out _);
                    continue;
                }

                if (after.ContainsKey(step) && shared.TryPeek(out var wanted) && wanted != step)
                {
                    left++;
                    continue;
                }
            }

            if (left < liveOrder.Count && !after.ContainsKey(liveOrder[left]))
            {
                result.Add(before[liveOrder[left++]]?.DeepClone());
                continue;
            }

            if (right < appliedOrder.Count)
            {
                var step = appliedOrder[right++];
                result.Add(before.TryGetValue(step, out var known) ? Node(known, after[step], schema.Items) : after[step]?.DeepClone());
                if (shared.TryPeek(out var next) && next == step)
                {
                    shared.Dequeue();
                }
            }
            else
            {
                left++;
            }
        }

        return result;
    }

    private static Dictionary<string, JsonNode?> Index(JsonArray list, StructuralSchema schema, out List<string> order)
    {
        var index = new Dictionary<string, JsonNode?>(list.Count, StringComparer.Ordinal);
        order = new List<string>(list.Count);
        foreach (var item in list)
        {
            if (FieldPaths.Item(item, schema) is { } step && index.TryAdd(step, item))
            {
                order.Add(step);
            }
        }

        return index;
    }
}
