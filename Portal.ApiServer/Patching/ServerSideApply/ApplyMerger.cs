using System.Text;
using Portal.ApiServer.Schemas;

namespace Portal.ApiServer.Patching.ServerSideApply;

/// <summary>Who writes, and how, for the bookkeeping in <c>metadata.managedFields</c>.</summary>
internal sealed record FieldWriter
{
    /// <summary>The <c>fieldManager</c> of the request, or what stands for it.</summary>
    public required string Manager { get; init; }

    /// <summary><c>apiVersion</c> of the request.</summary>
    public required string ApiVersion { get; init; }

    /// <summary><c>status</c>, <c>scale</c>, or null for the main resource.</summary>
    public string? Subresource { get; init; }

    /// <summary>Time that changed entries get.</summary>
    public required DateTimeOffset Now { get; init; }

    /// <summary>
    /// Top-level fields this endpoint ignores, such as <c>status</c> on the main resource of a kind with a status subresource: never owned through it.
    /// </summary>
    public IReadOnlyCollection<string> IgnoredFields { get; init; } = [];
}

/// <summary>A field another manager owns with a different value. Field is a path such as <c>.spec.size</c>.</summary>
internal sealed record ApplyConflict(string Message, string Field);

/// <summary>
/// Outcome of an apply. With conflicts, <see cref="Object"/> is unset. The object is the merged one before defaulting and validation;
/// run defaults, then <see cref="ManagedFields.HasSameContent"/> against the live object to tell a no-op.
/// </summary>
internal sealed record ApplyResult(JsonObject? Object, IReadOnlyList<ApplyConflict> Conflicts)
{
    /// <summary>Message of the 409, such as <c>Apply failed with 1 conflict: conflict with "m1": .spec.size</c>.</summary>
    public string ConflictMessage => ApplyMerger.Describe(Conflicts);
}

/// <summary>Server-side apply (structured merge): who owns what decides what is kept, removed, and refused.</summary>
internal static class ApplyMerger
{
    /// <summary>Owner of what an object held before it was first applied and owners were not yet tracked.</summary>
    private const string BeforeFirstApply = "before-first-apply";

    /// <summary>
    /// Merges <paramref name="applied"/> into <paramref name="live"/> (null or <c>{apiVersion, kind, metadata}</c> when it does not exist yet).
    /// Neither input is changed. The result's managedFields are up to date.
    /// </summary>
    /// <param name="force">Take conflicting fields over instead of reporting conflicts.</param>
    /// <exception cref="ApplyException">The applied object does not fit the schema: unknown field, duplicate or missing list key, wrong type.</exception>
    public static ApplyResult Apply(JsonObject? live, JsonObject applied, StructuralSchema schema, FieldWriter writer, bool force)
    {
        AppliedObjectCheck.Check(applied, schema);
        var current = Bare(live);
        var before = ManagedFields.Read(live) ?? Untracked(live, current, schema, writer);
        var own = new ManagedEntry
        {
            Manager = writer.Manager,
            Applied = true,
            ApiVersion = writer.ApiVersion,
            Subresource = writer.Subresource ?? "",
            Fields = FieldSetBuilder.Of(applied, schema).Without(writer.IgnoredFields),
        };
        var last = before.Find(own.IsSameWriter);
        own = own with { Time = last?.Time };
        var others = before.Where(entry => !entry.IsSameWriter(own)).ToList();

        var merged = ObjectMerge.Merge(current, applied, schema);
        merged = Prune(merged, last?.Fields ?? FieldSet.Empty, [own, .. others], schema);

        var comparison = ObjectComparison.Between(current, merged, schema).Without(writer.IgnoredFields);
        var allowed = LastApplied.Allowed(live, schema, writer);
        var conflicts = others
            .Select(entry => (Entry: entry, Fields: entry.Fields.Intersection(comparison.Changed).Difference(allowed)))
            .Where(conflict => !conflict.Fields.IsEmpty)
            .ToList();
        if (!force && conflicts.Count > 0)
        {
            return new ApplyResult(null, [.. conflicts.SelectMany(conflict => conflict.Fields.Paths().Select(path => Conflict(conflict.Entry, path)))]);
        }

        var lost = comparison.Removed.Union(comparison.Changed);
        var after = others.Select(entry => entry with { Fields = entry.Fields.Difference(lost) }).Append(own);
        ManagedFields.Write(merged, ManagedFields.Stamp(before, after, writer.Now));
        LastApplied.Sync(live, merged, applied, writer);
        return new ApplyResult(merged, []);
    }

    internal static string Describe(IReadOnlyList<ApplyConflict> conflicts)
    {
        if (conflicts.Count == 1)
        {
            return $"Apply failed with 1 conflict: {conflicts[0].Message}: {conflicts[0].Field}";
        }

        var text = new StringBuilder($"Apply failed with {conflicts.Count} conflicts: ");
        var groups = conflicts.GroupBy(conflict => conflict.Message, StringComparer.Ordinal).OrderBy(group => group.Key, StringComparer.Ordinal);
        return text.AppendJoin('\n', groups.Select(group =>
            group.Key.Replace("conflict with", "conflicts with", StringComparison.Ordinal) + ":\n- " + string.Join("\n- ", group.Select(conflict => conflict.Field))))
            .ToString();
    }

    /// <summary>
    /// Removes what the manager applied last time, does not apply now, and nobody else claims. What nobody owns stays,
    /// unless it lies in something that goes whole.
    /// </summary>
    private static JsonObject Prune(JsonObject merged, FieldSet last, IReadOnlyList<ManagedEntry> entries, StructuralSchema schema)
    {
        if (last.IsEmpty)
        {
            return merged;
        }

        var lastNamed = last.WithParents();
        var mergedSet = FieldSetBuilder.Of(merged, schema).WithParents();
        var pruned = FieldRemoval.Remove(merged, lastNamed, schema);
        var owned = entries.Aggregate(FieldSet.Empty, (fields, entry) => fields.Union(entry.Fields)).WithParents();
        var prunedSet = FieldSetBuilder.Of(pruned, schema).WithParents();
        pruned = FieldRemoval.Remove(merged, mergedSet.Difference(prunedSet.Union(owned)), schema);
        prunedSet = FieldSetBuilder.Of(pruned, schema).WithParents();
        return FieldRemoval.Remove(merged, mergedSet.Difference(prunedSet).Intersection(lastNamed), schema);
    }

    private static List<ManagedEntry> Untracked(JsonObject? live, JsonObject current, StructuralSchema schema, FieldWriter writer)
    {
        if (live is null)
        {
            return [];
        }

        var all = ObjectComparison.Between([], current, schema).Added;
        return [new ManagedEntry { Manager = BeforeFirstApply, Applied = false, ApiVersion = writer.ApiVersion, Fields = all }];
    }

    private static JsonObject Bare(JsonObject? live)
    {
        var copy = live?.DeepClone() as JsonObject ?? [];
        ManagedFields.Clear(copy);
        return copy;
    }

    private static ApplyConflict Conflict(ManagedEntry entry, string path)
    {
        // An Update owner is named with its version, and subresource: its name alone does not identify it.
        var message = new StringBuilder($"conflict with \"{entry.Manager}\"");
        if (entry.Subresource.Length > 0)
        {
            message.Append($" with subresource \"{entry.Subresource}\"");
        }

        if (!entry.Applied)
        {
            message.Append($" using {entry.ApiVersion}");
        }

        return new ApplyConflict(message.ToString(), path);
    }
}

/// <summary>An applied object cannot be merged: the client's mistake. The message names the field.</summary>
internal sealed class ApplyException(string message) : Exception(message);
