namespace Portal.Data;

/// <summary>One row of the audit log. It is never changed; <see cref="Hash"/> holds it and all rows before it in place. Times in UTC.</summary>
public sealed class AuditRow
{
    /// <summary>From 1, without gaps.</summary>
    public long Sequence { get; set; }
    public required DateTime At { get; set; }
    public required string ActorId { get; set; }
    public required string ActorName { get; set; }

    /// <summary>Name of an <see cref="Auth.ActorKind"/>.</summary>
    public required string ActorKind { get; set; }

    /// <summary>Where it was done: <c>portal</c>, <c>api</c>, <c>kubectl</c>, <c>gitops</c>, <c>operator</c> or <c>system</c>.</summary>
    public required string Source { get; set; }

    /// <summary>Dotted words: <c>release.approved</c>.</summary>
    public required string Action { get; set; }
    public required string Kind { get; set; }
    public string? Namespace { get; set; }
    public string? Name { get; set; }

    /// <summary><c>Succeeded</c>, <c>Refused</c> or <c>Failed</c>.</summary>
    public required string Result { get; set; }

    /// <summary>JSON array of changed fields; null when there are none.</summary>
    public string? Changes { get; set; }
    public string? Reason { get; set; }
    public string? CorrelationId { get; set; }

    /// <summary>Of the network, where it came from.</summary>
    public string? Address { get; set; }

    /// <summary>Hexadecimal SHA-256 of the row before and this one.</summary>
    public required string Hash { get; set; }

    /// <summary>Key id and HMAC of <see cref="Hash"/>: only the portal can make it.</summary>
    public required string Seal { get; set; }
}
