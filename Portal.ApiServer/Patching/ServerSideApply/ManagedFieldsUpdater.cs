using Portal.ApiServer.Schemas;

namespace Portal.ApiServer.Patching.ServerSideApply;

/// <summary>Keeps managedFields right for writers that do not apply: create, replace, patch (operation <c>Update</c>).</summary>
internal static class ManagedFieldsUpdater
{
    /// <summary>
    /// Sets <c>metadata.managedFields</c> of <paramref name="updated"/> in place: fields that differ from <paramref name="live"/> move to the writer,
    /// removed fields leave every owner, empty entries go. Call it after defaulting, before storing.
    /// </summary>
    /// <remarks>
    /// managedFields sent by the client win over the live ones when they parse; an empty list or <c>[{}]</c> clears them and leaves them cleared until an apply.
    /// </remarks>
    /// <param name="live">The stored object, or null for a create.</param>
    public static void Update(JsonObject? live, JsonObject updated, StructuralSchema schema, FieldWriter writer)
    {
        var entries = Entries(live, updated, writer);
        ManagedFields.Clear(updated);
        if (entries.Count == 0 && live is not null)
        {
            return;
        }

        var before = live is null ? [] : (JsonObject)live.DeepClone();
        ManagedFields.Clear(before);
        var comparison = ObjectComparison.Between(before, updated, schema).Without(writer.IgnoredFields);
        var own = new ManagedEntry
        {
            Manager = writer.Manager,
            Applied = false,
            ApiVersion = writer.ApiVersion,
            Subresource = writer.Subresource ?? "",
            Fields = FieldSet.Empty,
        };
        own = entries.Find(own.IsSameWriter) ?? own;
        var lost = comparison.Removed.Union(comparison.Changed);
        var after = entries
            .Where(entry => !entry.IsSameWriter(own))
            .Select(entry => entry with { Fields = entry.Fields.Difference(lost) })
            .Append(own with { Fields = own.Fields.Union(comparison.Changed).Difference(comparison.Removed) });
        ManagedFields.Write(updated, ManagedFields.Stamp(entries, after, writer.Now));
    }

    private static List<ManagedEntry> Entries(JsonObject? live, JsonObject updated, FieldWriter writer)
    {
        // Through a subresource, managedFields of the request are not looked at.
        if (writer.Subresource is null)
        {
            if (ManagedFields.IsReset(updated))
            {
                return [];
            }

            if (ManagedFields.Read(updated) is { } sent)
            {
                return sent;
            }
        }

        return ManagedFields.Read(live) ?? [];
    }
}
