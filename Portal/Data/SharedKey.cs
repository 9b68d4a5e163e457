namespace Portal.Data;

/// <summary>A key that all portals on one database have in common.</summary>
public sealed class SharedKey
{
    /// <summary>What it is for, and which one it is: <c>protection/…</c> or <c>audit/…</c>.</summary>
    public required string Name { get; set; }

    /// <summary>XML or PEM; what is secret in it is encrypted as its owner says.</summary>
    public required string Content { get; set; }
}
