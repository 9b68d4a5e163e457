namespace Portal.Data;

/// <summary>An object of the cluster as it was recorded last, so that what changed while the portal was away is noticed.</summary>
public sealed class ObservedObject
{
    public required string Kind { get; set; }

    /// <summary>Empty, with an empty name, marks that the kind was looked at once.</summary>
    public required string Namespace { get; set; }
    public required string Name { get; set; }
    public required string Uid { get; set; }

    /// <summary>SHA-256 of its spec, labels and annotations.</summary>
    public required string Hash { get; set; }
}
