using System.Globalization;
using Portal.Kubernetes.Client;
using Portal.Kubernetes.Objects;

namespace Portal.Features.Ownership;

/// <summary>One entry of an object's managedFields: who wrote which fields, and when (UTC, whole seconds).</summary>
/// <param name="Manager">Such as <c>kubectl-edit</c>.</param>
/// <param name="Operation"><c>Apply</c> or <c>Update</c>.</param>
/// <param name="Time">Null when it is not told.</param>
public sealed record FieldsEntry(string Manager, string Operation, DateTimeOffset? Time, JsonObject Fields)
{
    /// <summary>The entries about the object itself; those about its status are left out.</summary>
    public static IReadOnlyList<FieldsEntry> Of(KubeObject item) =>
        item.Metadata["managedFields"] is JsonArray entries ? [.. entries.OfType<JsonObject>().Where(entry => !IsStatus(entry)).Select(Read)] : [];

    /// <summary>Who made <paramref name="after"/> of <paramref name="before"/>: the newest entry that is not as it was; null when there is none. Times are whole seconds and
    /// decide only between those that did more than lose fields to somebody else.</summary>
    public static FieldsEntry? WriterOf(KubeObject? before, KubeObject after)
    {
        var known = (before?.Metadata["managedFields"] as JsonArray)?.OfType<JsonObject>().Select(entry => entry.ToJsonString()).ToHashSet(StringComparer.Ordinal) ?? [];
        var entries = (after.Metadata["managedFields"] as JsonArray)?.OfType<JsonObject>().Where(entry => !IsStatus(entry)).ToList() ?? [];
        var changed = entries.Where(entry => !known.Contains(entry.ToJsonString())).Select(Read).ToList();
        var older = before is null ? [] : Of(before);
        var wrote = changed.Where(entry => !older.Any(old => (old.Manager, old.Operation) == (entry.Manager, entry.Operation) && entry.HasLessThan(old))).ToList();
        return (wrote.Count > 0 ? wrote : changed.Count > 0 ? changed : [.. entries.Select(Read)]).MaxBy(entry => entry.Time ?? DateTimeOffset.MinValue);
    }

    /// <summary>Who besides the portal wrote the spec last; null when nobody did.</summary>
    public static FieldsEntry? OtherWriterOf(KubeObject item) =>
        Of(item).Where(entry => entry.HoldsSpec && entry.Manager != FieldManager.Portal.Name).MaxBy(entry => entry.Time ?? DateTimeOffset.MinValue);

    /// <summary>Such as <c>scale</c>; null for the object itself.</summary>
    public string? Subresource { get; private init; }

    public bool HoldsSpec => Fields.ContainsKey("f:spec");

    private bool HasLessThan(FieldsEntry other) => IsPart(Fields, other.Fields) && !IsPart(other.Fields, Fields);

    private static bool IsPart(JsonObject fields, JsonObject whole) =>
        fields.All(field => whole[field.Key] is JsonObject known ? field.Value is not JsonObject mine || IsPart(mine, known) : whole.ContainsKey(field.Key));

    private static bool IsStatus(JsonObject entry) => Text(entry, "subresource") is "status" || entry["fieldsV1"] is JsonObject { Count: 1 } fields && fields.ContainsKey("f:status");

    private static FieldsEntry Read(JsonObject entry) => new(
        Text(entry, "manager") ?? "unknown",
        Text(entry, "operation") ?? "Update",
        DateTimeOffset.TryParse(Text(entry, "time"), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time) ? time : null,
        entry["fieldsV1"] as JsonObject ?? [])
    { Subresource = Text(entry, "subresource") is { Length: > 0 } subresource ? subresource : null };

    private static string? Text(JsonObject entry, string name) => entry[name] is JsonValue value && value.TryGetValue(out string? text) ? text : null;
}
