using System.Globalization;

namespace Portal.ApiServer.Patching.ServerSideApply;

/// <summary>One entry of <c>metadata.managedFields</c>. Manager, operation, subresource and (for Update) apiVersion identify it.</summary>
internal sealed record ManagedEntry
{
    public required string Manager { get; init; }
    public required bool Applied { get; init; }
    public required string ApiVersion { get; init; }
    public string Subresource { get; init; } = "";
    public string? Time { get; init; }
    public required FieldSet Fields { get; init; }

    public bool IsSameWriter(ManagedEntry other) =>
        Manager == other.Manager && Applied == other.Applied && Subresource == other.Subresource && (Applied || ApiVersion == other.ApiVersion);
}

/// <summary>Reading, writing and comparing <c>metadata.managedFields</c>.</summary>
internal static class ManagedFields
{
    private const int MaxUpdateEntries = 10;

    // Identity and server-kept metadata belong to nobody.
    private static readonly FieldSet s_unowned = new[]
    {
        FieldSet.Path("f:apiVersion"), FieldSet.Path("f:kind"), FieldSet.Path("f:metadata"),
        FieldSet.Path("f:metadata", "f:name"), FieldSet.Path("f:metadata", "f:namespace"), FieldSet.Path("f:metadata", "f:creationTimestamp"),
        FieldSet.Path("f:metadata", "f:selfLink"), FieldSet.Path("f:metadata", "f:uid"), FieldSet.Path("f:metadata", "f:clusterName"),
        FieldSet.Path("f:metadata", "f:generation"), FieldSet.Path("f:metadata", "f:managedFields"), FieldSet.Path("f:metadata", "f:resourceVersion"),
    }.Aggregate((left, right) => left.Union(right));

    /// <summary>Whether two objects are equal when the times in managedFields are left out: a write that makes this true must not be stored.</summary>
    public static bool HasSameContent(JsonObject? left, JsonObject? right)
    {
        if (left is null || right is null)
        {
            return left is null && right is null;
        }

        return JsonNode.DeepEquals(Timeless(left), Timeless(right));
    }

    /// <summary>Entries of an object; null when there are none or they cannot be read.</summary>
    internal static List<ManagedEntry>? Read(JsonObject? source)
    {
        if ((source?["metadata"] as JsonObject)?["managedFields"] is not JsonArray { Count: > 0 } list)
        {
            return null;
        }

        var entries = new List<ManagedEntry>(list.Count);
        foreach (var item in list)
        {
            if (Entry(item as JsonObject) is not { } entry)
            {
                return null;
            }

            entries.Add(entry);
        }

        return entries;
    }

    /// <summary>Whether the client asks to forget all owners: an empty list, or one empty entry.</summary>
    internal static bool IsReset(JsonObject source) =>
        (source["metadata"] as JsonObject)?["managedFields"] is JsonArray list && (list.Count == 0 || list is [JsonObject { Count: 0 }]);

    /// <summary>Writes entries that own something, applied ones first; none at all removes the field.</summary>
    internal static void Write(JsonObject target, IEnumerable<ManagedEntry> entries)
    {
        var kept = Cap([.. entries.Select(entry => entry with { Fields = entry.Fields.Difference(s_unowned) }).Where(entry => !entry.Fields.IsEmpty)]);
        if (target["metadata"] is not JsonObject metadata)
        {
            target["metadata"] = metadata = [];
        }

        if (kept.Count == 0)
        {
            metadata.Remove("managedFields");
            return;
        }

        metadata["managedFields"] = new JsonArray([.. kept
            .OrderBy(entry => entry.Applied ? 0 : 1).ThenBy(entry => entry.Time, StringComparer.Ordinal).ThenBy(entry => entry.Manager, StringComparer.Ordinal)
            .ThenBy(entry => entry.Subresource, StringComparer.Ordinal).ThenBy(entry => entry.ApiVersion, StringComparer.Ordinal)
            .Select(entry => (JsonNode)Json(entry))]);
    }

    internal static void Clear(JsonObject target) => (target["metadata"] as JsonObject)?.Remove("managedFields");

    /// <summary>Entries of <paramref name="after"/>, with the time moved for each whose fields differ from <paramref name="before"/>.</summary>
    internal static IEnumerable<ManagedEntry> Stamp(IReadOnlyCollection<ManagedEntry> before, IEnumerable<ManagedEntry> after, DateTimeOffset now) =>
        after.Select(entry =>
        {
            var old = before.FirstOrDefault(entry.IsSameWriter);
            return old is not null && old.ApiVersion == entry.ApiVersion
                && old.Fields.Difference(s_unowned).SetEquals(entry.Fields.Difference(s_unowned))
                ? entry
                : entry with { Time = now.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture) };
        });

    // Past ten, the oldest Update entries become one, so that many names cannot fill an object.
    private static List<ManagedEntry> Cap(List<ManagedEntry> entries)
    {
        var updates = entries.Where(entry => !entry.Applied).OrderBy(entry => entry.Time, StringComparer.Ordinal).ToList();
        if (updates.Count <= MaxUpdateEntries)
        {
            return entries;
        }

        var oldest = updates.Take(updates.Count - MaxUpdateEntries + 1).ToList();
        var merged = oldest[^1] with
        {
            Manager = "ancient-changes",
            Subresource = "",
            Fields = oldest.Aggregate(FieldSet.Empty, (fields, entry) => fields.Union(entry.Fields)),
        };
        return [.. entries.Except(oldest), merged];
    }

    private static ManagedEntry? Entry(JsonObject? json)
    {
        var operation = json?["operation"]?.ToString();
        if (json is null || operation is not ("Apply" or "Update") || json["fieldsV1"] is not JsonObject fields)
        {
            return null;
        }

        try
        {
            return new ManagedEntry
            {
                Manager = json["manager"]?.ToString() ?? "",
                Applied = operation == "Apply",
                ApiVersion = json["apiVersion"]?.ToString() ?? "",
                Subresource = json["subresource"]?.ToString() ?? "",
                Time = json["time"]?.ToString(),
                Fields = FieldSet.Parse(fields),
            };
        }
        catch (FormatException)
        {
            return null;
        }
    }

    private static JsonObject Json(ManagedEntry entry)
    {
        var json = new JsonObject
        {
            ["manager"] = entry.Manager,
            ["operation"] = entry.Applied ? "Apply" : "Update",
            ["apiVersion"] = entry.ApiVersion,
        };
        if (entry.Time is not null)
        {
            json["time"] = entry.Time;
        }

        json["fieldsType"] = "FieldsV1";
        json["fieldsV1"] = entry.Fields.ToJson();
        if (entry.Subresource.Length > 0)
        {
            json["subresource"] = entry.Subresource;
        }

        return json;
    }

    private static JsonObject Timeless(JsonObject source)
    {
        if ((source["metadata"] as JsonObject)?["managedFields"] is not JsonArray)
        {
            return source;
        }

        var copy = (JsonObject)source.DeepClone();
        foreach (var entry in ((JsonArray)copy["metadata"]!["managedFields"]!).OfType<JsonObject>())
        {
            entry.Remove("time");
        }

        return copy;
    }
}
