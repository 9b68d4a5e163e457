using System.Globalization;

namespace Portal.ApiServer.Handlers;

/// <summary>Reads and changes <c>metadata</c> of objects as JSON.</summary>
internal static class Metadata
{
    public const string ForegroundFinalizer = "foregroundDeletion";
    public const string OrphanFinalizer = "orphan";

    /// <summary>The metadata object, made when there is none.</summary>
    public static JsonObject Of(JsonObject target)
    {
        if (target["metadata"] is not JsonObject metadata)
        {
            target["metadata"] = metadata = [];
        }

        return metadata;
    }

    public static string Text(JsonObject target, string key) =>
        target["metadata"] is JsonObject metadata && metadata[key] is JsonValue value && value.TryGetValue(out string? text) ? text : "";

    public static long Generation(JsonObject target) =>
        target["metadata"]?["generation"] is JsonValue value && value.TryGetValue(out long generation) ? generation : 0;

    public static bool IsTerminating(JsonObject target) => target["metadata"]?["deletionTimestamp"] is not null;

    public static List<string> Finalizers(JsonObject target) =>
        target["metadata"]?["finalizers"] is JsonArray list ? [.. list.Select(item => item?.ToString() ?? "")] : [];

    public static void SetFinalizers(JsonObject target, IEnumerable<string> finalizers)
    {
        var list = new JsonArray([.. finalizers.Select(finalizer => (JsonNode)finalizer)]);
        if (list.Count > 0)
        {
            Of(target)["finalizers"] = list;
        }
        else
        {
            Of(target).Remove("finalizers");
        }
    }

    /// <summary>Removes lists and maps that hold nothing: metadata does not show them.</summary>
    public static void DropEmpty(JsonObject target)
    {
        if (target["metadata"] is not JsonObject metadata)
        {
            return;
        }

        foreach (var field in (ReadOnlySpan<string>)["labels", "annotations", "finalizers", "ownerReferences"])
        {
            if (metadata[field] is JsonObject { Count: 0 } or JsonArray { Count: 0 })
            {
                metadata.Remove(field);
            }
        }
    }

    /// <summary>Puts the fields that only the server sets back to what they were.</summary>
    public static void KeepSystemFields(JsonObject target, JsonObject old)
    {
        var metadata = Of(target);
        var before = Of(old);
        metadata.Remove("selfLink");
        foreach (var field in (ReadOnlySpan<string>)["uid", "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds", "generation", "generateName"])
        {
            if (field == "generateName" && metadata.ContainsKey(field))
            {
                continue;
            }

            Copy(before, metadata, field);
        }
    }

    /// <summary>Makes a field of one object that of another, absence included.</summary>
    public static void Copy(JsonObject from, JsonObject to, string field)
    {
        if (from.TryGetPropertyValue(field, out var value))
        {
            to[field] = value?.DeepClone();
        }
        else
        {
            to.Remove(field);
        }
    }

    public static string Format(long number) => number.ToString(CultureInfo.InvariantCulture);
}
