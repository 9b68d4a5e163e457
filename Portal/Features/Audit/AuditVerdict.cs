namespace Portal.Features.Audit;

/// <summary>What a check of the whole log found.</summary>
public sealed record AuditVerdict
{
    /// <summary>The first thing that is wrong; null when the log is as it was written.</summary>
    public AuditProblem? Problem { get; init; }

    /// <summary>How many rows were in order.</summary>
    public required long Rows { get; init; }

    /// <summary>Of the first row there is, 0 when there is none; before it a checkpoint stands for what was removed after its time.</summary>
    public required long First { get; init; }

    /// <summary>Of the last row in order; 0 when there is none.</summary>
    public required long Last { get; init; }

    /// <summary>Up to which row a signed head vouches; 0 when there is none yet.</summary>
    public required long SignedUpTo { get; init; }

    /// <summary>Things to know that are no proof of tampering.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];

    public required TimeSpan Duration { get; init; }

    public bool IsIntact => Problem is null;
}

public enum AuditProblemKind
{
    /// <summary>A field of the row is not what was written.</summary>
    Altered,

    /// <summary>Rows are not there.</summary>
    Missing,

    /// <summary>The row was written, but at another place.</summary>
    Moved,

    /// <summary>The portal did not write the row.</summary>
    Inserted,

    /// <summary>Rows at the end are not there, or others are in their place.</summary>
    Truncated,

    /// <summary>A head or checkpoint is not what the portal signed.</summary>
    Head,
}

/// <param name="Sequence">The row it begins with.</param>
/// <param name="Message">What is wrong, for people.</param>
public sealed record AuditProblem(AuditProblemKind Kind, long Sequence, string Message);

/// <summary>How far a check is.</summary>
public readonly record struct AuditProgress(long Checked, long Total);
