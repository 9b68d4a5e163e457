namespace Portal.Features.Releases.Policies;

/// <summary>What it takes to publish into an environment.</summary>
public sealed record ReleasePolicy
{
    /// <summary>How many people must agree. 0 lets those publish at once who may publish without review; anyone else still needs one.</summary>
    public int Approvals { get; init; }

    /// <summary>Groups every counted reviewer is in; empty for anyone who may approve.</summary>
    public IReadOnlyList<string> RequiredGroups { get; init; } = [];

    /// <summary>Whether somebody who wrote a part of it counts as its reviewer.</summary>
    public bool AllowSelfApproval { get; init; }

    /// <summary>Whether the cluster takes prompt texts from nobody, kubectl included, unless they went through a release.</summary>
    public bool OnlyApproved { get; init; }

    /// <summary>Names of Evals that must have passed on exactly the content that is published.</summary>
    public IReadOnlyList<string> RequiredEvals { get; init; } = [];

    /// <summary>How long a request waits before it lapses; null for ever.</summary>
    public TimeSpan? ExpiresAfter { get; init; }

    /// <summary>Times when nothing is published.</summary>
    public IReadOnlyList<FreezeWindow> Freezes { get; init; } = [];

    /// <summary>The window that forbids publishing now; null when none does.</summary>
    public FreezeWindow? FreezeAt(DateTimeOffset now) => Freezes.FirstOrDefault(window => window.Contains(now));

    /// <summary>One policy that keeps all of them: an object in several environments needs what each of them asks.</summary>
    public static ReleasePolicy Strictest(IReadOnlyCollection<ReleasePolicy> policies) => policies.Count switch
    {
        0 => new ReleasePolicy(),
        1 => policies.First(),
        _ => new ReleasePolicy
        {
            Approvals = policies.Max(policy => policy.Approvals),
            RequiredGroups = [.. policies.SelectMany(policy => policy.RequiredGroups).Distinct(StringComparer.Ordinal)],
            AllowSelfApproval = policies.All(policy => policy.AllowSelfApproval),
            OnlyApproved = policies.Any(policy => policy.OnlyApproved),
            RequiredEvals = [.. policies.SelectMany(policy => policy.RequiredEvals).Distinct(StringComparer.Ordinal)],
            ExpiresAfter = policies.Min(policy => policy.ExpiresAfter),
            Freezes = [.. policies.SelectMany(policy => policy.Freezes)],
        },
    };
}
