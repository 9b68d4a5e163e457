namespace Portal.ApiServer;

/// <summary>Where an API server writes down who did what: one JSON object a line, an <c>audit.k8s.io/v1</c> Event of level Metadata for each answered request.</summary>
/// <param name="Path">The file. Older ones lie beside it, their names ending in the time they were closed.</param>
public sealed record AuditOptions(string Path)
{
    /// <summary>Size in bytes at which a new file begins.</summary>
    public long MaxBytes { get; init; } = 100 * 1024 * 1024;

    /// <summary>How many older files are kept.</summary>
    public int MaxBackups { get; init; } = 10;
}
