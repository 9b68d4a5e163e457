using Portal.Features.Releases.Policies;

namespace Portal;

/// <summary>What it takes to publish.</summary>
public record ReleasePolicyOptions
{
    /// <summary>How many people must agree.</summary>
    public int Approvals { get; init; }

    /// <summary>Groups of the sign-in that a reviewer must be in, all of them.</summary>
    public IReadOnlyList<string> RequiredGroups { get; init; } = [];

    /// <summary>Whether authors may approve what they wrote.</summary>
    public bool AllowSelfApproval { get; init; }

    /// <summary>Whether admission refuses prompt texts in the cluster that went through no release, whoever writes them.</summary>
    public bool OnlyApproved { get; init; }

    /// <summary>Names of Evals that must have passed on the content that is published.</summary>
    public IReadOnlyList<string> RequiredEvals { get; init; } = [];

    /// <summary>How long a request waits; null for ever.</summary>
    public double? ExpiresAfterHours { get; init; }

    /// <summary>Times when nothing is published.</summary>
    public IReadOnlyList<FreezeWindow> Freezes { get; init; } = [];
}

/// <summary>The policy of namespaces that belong to no environment, and the environments.</summary>
public sealed record ReleaseOptions : ReleasePolicyOptions
{
    public IReadOnlyList<ReleaseEnvironmentOptions> Environments { get; init; } = [];
}

/// <summary>Namespaces under one policy.</summary>
public sealed record ReleaseEnvironmentOptions : ReleasePolicyOptions
{
    public string Name { get; init; } = "";

    public IReadOnlyList<string> Namespaces { get; init; } = [];

    /// <summary>Namespaces that have all these labels belong to it too.</summary>
    public IReadOnlyDictionary<string, string> Labels { get; init; } = new Dictionary<string, string>();
}
