using Portal.ApiServer.Schemas;

namespace Portal.ApiServer.Patching;

/// <summary>
/// Strategic merge patch of built-in kinds: lists merge by the schema's merge key; understands <c>$patch</c>, <c>$retainKeys</c>,
/// <c>$setElementOrder/…</c> and <c>$deleteFromPrimitiveList/…</c>.
/// </summary>
internal static class StrategicMergePatch
{
    private const string PatchDirective = "$patch";
    private const string RetainKeys = "$retainKeys";
    private const string OrderPrefix = "$setElementOrder/";
    private const string DeletePrefix = "$deleteFromPrimitiveList/";

    /// <summary>Applies <paramref name="patch"/> to a copy of <paramref name="document"/>.</summary>
    /// <exception cref="PatchException">The patch is not an object, a directive is wrong, or a list item lacks its merge key.</exception>
    public static JsonObject Apply(JsonObject document, JsonNode? patch, StructuralSchema schema)
    {
        if (patch is not JsonObject changes)
        {
            throw new PatchException(true, "error decoding patch: a strategic merge patch must be a JSON object");
        }

        return MergeObject((JsonObject)document.DeepClone(), changes, schema) ?? [];
    }

    /// <summary>Merges into <paramref name="target"/> and returns it; null when the patch deletes the object.</summary>
    private static JsonObject? MergeObject(JsonObject target, JsonObject patch, StructuralSchema? schema)
    {
        switch (Directive(patch))
        {
            case "replace":
                return Plain(patch);
            case "delete":
                return null;
        }

        if (patch[RetainKeys] is JsonArray retained)
        {
            var keep = retained.Select(item => item?.ToString()).ToHashSet(StringComparer.Ordinal);
            foreach (var (name, _) in target.ToList())
            {
                if (!keep.Contains(name))
                {
                    target.Remove(name);
                }
            }
        }

        foreach (var (name, value) in patch)
        {
            if (name[..Math.Min(1, name.Length)] != "$")
            {
                Field(target, patch, name, value, schema?.Property(name));
            }
        }

        OnlyDirectives(target, patch, schema);
        return target;
    }

    private static void Field(JsonObject target, JsonObject patch, string name, JsonNode? value, StructuralSchema? schema)
    {
        switch (value)
        {
            case null:
                target.Remove(name);
                break;
            case JsonObject changes when target[name] is JsonObject current && !Replaces(schema):
                Put(target, name, MergeObject(Detach(target, name, current), changes, schema));
                break;
            case JsonObject changes:
                Put(target, name, MergeObject([], changes, schema));
                break;
            case JsonArray changes when Merges(schema):
                var list = target[name] as JsonArray ?? [];
                target[name] = MergeList(name, list, changes, patch[OrderPrefix + name] as JsonArray, patch[DeletePrefix + name] as JsonArray, schema!);
                break;
            default:
                target[name] = value.DeepClone();
                break;
        }
    }

    // $setElementOrder and $deleteFromPrimitiveList may stand without the list they speak of.
    private static void OnlyDirectives(JsonObject target, JsonObject patch, StructuralSchema? schema)
    {
        foreach (var (directive, value) in patch)
        {
            var prefix = directive.StartsWith(OrderPrefix, StringComparison.Ordinal) ? OrderPrefix
                : directive.StartsWith(DeletePrefix, StringComparison.Ordinal) ? DeletePrefix
                : null;
            if (prefix is null || patch.ContainsKey(directive[prefix.Length..]))
            {
                continue;
            }

            var name = directive[prefix.Length..];
            if (value is not JsonArray)
            {
                throw new PatchException(true, $"{directive} must be a list");
            }

            if (target[name] is JsonArray list && schema?.Property(name) is { } child && Merges(child))
            {
                target[name] = MergeList(name, list, [], patch[OrderPrefix + name] as JsonArray, patch[DeletePrefix + name] as JsonArray, child);
            }
        }
    }

    private static JsonArray MergeList(
        string name, JsonArray list, JsonArray changes, JsonArray? order, JsonArray? deletions, StructuralSchema schema)
    {
        if (schema.PatchMergeKey is not { } key)
        {
            return MergePrimitives(list, changes, order, deletions);
        }

        string Key(JsonNode? item) => item is JsonObject current && current[key] is { } own ? Identity(own) : "";
        var items = list.Select(item => item?.DeepClone()).ToList();
        var places = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var i = 0; i < items.Count; i++)
        {
            places.TryAdd(Key(items[i]), i);
        }

        var deleted = new HashSet<string>(StringComparer.Ordinal);
        var replaced = false;
        foreach (var change in changes)
        {
            if (change is not JsonObject fields)
            {
                throw new PatchException(true, $"{name}: a list item must be an object");
            }

            var directive = Directive(fields);
            if (directive == "replace" && fields.Count == 1)
            {
                replaced = true;
                continue;
            }

            if (fields[key] is not { } value)
            {
                throw new PatchException(true, $"map: {fields.ToJsonString()} does not contain declared merge key: {key}");
            }

            var identity = Identity(value);
            if (directive == "delete")
            {
                deleted.Add(identity);
            }
            else if (places.TryGetValue(identity, out var at))
            {
                items[at] = MergeObject((JsonObject)items[at]!, fields, schema.Items);
            }
            else
            {
                places[identity] = items.Count;
                items.Add(MergeObject([], fields, schema.Items));
            }
        }

        items.RemoveAll(item => deleted.Contains(Key(item)));
        if (replaced)
        {
            items = [.. changes.OfType<JsonObject>().Where(item => Directive(item) is null).Select(Plain)];
        }

        return replaced ? new JsonArray([.. items]) : new JsonArray([.. ElementOrder.Sort(items, list, changes, order, Key)]);
    }

    private static JsonArray MergePrimitives(JsonArray list, JsonArray changes, JsonArray? order, JsonArray? deletions)
    {
        var gone = (deletions ?? []).Select(Identity).ToHashSet(StringComparer.Ordinal);
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var items = new List<JsonNode?>();
        foreach (var item in list.Where(item => !gone.Contains(Identity(item))).Concat(changes))
        {
            if (seen.Add(Identity(item)))
            {
                items.Add(item?.DeepClone());
            }
        }

        return new JsonArray([.. ElementOrder.Sort(items, list, changes, order, Identity)]);
    }

    private static string? Directive(JsonObject patch)
    {
        if (!patch.TryGetPropertyValue(PatchDirective, out var node))
        {
            return null;
        }

        var directive = node?.ToString();
        return directive is "replace" or "delete" or "merge"
            ? directive
            : throw new PatchException(true, $"unknown {PatchDirective} type {node?.ToJsonString() ?? "null"}: use replace, delete or merge");
    }

    /// <summary>A copy without directives.</summary>
    private static JsonObject Plain(JsonObject patch)
    {
        var copy = (JsonObject)patch.DeepClone();
        copy.Remove(PatchDirective);
        copy.Remove(RetainKeys);
        return copy;
    }

    private static JsonObject Detach(JsonObject target, string name, JsonObject current)
    {
        target.Remove(name);
        return current;
    }

    private static void Put(JsonObject target, string name, JsonObject? value)
    {
        if (value is null)
        {
            target.Remove(name);
        }
        else
        {
            target[name] = value;
        }
    }

    private static string Identity(JsonNode? value) => value?.ToJsonString() ?? "null";

    private static bool Merges(StructuralSchema? schema) => schema?.PatchStrategy.Contains("merge") == true;

    private static bool Replaces(StructuralSchema? schema) => schema?.PatchStrategy.Contains("replace") == true;
}
