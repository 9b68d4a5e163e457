namespace Portal.Features.Releases.Policies;

/// <summary>The environments of this portal, and the policy of namespaces that belong to none.</summary>
public sealed class ReleaseSettings(ReleasePolicy @default, IReadOnlyList<ReleaseEnvironment> environments)
{
    /// <summary>Asks for the approval of one other person, so that four-eyes release can be tried in the first five minutes.</summary>
    private static readonly ReleaseEnvironment s_demo = new() { Name = "demo", Namespaces = ["demo"], Policy = new ReleasePolicy { Approvals = 1 } };

    public ReleasePolicy Default { get; } = @default;

    public IReadOnlyList<ReleaseEnvironment> Environments { get; } = environments;

    /// <param name="withDemo">Whether the demo namespace gets a policy of its own, unless the options give it one.</param>
    public static ReleaseSettings Of(ReleaseOptions options, bool withDemo)
    {
        var environments = options.Environments.Select(item => new ReleaseEnvironment
        {
            Name = item.Name,
            Namespaces = item.Namespaces,
            Labels = item.Labels,
            IsConfigured = true,
            Policy = PolicyOf(item),
        }).ToList();
        if (withDemo && !environments.Any(environment => environment.Name == s_demo.Name || environment.Namespaces.Contains(s_demo.Name)))
        {
            environments.Add(s_demo);
        }

        return new ReleaseSettings(PolicyOf(options), environments);
    }

    private static ReleasePolicy PolicyOf(ReleasePolicyOptions options) => new()
    {
        Approvals = options.Approvals,
        RequiredGroups = options.RequiredGroups,
        AllowSelfApproval = options.AllowSelfApproval,
        ExpiresAfter = options.ExpiresAfterHours is { } hours ? TimeSpan.FromHours(hours) : null,
        Freezes = options.Freezes,
    };
}
