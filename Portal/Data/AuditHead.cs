namespace Portal.Data;

/// <summary>A signed statement that the audit log had exactly these rows up to one of them. Times in UTC.</summary>
public sealed class AuditHead
{
    /// <summary>Says how far the log went.</summary>
    public const string Head = "head";

    /// <summary>Stands for the rows up to it, which were removed after their time.</summary>
    public const string Checkpoint = "checkpoint";

    public long Id { get; set; }

    /// <summary><see cref="Head"/> or <see cref="Checkpoint"/>.</summary>
    public required string Kind { get; set; }

    /// <summary>Of the last row it covers.</summary>
    public required long Sequence { get; set; }

    /// <summary>The hash of that row.</summary>
    public required string Hash { get; set; }

    public required DateTime At { get; set; }

    /// <summary>Which key signed.</summary>
    public required string KeyId { get; set; }

    /// <summary>Base64 of ECDSA over P-256 with SHA-256.</summary>
    public required string Signature { get; set; }
}
