using System.Text.Json.Serialization;

namespace Portal.Runner.Contract;

/// <summary>
/// How records reach the portal: <c>POST /api/v1/usage</c> with <c>Authorization: Bearer TOKEN</c> and
/// <c>{"sentAt": "…", "records": [UsageRecord, …]}</c>. Answered once what was taken is on disk, with a <see cref="UsageReceipt"/>.
/// </summary>
public static class UsageBatch
{
    public const string Path = "/api/v1/usage";

    /// <summary>Records of one batch, and bytes of its body, at most.</summary>
    public const int MaxRecords = 1000;
    public const int MaxBytes = 1024 * 1024;
}

/// <summary>What became of a batch. Records that are neither new nor rejected were known already.</summary>
public sealed record UsageReceipt
{
    /// <summary>Records that are new.</summary>
    public required int Accepted { get; init; }

    /// <summary>Records whose call id was known: they count once.</summary>
    public required int Duplicates { get; init; }

    /// <summary>Records that cannot be taken, now or later.</summary>
    public IReadOnlyList<UsageRejection> Rejected { get; init; } = [];
}

/// <param name="Index">Place in the batch, from 0.</param>
/// <param name="CallId">Null when it has none.</param>
/// <param name="Field">The field that is wrong; null when it is the record itself.</param>
/// <param name="Reason">What is wrong with it.</param>
public sealed record UsageRejection(int Index, string? CallId, string? Field, string Reason);

/// <summary>The JSON options of usage on the wire and in the spool: one line a record, nothing that is absent.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(UsageRecord))]
[JsonSerializable(typeof(UsageReceipt))]
[JsonSerializable(typeof(IReadOnlyList<TokenUsage>))]
public sealed partial class UsageJson : JsonSerializerContext;
