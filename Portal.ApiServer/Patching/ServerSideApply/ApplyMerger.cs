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
    /// <summary>
    /// Merges <paramref name="applied"/> into <paramref name="live"/> (null or <c>{apiVersion, kind, metadata}</c> when it does not exist yet).
    /// Neither input is changed. The result's managedFields are up to date.
    /// </summary>
    /// <param name="force">Take conflicting fields over instead of reporting conflicts.</param>
    /// <exception cref="ApplyException">The applied object does not fit the schema: unknown field, duplicate or missing list key, wrong type.</exception>
    public static ApplyResult Apply(JsonObject? live, JsonObject applied, StructuralSchema schema, FieldWriter writer, bool force) =>
        throw new NotImplementedException();

    internal static string Describe(IReadOnlyList<ApplyConflict> conflicts) => throw new NotImplementedException();
}

/// <summary>An applied object cannot be merged: the client's mistake. The message names the field.</summary>
internal sealed class ApplyException(string message) : Exception(message);
